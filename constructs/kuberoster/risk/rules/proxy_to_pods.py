"""Reaching pods and Services through the API server."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="proxy-to-pods",
    severity="low",
    system_severity="high",
    reason=(
        "can send requests to any pod or Service past NetworkPolicies, in the API server's name"
    ),
    source="https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/",
    mend="Leave pods/proxy and services/proxy out where an Ingress or a Service does.",
    hits=meets(asks("get create update patch delete", "pods/proxy services/proxy")),
)
