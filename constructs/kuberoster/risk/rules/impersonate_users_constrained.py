"""Impersonating users and groups for some requests."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.impersonation import constrained
from kuberoster.risk.needs import asks

_WHO = asks(
    "impersonate:user-info",
    "users.authentication.k8s.io groups.authentication.k8s.io",
    clustered=True,
)

RULE = RiskRule(
    id="impersonate-users-constrained",
    severity="high",
    reason=(
        "can act as another user or group for the requests that the impersonate-on verbs "
        "name; both halves are there"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/",
    mend="Leave it out; resource_names, and the few verbs and resources needed, narrow it.",
    hits=constrained(_WHO, "user-info"),
)
