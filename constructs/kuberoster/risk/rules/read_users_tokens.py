"""Reading the tokens of the roster's users."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import unguarded
from kuberoster.risk.needs import DELETE, READ, among_users, asks, either, meets

RULE = RiskRule(
    id="read-users-tokens",
    severity="critical",
    reason="can read the tokens of the roster's users, and so act as any of them",
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
    mend=(
        "Grant nothing on Secrets in a users' namespace, and Secrets nowhere over the whole "
        "cluster."
    ),
    # A patch shows them too, and is a write, which the guard refuses.
    hits=among_users(
        either(
            meets(asks(f"{READ} {DELETE}", "secrets")), unguarded(meets(asks("patch", "secrets")))
        )
    ),
)
