"""Forwarding ports of pods."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="forward-ports",
    severity="low",
    system_severity="high",
    reason=(
        "can reach any port of a pod past NetworkPolicies, those that listen on localhost "
        "alone included"
    ),
    source="https://kubernetes.io/docs/tasks/access-application-cluster/port-forward-access-application-cluster/",
    mend="Leave pods/portforward out where an Ingress or a Service does.",
    hits=meets(asks("create get", "pods/portforward")),
)
