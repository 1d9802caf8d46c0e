"""The verb escalate."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import RBAC, asks, meets

RULE = RiskRule(
    id="escalate-roles",
    severity="medium",
    system_severity="high",
    reason=(
        "may write roles with more rights than the user has, as soon as the user can write a "
        "role too"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb",
    mend=(
        "Leave escalate out; without it, nobody can write more rights into a role than they have."
    ),
    hits=meets(asks("escalate", f"roles.{RBAC} clusterroles.{RBAC}")),
)
