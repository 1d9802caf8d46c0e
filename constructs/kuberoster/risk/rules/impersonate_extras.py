"""Impersonating UIDs and extra fields."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.impersonation import constrained
from kuberoster.risk.needs import asks, either, meets

_EXTRAS = " ".join(
    f"{name}.authentication.k8s.io{below}"
    for name, below in (("uids", ""), ("userextras", ""), ("userextras", "/*"))
)
_IMPERSONATE = asks("impersonate", _EXTRAS, clustered=True)
_WHO = asks("impersonate:user-info", _EXTRAS, clustered=True)

RULE = RiskRule(
    id="impersonate-extras",
    severity="high",
    reason=(
        "can claim a UID or an extra field, such as scopes, on which authorizers, webhooks "
        "and auditors rely"
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/",
    mend=("Leave it out; a single field, such as userextras/scopes, and resource_names narrow it."),
    hits=either(meets(_IMPERSONATE), constrained(_WHO, "user-info")),
)
