"""Writing roles."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import RBAC, WRITE, asks, either, meets

_ROLES = asks(WRITE, f"roles.{RBAC}")
_CLUSTER_ROLES = asks(WRITE, f"clusterroles.{RBAC}", clustered=True)

RULE = RiskRule(
    id="write-roles",
    severity="medium",
    system_severity="high",
    reason=(
        "can change what others may do by a role, as far as the user's own rights go, and the "
        "roster does not show it"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping",
    mend="Let the roster declare roles, and leave roles and clusterroles out.",
    hits=either(meets(_ROLES), meets(_CLUSTER_ROLES)),
)
