"""Roles that are not known."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.scope import Evidence, Scope


def _hits(scope: Scope) -> list[Evidence]:
    roles = scope.surroundings.policy.roles
    return [Evidence(binding, None) for binding in scope.bindings if binding.role not in roles]


RULE = RiskRule(
    id="unknown-role",
    severity="low",
    reason=(
        "is bound to a role that is not there or not known offline; what it allows is decided "
        "by whoever writes it"
    ),
    source="https://github.com/appvia/krane/blob/master/config/rules.yaml",
    mend="Ask the live cluster, correct the name, or declare a Role in the roster.",
    hits=_hits,
)
