"""Writing where Terraform's state lies."""

from dataclasses import replace

from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.guarded import is_guarded
from kuberoster.risk.needs import CHANGE, asks, in_state
from kuberoster.risk.scope import Evidence, Need, Scope

_READS = {"get", "list", "watch"}
_STATE = asks(CHANGE, "secrets leases.coordination.k8s.io")


def _part(rule: PolicyRule) -> PolicyRule | None:
    verbs = tuple(verb for verb in rule.verbs if verb not in _READS)
    return replace(rule, verbs=verbs) if verbs and rule.resources else None


_ANYTHING = Need(_part)
_OTHERS = Need(lambda rule: part if (part := _part(rule)) and not _is_guarded(part) else None)


def _is_guarded(rule: PolicyRule) -> bool:
    """Whether a rule is about nothing but what only a deployer may write there."""
    return set(rule.resources) <= {"secrets", "leases"}


def _hits(scope: Scope) -> list[Evidence]:
    if not is_guarded(scope):
        return in_state(_STATE, _ANYTHING)(scope)
    return in_state(_NOTHING, _OTHERS)(scope)


_NOTHING = Need(lambda _: None)

RULE = RiskRule(
    id="write-state",
    severity="critical",
    reason=(
        "can change Terraform's state or hold its lock, and so steer what the deployer "
        "creates, replaces and destroys"
    ),
    source="https://developer.hashicorp.com/terraform/language/backend/kubernetes",
    mend="Grant nothing in the state's namespace; the deploy job alone needs it.",
    hits=_hits,
)
