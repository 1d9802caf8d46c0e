"""Writing the status of Services."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="change-service-status",
    severity="medium",
    reason=(
        "can take over the traffic of the cluster to any IP address by a load balancer's "
        "status (CVE-2020-8554)"
    ),
    source="https://github.com/kubernetes/kubernetes/issues/97076",
    mend="Leave services/status to controllers.",
    hits=meets(asks("update patch", "services/status")),
)
