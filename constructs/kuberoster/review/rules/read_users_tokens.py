"""Reading the tokens of the roster's users."""

from kuberoster.review.needs import SHOWN, among_users, asks, meets
from kuberoster.review.risk import RiskRule

RULE = RiskRule(
    id="read-users-tokens",
    severity="critical",
    reason="can read the tokens of the roster's users, and so act as any of them",
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
    mend=(
        "Grant nothing on Secrets in a users' namespace, and Secrets nowhere over the whole "
        "cluster."
    ),
    hits=among_users(meets(asks(SHOWN, "secrets"))),
)
