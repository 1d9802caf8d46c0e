"""Impersonating groups."""

from kuberoster.review.needs import asks, meets
from kuberoster.review.risk import RiskRule

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
