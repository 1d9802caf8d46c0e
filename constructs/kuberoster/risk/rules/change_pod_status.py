"""Writing the status of pods."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="change-pod-status",
    severity="low",
    system_severity="medium",
    reason=(
        "can make a pod look ready or failed, and so send a Service's connections to it or "
        "have it replaced"
    ),
    source="https://github.com/PaloAltoNetworks/rbac-police/blob/main/lib/modify_pod_status.rego",
    mend="Leave pods/status to kubelets and controllers.",
    hits=meets(asks("update patch", "pods/status")),
)
