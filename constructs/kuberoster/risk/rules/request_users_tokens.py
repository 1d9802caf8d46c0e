"""Requesting tokens of the roster's users."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import unguarded
from kuberoster.risk.needs import among_users, asks, meets

RULE = RiskRule(
    id="request-users-tokens",
    severity="critical",
    reason="can request a token of the roster's users, and so act as any of them",
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request",
    mend="Grant no serviceaccounts/token in a users' namespace, nor over the whole cluster.",
    hits=unguarded(among_users(meets(asks("create", "serviceaccounts/token")))),
)
