"""Changing nodes."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import CHANGE, asks, meets

RULE = RiskRule(
    id="change-nodes",
    severity="medium",
    reason=(
        "can label, taint and remove nodes, and write their status, and so decide which pods "
        "run where"
    ),
    source="https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-isolation-restriction",
    mend="Leave nodes to the cluster's administrators.",
    hits=meets(asks(CHANGE, "nodes nodes/status", clustered=True)),
)
