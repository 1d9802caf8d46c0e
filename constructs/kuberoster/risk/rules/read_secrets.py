"""Reading Secrets."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import SHOWN, asks, meets

RULE = RiskRule(
    id="read-secrets",
    severity="medium",
    system_severity="critical",
    reason=(
        "can read every Secret: passwords and keys of applications, and the long-lived tokens "
        "of ServiceAccounts; list and watch show the contents as get does, and so do the answers "
        "to patch and delete, even as a dry run"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
    mend=(
        "Leave Secrets out, as `view` does, or name the few that are needed in "
        "resource_names, with get alone."
    ),
    hits=meets(asks(SHOWN, "secrets", unnamed=True)),
)
