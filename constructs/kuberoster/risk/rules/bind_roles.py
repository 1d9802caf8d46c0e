"""The verb bind."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import RBAC, asks, meets

RULE = RiskRule(
    id="bind-roles",
    severity="medium",
    system_severity="high",
    reason=(
        "may bind roles with more rights than the user has, as soon as the user can write a "
        "binding too"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#bind-verb",
    mend=("Leave bind out, and let the roster bind roles; resource_names narrow it to some roles."),
    hits=meets(asks("bind", f"roles.{RBAC} clusterroles.{RBAC}")),
)
