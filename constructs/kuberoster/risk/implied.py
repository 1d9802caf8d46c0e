"""Which findings say nothing that a stronger one does not say already.

One implies another where the same bindings give both, all that the other is about is among what
the one is about, and it is at least as bad: whoever mends it mends the other. So it is worked out
from the rights themselves, whatever the rules are called.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from kuberoster.model.served import ALL
from kuberoster.model.severity import SEVERITIES, Severity
from kuberoster.rbac.actions import Action, actions, beyond
from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.rbac.policy import Policy
from kuberoster.risk.scope import Evidence, Need

_ANYTHING = Action(ALL, ALL, ALL)


class Asked(NamedTuple):
    """What a finding is about, of what one binding gives."""

    actions: frozenset[Action]
    whole: bool
    """Whether it is about the role as it stands, and not about what the role allows."""

    def __or__(self, other: "Asked") -> "Asked":
        return Asked(self.actions | other.actions, self.whole or other.whole)

    def includes(self, other: "Asked") -> bool:
        """Whether it is about all that another one is about.

        That somebody may do anything is said by no finding about a role.
        """
        if self.whole and not other.whole and _ANYTHING in other.actions:
            return False
        return not beyond(other.actions, self.actions)


Rights = Mapping[int, Asked]
"""What is asked of each binding, by the binding's identity or number."""


class Weighed(NamedTuple):
    """What decides whether a finding implies another one of the same user and scope."""

    name: str
    """The rule's id, by which one of two is told that imply each other."""
    severity: Severity
    rights: Rights

    @property
    def rank(self) -> tuple[int, str]:
        """The lowest is told."""
        return SEVERITIES.index(self.severity), self.name

    def of(self, binding: int) -> "Weighed":
        """The same for what one binding gives."""
        at = {binding: self.rights[binding]} if binding in self.rights else {}
        return self._replace(rights=at)

    def implies(self, other: "Weighed") -> bool:
        """Whether another one says nothing that this does not."""
        return (
            self.rank[0] <= other.rank[0]
            and bool(other.rights)
            and other.rights.keys() <= self.rights.keys()
            and all(self.rights[at].includes(asked) for at, asked in other.rights.items())
        )


def rights(evidence: Iterable[Evidence], policy: Policy) -> Rights:
    """What a finding is about; of a role as it stands, all that the role allows.

    Nothing where a role is not known: such a finding implies none, and none implies it.
    """
    found: dict[int, Asked] = {}
    for each in evidence:
        at = id(each.binding)
        role = None if each.rule else policy.roles.get(each.binding.role)
        if each.rule:
            some = _asked(each.needs, each.rule)
        elif role:
            some = _allowed(role.rules)
        else:
            return {}
        asked = Asked(_in_a_namespace(some) if each.binding.namespace else some, each.rule is None)
        found[at] = found[at] | asked if at in found else asked
    return found


@cache
def _allowed(rules: tuple[PolicyRule, ...]) -> frozenset[Action]:
    return actions(rules)


@cache
def _asked(needs: tuple[Need, ...], part: PolicyRule) -> frozenset[Action]:
    return frozenset().union(*(need.actions(part) for need in needs))


@cache
def _in_a_namespace(asked: frozenset[Action]) -> frozenset[Action]:
    """Without URLs, which belong to none."""
    return frozenset(action for action in asked if not action.url)


def heads(found: Sequence[Weighed]) -> list[int | None]:
    """For each finding the number of the strongest one that implies it; None for one that stands.

    Of two that imply each other, the first by name stands.
    """
    standing = [(at, each) for at, each in enumerate(found) if not _is_told(each, found)]
    standing.sort(key=lambda one: one[1].rank)
    numbers = {at for at, _ in standing}
    return [None if at in numbers else head_of(each, standing) for at, each in enumerate(found)]


def head_of(finding: Weighed, standing: Iterable[tuple[int, Weighed]]) -> int | None:
    """The number of the first of some findings that implies one."""
    return next((at for at, each in standing if each.implies(finding)), None)


def _is_told(finding: Weighed, found: Iterable[Weighed]) -> bool:
    """Whether another one implies it that does not itself follow from it."""
    return any(
        each is not finding
        and each.implies(finding)
        and (each.rank < finding.rank or not finding.implies(each))
        for each in found
    )
