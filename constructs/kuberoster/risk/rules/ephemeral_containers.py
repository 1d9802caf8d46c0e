"""Putting ephemeral containers into pods."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="ephemeral-containers",
    severity="medium",
    system_severity="critical",
    reason=(
        "can put a container of any image into a running pod, next to its processes and with "
        "its ServiceAccount"
    ),
    source="https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/",
    mend="Leave it out, and give it to a user of its own that `expires` when it is needed.",
    hits=meets(asks("update patch", "pods/ephemeralcontainers")),
)
