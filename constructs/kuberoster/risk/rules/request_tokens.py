"""Requesting tokens of ServiceAccounts."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import away_from_guard
from kuberoster.risk.needs import asks, meets

RULE = RiskRule(
    id="request-tokens",
    severity="medium",
    system_severity="critical",
    reason="can request tokens of the ServiceAccounts there, and so act as them",
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request",
    mend="Leave serviceaccounts/token out; resource_names narrow it to some ServiceAccounts.",
    hits=away_from_guard(meets(asks("create", "serviceaccounts/token"))),
)
