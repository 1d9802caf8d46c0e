"""Roles and bindings: who may hand on rights, and more than they have."""

from collections.abc import Iterable

from kuberoster.model.manifests import RBAC
from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.rbac.policy import RoleKey
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import away_from_guard, either, names, on_one_object, one_of
from kuberoster.risk.right import DELETE, WRITE, right
from kuberoster.risk.rules.accounts import REQUEST_TOKENS
from kuberoster.risk.rules.impersonation import AS_ACCOUNTS
from kuberoster.risk.rules.pods import CREATE_PODS
from kuberoster.risk.rules.secrets import SHOW_ALL_SECRETS
from kuberoster.risk.scope import Evidence, Scope, UserScope

_ROLES, _BINDINGS = "roles", "bindings"
_GIVES = "give access to others"
_ESCALATION = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping"

WRITE_BINDINGS = right(WRITE, f"rolebindings.{RBAC}", does=_GIVES, makes=_BINDINGS)
WRITE_CLUSTER_BINDINGS = right(
    WRITE, f"clusterrolebindings.{RBAC}", does=_GIVES, makes=_BINDINGS, clustered=True
)
WRITE_ROLES = right(WRITE, f"roles.{RBAC}", does="change what roles allow", makes=_ROLES)
WRITE_CLUSTER_ROLES = right(
    WRITE, f"clusterroles.{RBAC}", does="change what roles allow", makes=_ROLES, clustered=True
)
CHANGE_ROLES = right("update patch", f"roles.{RBAC}")
CHANGE_CLUSTER_ROLES = right("update patch", f"clusterroles.{RBAC}", clustered=True)
_BINDS = "bind roles with more rights than it has itself"
BIND_ROLES = right("bind", f"roles.{RBAC}", does=_BINDS, makes=_ROLES)
BIND_CLUSTER_ROLES = right("bind", f"clusterroles.{RBAC}", does=_BINDS, makes=_ROLES)
BIND_EVERYWHERE = right("bind", f"clusterroles.{RBAC}", clustered=True)
_ESCALATES = "write more rights into roles than it has itself"
ESCALATE_ROLES = right("escalate", f"roles.{RBAC}", does=_ESCALATES, makes=_ROLES)
ESCALATE_CLUSTER_ROLES = right(
    "escalate", f"clusterroles.{RBAC}", does=_ESCALATES, makes=_ROLES, clustered=True
)

_CHANGES = f"update patch {DELETE}"
_GIVEN_BY = {
    "RoleBinding": right(_CHANGES, f"rolebindings.{RBAC}"),
    "Role": right(_CHANGES, f"roles.{RBAC}"),
    "ClusterRoleBinding": right(_CHANGES, f"clusterrolebindings.{RBAC}", clustered=True),
    "ClusterRole": right(_CHANGES, f"clusterroles.{RBAC}", clustered=True),
}


_STRONG = (BIND_ROLES, BIND_CLUSTER_ROLES, ESCALATE_ROLES, ESCALATE_CLUSTER_ROLES)
_STRONG_EVERYWHERE = (SHOW_ALL_SECRETS, CREATE_PODS, REQUEST_TOKENS, AS_ACCOUNTS)


def _bound(scope: Scope) -> list[Evidence]:
    """Bind, and write a binding, where a role can be bound that is worth it."""
    found: list[Evidence] = []
    for bind, write, everywhere in (
        (BIND_ROLES, WRITE_BINDINGS, False),
        (BIND_CLUSTER_ROLES, WRITE_BINDINGS, False),
        (BIND_EVERYWHERE, WRITE_CLUSTER_BINDINGS, True),
    ):
        namespace = scope.namespace if bind is BIND_ROLES else ""
        roles = [
            each for each in scope.evidence(bind) if _is_strong(each, namespace, scope, everywhere)
        ]
        written = scope.evidence(write) if roles else []
        found += [*roles, *written] if written else []
    return found


def _is_strong(evidence: Evidence, namespace: str, scope: Scope, everywhere: bool) -> bool:
    """Whether any role may be bound, or one that says more than to work with an application.

    To bind `view` or `edit` in a namespace is the usual way to delegate. A role that is not known
    is not taken to be strong: `bind-roles` is found all the same.
    """
    if not names(evidence):
        return True
    roles = scope.surroundings.policy.roles
    known = (roles.get(RoleKey(namespace, name)) for name in names(evidence))
    return any(_says_much(role.rules, everywhere) for role in known if role)


def _says_much(rules: Iterable[PolicyRule], everywhere: bool) -> bool:
    strong = (*_STRONG, *_STRONG_EVERYWHERE) if everywhere else _STRONG
    return any(each.part(rule) for rule in rules for each in strong)


def _of_others(scope: UserScope) -> list[Evidence]:
    return [
        each
        for kind, need in _GIVEN_BY.items()
        for each in scope.evidence(need)
        if each.rule and scope.others_need(kind, each.rule.resource_names)
    ]


RULES = (
    RiskRule(
        id="bind-roles",
        severity="low",
        system_severity="high",
        reason=(
            "may bind roles with more rights than the user has, as soon as the user can write a "
            "binding too"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#bind-verb",
        mend=(
            "Leave bind out, and let the roster bind roles; resource_names narrow it to some roles."
        ),
        hits=one_of(BIND_ROLES, BIND_CLUSTER_ROLES),
    ),
    RiskRule(
        id="grant-any-role",
        severity="critical",
        reason=(
            "can bind roles with more rights than the user has: bind, and writing a binding, "
            "come together"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#bind-verb",
        mend="Take away one of the two, and let the roster bind roles.",
        hits=_bound,
    ),
    RiskRule(
        id="escalate-roles",
        severity="low",
        system_severity="high",
        reason=(
            "may write roles with more rights than the user has, as soon as the user can write "
            "a role too"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb",
        mend=(
            "Leave escalate out; without it, nobody can write more rights into a role than they "
            "have."
        ),
        hits=one_of(ESCALATE_ROLES, ESCALATE_CLUSTER_ROLES),
    ),
    RiskRule(
        id="write-any-role",
        severity="critical",
        reason=(
            "can write more rights into a role than the user has: escalate, and writing a role, "
            "come together"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb",
        mend="Take away one of the two.",
        hits=either(
            on_one_object(ESCALATE_ROLES, WRITE_ROLES),
            on_one_object(ESCALATE_CLUSTER_ROLES, WRITE_CLUSTER_ROLES),
        ),
    ),
    RiskRule(
        id="write-bindings",
        severity="medium",
        system_severity="high",
        reason=(
            "can hand on every right of the user's own to anybody, and the roster does not show it"
        ),
        source=_ESCALATION,
        mend="Let the roster bind roles, and leave rolebindings out.",
        hits=away_from_guard(one_of(WRITE_BINDINGS, WRITE_CLUSTER_BINDINGS)),
    ),
    RiskRule(
        id="write-roles",
        severity="medium",
        system_severity="high",
        reason=(
            "can change what others may do by a role, as far as the user's own rights go, and "
            "the roster does not show it"
        ),
        source=_ESCALATION,
        mend="Let the roster declare roles, and leave roles and clusterroles out.",
        hits=one_of(WRITE_ROLES, WRITE_CLUSTER_ROLES),
    ),
    RiskRule(
        id="write-others-access",
        severity="medium",
        system_severity="high",
        reason=(
            "can change or remove a binding or role that gives another user of the roster "
            "access, and only drift shows it"
        ),
        source=_ESCALATION,
        mend=(
            "Let the roster bind roles, and leave update, patch and delete of roles and bindings "
            "out."
        ),
        hits_of_user=_of_others,
    ),
)
