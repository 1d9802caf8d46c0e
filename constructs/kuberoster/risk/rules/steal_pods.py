"""Drawing pods to another node."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import DELETE, asks, either, meets

_REMOVE = asks(DELETE, "pods")
_EVICT = asks("create", "pods/eviction")
_STATUS = asks("update patch", "pods pods/status")
_DELETE_NODES = asks("delete", "nodes", clustered=True)
_NODES = asks("update patch", "nodes nodes/status", clustered=True)

RULE = RiskRule(
    id="steal-pods",
    severity="medium",
    system_severity="high",
    reason=(
        "can remove pods and keep other nodes from taking them, so that powerful ones start "
        "on a node of the user's choice"
    ),
    source="https://www.paloaltonetworks.com/resources/whitepapers/kubernetes-privilege-escalation-excessive-permissions-in-popular-platforms",
    mend="Grant either the removal of pods or the change of nodes, not both.",
    hits=either(*(meets(remove, _NODES) for remove in (_REMOVE, _EVICT, _STATUS, _DELETE_NODES))),
)
