"""The table of rights: what each lets somebody do, and how bad that is where, theme by theme.

A module's `RULES` are the risk rules of its theme, and its `Right`s what they, the attack paths,
the words and `kuberoster revoke` look for: each right stands here once.
Only `kuberoster.model.rule_ids` lists the rules' ids, for the waivers of a roster.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from kuberoster.risk.finding import RiskRule
from kuberoster.risk.right import Right


@cache
def load_rules() -> tuple[RiskRule, ...]:
    """The rules of every theme, sorted by id."""
    rules = [rule for theme in _themes() for rule in theme.RULES]
    return tuple(sorted(rules, key=lambda rule: rule.id))


@cache
def load_rights() -> tuple[Right, ...]:
    """The rights of every theme, in the order in which they are written."""
    return tuple(
        each for theme in _themes() for each in vars(theme).values() if isinstance(each, Right)
    )


def _themes() -> list[ModuleType]:
    return [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
