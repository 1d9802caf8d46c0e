"""Impersonating ServiceAccounts."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="impersonate-service-accounts",
    severity="medium",
    system_severity="critical",
    reason="can act as the ServiceAccounts there",
    source="https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/",
    mend=("Leave it out; resource_names, or the constrained verbs of Kubernetes 1.36, narrow it."),
    hits=meets(asks("impersonate", "serviceaccounts")),
)
