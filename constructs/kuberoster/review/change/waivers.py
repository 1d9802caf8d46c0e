"""Waivers that are added, removed or changed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kuberoster.model.access import Grant, Role
from kuberoster.model.counted import counted
from kuberoster.model.waived import in_words, waivers_in
from kuberoster.model.waiver import Waiver
from kuberoster.rbac.policy import Binding
from kuberoster.risk.finding import Finding
from kuberoster.risk.granted import Granted

_Place = tuple[bool, str, str, str | None]
"""Whether the role is the roster's own, its name, the waived rule, and a namespace."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverChange:
    """What happens to a waiver of one role, in the namespaces where the same happens."""

    change: Literal["added", "removed", "changed"]
    role: str
    namespaces: tuple[str, ...] | None
    """None for the whole cluster."""
    waiver: Waiver
    """As it is afterwards; of one that is removed, as it was."""
    before: Waiver | None
    """As it was, of one that is changed."""
    accepts: tuple[str, ...]
    """The titles of what it accepts afterwards, that other findings imply included."""

    def __str__(self) -> str:
        """What happens, in a sentence."""
        what = in_words(self.waiver, self.role, self.namespaces)
        more = "" if {*self.accepts} <= {self.waiver.rule} else f"; accepts {self._accepted}"
        if self.before is None:
            return (
                f"{what} is {self.change}: {self.waiver.owner} until {self.waiver.last_day}: "
                f"{self.waiver.reason}{more}"
            )
        old, new = self.before.document(), self.waiver.document()
        edits = (f"{name}: {old[name]} -> {new[name]}" for name in new if old[name] != new[name])
        return f"{what} is changed: {'; '.join(edits)}{more}"

    @property
    def _accepted(self) -> str:
        return f"{counted(len(self.accepts), 'finding')}: {', '.join(self.accepts)}"

    def document(self) -> dict[str, Any]:
        """The change as JSON has it."""
        return {
            "change": self.change,
            "role": self.role,
            "namespaces": list(self.namespaces) if self.namespaces is not None else None,
            **self.waiver.document(),
            "before": self.before.document() if self.before else None,
            "accepts": list(self.accepts),
        }


def waiver_changes(
    before: Sequence[Grant],
    after: Sequence[Grant],
    waived: Collection[Finding],
    user: str = "",
) -> tuple[WaiverChange, ...]:
    """What happens to the waivers of a user's access, or of a team's.

    `waived` are the findings that they accept afterwards, with all others that are accepted.
    """
    old, new = dict(_by_place(before)), dict(_by_place(after))
    alike: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
    for place in sorted(old.keys() | new.keys(), key=str):
        own, role, rule, namespace = place
        was, now = old.get(place), new.get(place)
        if was and now and was.document() == now.document():
            continue
        alike[own, role, rule, namespace is None, was, now].append(namespace or "")
    return tuple(
        WaiverChange(
            change="changed" if was and now else "added" if now else "removed",
            role=role,
            namespaces=None if everywhere else tuple(namespaces),
            waiver=now or was,
            before=was if now else None,
            accepts=_accepted(now, role, None if everywhere else namespaces, waived, user),
        )
        for (_, role, _, everywhere, was, now), namespaces in alike.items()
    )


def _accepted(
    waiver: Waiver | None,
    role: str,
    namespaces: Sequence[str] | None,
    waived: Iterable[Finding],
    user: str,
) -> tuple[str, ...]:
    def is_of(binding: Binding, granted: Granted | None) -> bool:
        given = granted.by(binding) if granted else None
        return (
            given is not None
            and (given.user, given.grant.role.name) == (user, role)
            and waiver in given.grant.waivers
            and binding.namespace in (namespaces or [""])
        )

    found = {
        finding.title
        for finding in waived
        if waiver in finding.waivers
        and any(is_of(each.binding, finding.granted) for each in finding.evidence)
    }
    return tuple(sorted(found))


def _by_place(access: Sequence[Grant]) -> Iterator[tuple[_Place, Waiver]]:
    for grant, waiver in waivers_in(access):
        for namespace in grant.namespaces or (None,):
            own = isinstance(grant.role, Role)
            yield (own, grant.role.name, waiver.rule, namespace), waiver
