"""Changing what another user of the roster may do."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import RBAC, asks
from kuberoster.risk.scope import Evidence, UserScope

_VERBS = "update patch delete deletecollection"
_KINDS = {
    "RoleBinding": asks(_VERBS, f"rolebindings.{RBAC}"),
    "Role": asks(_VERBS, f"roles.{RBAC}"),
    "ClusterRoleBinding": asks(_VERBS, f"clusterrolebindings.{RBAC}", clustered=True),
    "ClusterRole": asks(_VERBS, f"clusterroles.{RBAC}", clustered=True),
}


def _hits(scope: UserScope) -> list[Evidence]:
    return [
        each
        for kind, need in _KINDS.items()
        for each in scope.evidence(need)
        if each.rule and scope.others_need(kind, each.rule.resource_names)
    ]


RULE = RiskRule(
    id="write-others-access",
    severity="medium",
    system_severity="high",
    reason=(
        "can change or remove a binding or role that gives another user of the roster access, "
        "and only drift shows it"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping",
    mend=(
        "Let the roster bind roles, and leave update, patch and delete of roles and bindings out."
    ),
    hits_of_user=_hits,
)
