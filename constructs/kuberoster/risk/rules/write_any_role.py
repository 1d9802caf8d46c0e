"""Writing any right into a role."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import RBAC, WRITE, asks, either, meets

_ESCALATE = asks("escalate", f"roles.{RBAC}")
_ROLES = asks(WRITE, f"roles.{RBAC}")
_ESCALATE_CLUSTER = asks("escalate", f"clusterroles.{RBAC}", clustered=True)
_CLUSTER_ROLES = asks(WRITE, f"clusterroles.{RBAC}", clustered=True)

RULE = RiskRule(
    id="write-any-role",
    severity="critical",
    reason=(
        "can write more rights into a role than the user has: escalate, and writing a role, "
        "come together"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb",
    mend="Take away one of the two.",
    hits=either(meets(_ESCALATE, _ROLES), meets(_ESCALATE_CLUSTER, _CLUSTER_ROLES)),
)
