"""All resources."""

from kuberoster.rbac.authorizer import ALL, PolicyRule
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import meets
from kuberoster.risk.scope import Need


def _part(rule: PolicyRule) -> PolicyRule | None:
    return rule if any(each.startswith(ALL) for each in rule.resources) else None


RULE = RiskRule(
    id="wildcard-resources",
    severity="medium",
    system_severity="high",
    reason=(
        "may act on every resource and subresource of the group, those that later versions "
        "add included"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
    mend="Write out the resources.",
    hits=meets(Need(_part)),
)
