"""Reaching kubelets through nodes/proxy."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="nodes-proxy",
    severity="critical",
    reason=(
        "can run commands in every pod of every node by the kubelet's own API, past admission "
        "and the audit log; get alone is enough, by a WebSocket"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes",
    mend=(
        "Grant the fine-grained subresources instead: nodes/metrics, nodes/stats, nodes/log, "
        "nodes/healthz, nodes/pods."
    ),
    hits=meets(asks("get list watch create update patch delete", "nodes/proxy", clustered=True)),
)
