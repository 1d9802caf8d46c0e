"""The roles edit and admin in a users' namespace."""

from kuberoster.rbac.policy import RoleKey
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import among_users
from kuberoster.risk.scope import Evidence, Scope

_WIDE = {RoleKey("", name) for name in ("edit", "admin", "cluster-admin")}


def _hits(scope: Scope) -> list[Evidence]:
    return [Evidence(binding, None) for binding in scope.bindings if binding.role in _WIDE]


RULE = RiskRule(
    id="edit-users-namespace",
    severity="critical",
    reason=(
        "has a role that includes impersonation of every ServiceAccount and, where no guard "
        "stands, their tokens, in the namespace where ServiceAccounts are people"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles",
    mend=(
        "Grant `edit` and `admin` in the namespaces of applications, never over the whole cluster."
    ),
    hits=among_users(_hits),
)
