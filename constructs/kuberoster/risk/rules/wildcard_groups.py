"""All API groups."""

from kuberoster.rbac.authorizer import ALL, PolicyRule
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import meets
from kuberoster.risk.scope import Need


def _part(rule: PolicyRule) -> PolicyRule | None:
    return rule if ALL in rule.api_groups and rule.resources else None


RULE = RiskRule(
    id="wildcard-groups",
    severity="low",
    system_severity="medium",
    reason=(
        "may act on a resource of this name in every API group, those that are installed "
        "later included"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
    mend="Write out the API groups.",
    hits=meets(Need(_part)),
)
