"""Writing Secrets."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import away_from_guard
from kuberoster.risk.needs import WRITE, asks, meets

RULE = RiskRule(
    id="write-secrets",
    severity="medium",
    system_severity="critical",
    reason=(
        "can create a Secret that Kubernetes fills with a lasting token for a ServiceAccount, "
        "and change the credentials that applications work with"
    ),
    source="https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
    mend="Leave writing Secrets to whatever deploys the application.",
    hits=away_from_guard(meets(asks(WRITE, "secrets"))),
)
