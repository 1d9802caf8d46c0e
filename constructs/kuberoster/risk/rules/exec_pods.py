"""Running commands in pods."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="exec-pods",
    severity="medium",
    system_severity="critical",
    reason=(
        "can run commands in containers with the rights and Secrets of their ServiceAccounts; "
        "get is enough where the API server lets WebSockets in by it"
    ),
    source="https://github.com/PaloAltoNetworks/rbac-police/blob/main/docs/policies.md#pods_exec",
    mend=(
        "Leave pods/exec out, and give it to a user of its own that `expires` when it is needed."
    ),
    hits=meets(asks("create get", "pods/exec")),
)
