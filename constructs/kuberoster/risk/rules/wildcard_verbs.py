"""All verbs."""

from kuberoster.rbac.authorizer import ALL, PolicyRule
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import meets
from kuberoster.risk.scope import Need


def _part(rule: PolicyRule) -> PolicyRule | None:
    return rule if ALL in rule.verbs and rule.resources else None


RULE = RiskRule(
    id="wildcard-verbs",
    severity="medium",
    system_severity="high",
    reason=(
        "may use every verb, those with a meaning of their own included: escalate, bind, "
        "impersonate, and those that later versions add"
    ),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
    mend="Write out the verbs.",
    hits=meets(Need(_part)),
)
