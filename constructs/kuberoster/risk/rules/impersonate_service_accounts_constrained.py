"""Impersonating ServiceAccounts for some requests."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.impersonation import constrained
from kuberoster.risk.needs import asks

_WHO = asks("impersonate:serviceaccount", "serviceaccounts.authentication.k8s.io")

RULE = RiskRule(
    id="impersonate-service-accounts-constrained",
    severity="medium",
    system_severity="high",
    reason=(
        "can act as the ServiceAccounts there for the requests that the impersonate-on verbs "
        "name; both halves are there"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/",
    mend="Leave it out; resource_names, and the few verbs and resources needed, narrow it.",
    hits=constrained(_WHO, "serviceaccount"),
)
