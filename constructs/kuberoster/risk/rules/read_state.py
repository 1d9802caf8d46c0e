"""Access to the namespace of Terraform's state."""

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.needs import READ, asks, in_state
from kuberoster.risk.scope import Need

_STATE = asks(READ, "secrets leases.coordination.k8s.io")
_ANYTHING = Need(lambda rule: rule if rule.resources else None)

RULE = RiskRule(
    id="read-state",
    severity="medium",
    reason=(
        "reaches the namespace of Terraform's state, which names every user, grant and token "
        "label, and should hold nothing else"
    ),
    source="https://developer.hashicorp.com/terraform/language/state/sensitive-data",
    mend="Grant nothing in the state's namespace; the deploy job alone needs it.",
    hits=in_state(_STATE, _ANYTHING),
)
