"""Deleting the token Secrets of the roster's users."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import DELETE, among_users, asks, meets

RULE = RiskRule(
    id="delete-users-tokens",
    severity="medium",
    reason="can lock out the roster's users by deleting their token Secrets",
    source="https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets",
    mend=(
        "Grant nothing on Secrets in a users' namespace, and Secrets nowhere over the whole "
        "cluster."
    ),
    hits=among_users(meets(asks(DELETE, "secrets"))),
)
