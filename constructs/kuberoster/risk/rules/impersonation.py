"""Impersonation: acting as somebody else, for everything or for some requests.

https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
"""

from collections.abc import Sequence

from kuberoster.model.served import IDENTITIES
from kuberoster.model.severity import Severity
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import among_users, constrained, either, meets, names, naming
from kuberoster.risk.right import right
from kuberoster.risk.rules.accounts import is_user
from kuberoster.risk.scope import Evidence, Scope

_REQUESTS = "requests as others"
_EXTRAS = f"uids.{IDENTITIES} userextras.{IDENTITIES} userextras.{IDENTITIES}/*"
_SOURCE = "https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/"
_NARROW = "Leave it out; resource_names, or the constrained verbs of Kubernetes 1.36, narrow it."
MASTERS = "system:masters"
"""Whoever is in it may do anything, whatever RBAC says."""

AS_ACCOUNTS = right(
    "impersonate", "serviceaccounts", does="act as ServiceAccounts", makes=_REQUESTS
)
AS_USERS = right("impersonate", "users", does="act as any user", makes=_REQUESTS, clustered=True)
AS_GROUPS = right(
    "impersonate",
    "groups",
    does="act as a member of any group, together with a user",
    makes=_REQUESTS,
    clustered=True,
)
"""The API server takes no group without a user, who may be a ServiceAccount."""
WITH_EXTRAS = right(
    "impersonate",
    _EXTRAS,
    does="claim UIDs and extra fields of identities",
    makes=_REQUESTS,
    clustered=True,
)
AS_SOME_ACCOUNTS = right("impersonate:serviceaccount", f"serviceaccounts.{IDENTITIES}")
AS_SOME_USERS = right("impersonate:user-info", f"users.{IDENTITIES}", clustered=True)
AS_SOME_GROUPS = right("impersonate:user-info", f"groups.{IDENTITIES}", clustered=True)
AS_SOME_USERS_OR_GROUPS = right(
    "impersonate:user-info", f"users.{IDENTITIES} groups.{IDENTITIES}", clustered=True
)
WITH_SOME_EXTRAS = right("impersonate:user-info", _EXTRAS, clustered=True)
AS_SOME_NODES = right(
    "impersonate:arbitrary-node impersonate:associated-node",
    f"nodes.{IDENTITIES}",
    clustered=True,
)


def _members(scope: Scope) -> list[Evidence]:
    groups = scope.evidence(AS_GROUPS)
    users = [*scope.evidence(AS_USERS), *scope.evidence_anywhere(AS_ACCOUNTS)] if groups else []
    return [*groups, *users] if users else []


def _weigh_groups(scope: Scope, evidence: Sequence[Evidence]) -> Severity:
    groups = [each for each in evidence if each.rule and "groups" in each.rule.resources]
    anybody = any(not names(each) or MASTERS in names(each) for each in groups or evidence)
    return "critical" if anybody else "high"


RULES = (
    RiskRule(
        id="impersonate-users",
        severity="critical",
        reason="can act as another user, the cluster's administrators among them",
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#impersonate-verb",
        mend=_NARROW,
        hits=meets(AS_USERS),
    ),
    RiskRule(
        id="impersonate-groups",
        severity="critical",
        reason=(
            "can act with the rights of another group; system:masters may do anything, whatever "
            "RBAC says"
        ),
        source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#impersonate-verb",
        mend="Leave it out; resource_names narrow it, and never to system:masters.",
        hits=_members,
        weigh=_weigh_groups,
    ),
    RiskRule(
        id="impersonate-extras",
        severity="high",
        reason=(
            "can claim a UID or an extra field, such as scopes, on which authorizers, webhooks "
            "and auditors rely"
        ),
        source=_SOURCE,
        mend=(
            "Leave it out; a single field, such as userextras/scopes, and resource_names narrow it."
        ),
        hits=either(meets(WITH_EXTRAS), constrained(WITH_SOME_EXTRAS, "user-info")),
    ),
    RiskRule(
        id="impersonate-service-accounts",
        severity="medium",
        system_severity="critical",
        reason="can act as the ServiceAccounts there",
        source=_SOURCE,
        mend=_NARROW,
        hits=meets(AS_ACCOUNTS),
    ),
    RiskRule(
        id="impersonate-roster-users",
        severity="critical",
        reason="can act as any of the roster's users",
        source=_SOURCE,
        mend=(
            "Grant no impersonation in a users' namespace, nor of ServiceAccounts over the whole "
            "cluster."
        ),
        hits=among_users(
            either(
                naming(meets(AS_ACCOUNTS), is_user),
                constrained(AS_SOME_ACCOUNTS, "serviceaccount"),
            )
        ),
    ),
    RiskRule(
        id="impersonate-users-constrained",
        severity="high",
        reason=(
            "can act as another user or group for the requests that the impersonate-on verbs "
            "name; both halves are there"
        ),
        source=_SOURCE,
        mend="Leave it out; resource_names, and the few verbs and resources needed, narrow it.",
        hits=constrained(AS_SOME_USERS_OR_GROUPS, "user-info"),
    ),
    RiskRule(
        id="impersonate-service-accounts-constrained",
        severity="medium",
        system_severity="high",
        reason=(
            "can act as the ServiceAccounts there for the requests that the impersonate-on "
            "verbs name; both halves are there"
        ),
        source=_SOURCE,
        mend="Leave it out; resource_names, and the few verbs and resources needed, narrow it.",
        hits=constrained(AS_SOME_ACCOUNTS, "serviceaccount"),
    ),
    RiskRule(
        id="impersonate-nodes-constrained",
        severity="high",
        reason=(
            "can act as a node, which may read the Secrets of its pods, for the requests that "
            "the impersonate-on verbs name"
        ),
        source=_SOURCE,
        mend="Leave nodes to what runs on them, which needs associated-node alone.",
        hits=constrained(AS_SOME_NODES, "arbitrary-node", "associated-node"),
    ),
)
