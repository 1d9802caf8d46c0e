"""Impersonating groups."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="impersonate-groups",
    severity="critical",
    reason=(
        "can act with the rights of another group; system:masters may do anything, whatever "
        "RBAC says"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#impersonate-verb",
    mend="Leave it out; resource_names narrow it, and never to system:masters.",
    hits=meets(asks("impersonate", "groups", clustered=True)),
)
