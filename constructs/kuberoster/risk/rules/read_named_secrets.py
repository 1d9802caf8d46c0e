"""Reading some Secrets by their names."""

from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import SHOWN, asks, meets
from kuberoster.risk.scope import Need

_READING = asks(SHOWN, "secrets")


def _named(rule: PolicyRule) -> PolicyRule | None:
    return _READING.part(rule) if rule.resource_names else None


RULE = RiskRule(
    id="read-named-secrets",
    severity="low",
    system_severity="medium",
    reason="can read the Secrets that are named, and whatever is put into them later",
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
    mend=(
        "Keep it to Secrets that the user needs, and rotate what is in them when the user leaves."
    ),
    hits=meets(Need(_named)),
)
