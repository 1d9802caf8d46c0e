"""Making tokens for the roster's users by way of Secrets."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import unguarded
from kuberoster.risk.needs import WRITE, among_users, asks, meets

RULE = RiskRule(
    id="write-users-secrets",
    severity="critical",
    reason=(
        "can create a token Secret for any of the roster's users, or put a removed one back, "
        "so that a token works again that was revoked"
    ),
    source="https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets",
    mend=(
        "Grant nothing on Secrets in a users' namespace, and Secrets nowhere over the whole "
        "cluster."
    ),
    hits=unguarded(among_users(meets(asks(WRITE, "secrets")))),
)
