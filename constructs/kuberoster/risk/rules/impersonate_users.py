"""Impersonating users."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="impersonate-users",
    severity="critical",
    reason="can act as another user, the cluster's administrators among them",
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#impersonate-verb",
    mend=("Leave it out; resource_names, or the constrained verbs of Kubernetes 1.36, narrow it."),
    hits=meets(asks("impersonate", "users", clustered=True)),
)
