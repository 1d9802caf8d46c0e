"""Impersonating the roster's users."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.impersonation import constrained
from kuberoster.risk.needs import among_users, asks, either, meets

_IMPERSONATE = asks("impersonate", "serviceaccounts")
_WHO = asks("impersonate:serviceaccount", "serviceaccounts.authentication.k8s.io")

RULE = RiskRule(
    id="impersonate-roster-users",
    severity="critical",
    reason="can act as any of the roster's users",
    source="https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/",
    mend=(
        "Grant no impersonation in a users' namespace, nor of ServiceAccounts over the whole "
        "cluster."
    ),
    hits=among_users(either(meets(_IMPERSONATE), constrained(_WHO, "serviceaccount"))),
)
