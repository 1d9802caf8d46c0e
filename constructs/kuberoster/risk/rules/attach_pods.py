"""Attaching to processes in pods."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="attach-pods",
    severity="medium",
    system_severity="high",
    reason="can read and write the streams of what runs in a container",
    source="https://github.com/cyberark/KubiScan/blob/master/risky_roles.yaml",
    mend="Grant pods/log where reading is enough.",
    hits=meets(asks("create get", "pods/attach")),
)
