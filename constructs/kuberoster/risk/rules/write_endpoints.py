"""Writing endpoints."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import CHANGE, asks, meets

_ENDPOINTS = "endpoints endpointslices.discovery.k8s.io"

RULE = RiskRule(
    id="write-endpoints",
    severity="medium",
    system_severity="high",
    reason=(
        "can send the traffic of an Ingress or load balancer into other namespaces, past "
        "NetworkPolicies (CVE-2021-25740)"
    ),
    source="https://github.com/kubernetes/kubernetes/issues/103675",
    mend="Leave endpoints and endpointslices to controllers.",
    hits=meets(asks(CHANGE, _ENDPOINTS)),
)
