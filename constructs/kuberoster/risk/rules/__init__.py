"""The risk rules, one in each module; a new module is a new rule.

Only `kuberoster.model.rule_ids` lists their ids, for the waivers of a roster.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from kuberoster.risk.finding import RiskRule


@cache
def load_rules() -> tuple[RiskRule, ...]:
    """The `RULE` of every module of this package, sorted by id."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    rules: list[RiskRule] = [module.RULE for module in modules]
    return tuple(sorted(rules, key=lambda rule: rule.id))
