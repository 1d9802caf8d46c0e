"""Writing bindings."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import away_from_guard
from kuberoster.risk.needs import RBAC, WRITE, asks, either, meets

_BINDINGS = asks(WRITE, f"rolebindings.{RBAC}")
_CLUSTER_BINDINGS = asks(WRITE, f"clusterrolebindings.{RBAC}", clustered=True)

RULE = RiskRule(
    id="write-bindings",
    severity="medium",
    system_severity="high",
    reason=(
        "can hand on every right of the user's own to anybody, and the roster does not show it"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping",
    mend="Let the roster bind roles, and leave rolebindings out.",
    hits=away_from_guard(either(meets(_BINDINGS), meets(_CLUSTER_BINDINGS))),
)
