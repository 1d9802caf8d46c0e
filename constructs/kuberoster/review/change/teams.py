"""What happens to whole teams, and to settings."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from typing import Any

from kuberoster.model.fields import facts
from kuberoster.model.manifests import team_access
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.model.team import Team
from kuberoster.review.change.event import Event, changed
from kuberoster.review.change.waivers import WaiverChange, waiver_changes
from kuberoster.risk.finding import Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamChange:
    """All that changes for a team as a whole."""

    team: str
    events: tuple[Event, ...]
    waivers: tuple[WaiverChange, ...] = ()

    def document(self) -> dict[str, Any]:
        """The change as JSON has it."""
        return {
            "team": self.team,
            "events": [event.document() for event in self.events],
            "waivers": [waiver.document() for waiver in self.waivers],
        }


def team_changes(base: Roster, head: Roster, waived: Collection[Finding]) -> Iterator[TeamChange]:
    """Each team that changes as a whole, and how; `waived` are the findings accepted then."""
    before = {entry.team.name: entry.team for entry in base.teams}
    after = {entry.team.name: entry.team for entry in head.teams}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old and new:
            events = tuple(_events(old, new))
            waivers = waiver_changes(
                old.access, new.access, [each for each in waived if each.team == name]
            )
            if events or waivers:
                yield TeamChange(team=name, events=events, waivers=waivers)
        else:
            yield TeamChange(team=name, events=(_added(new) if new else _removed(name),))


def _added(team: Team) -> Event:
    there = " that is there already" if team.existing_namespace else ""
    return Event(
        what="added",
        field="existing_namespace" if team.existing_namespace else "namespace",
        after=team.namespace,
        label=f"is new, its users in a namespace{there}",
        detail=team.namespace,
    )


def _removed(name: str) -> Event:
    return Event(
        what="removed",
        field="team",
        before=name,
        label="is gone",
        detail=f"users/{name}.py was removed",
    )


def _events(old: Team, new: Team) -> Iterator[Event]:
    if old.namespace != new.namespace:
        label = f"has the namespace {new.namespace} instead of {old.namespace}"
        names = {"before": old.namespace, "after": new.namespace}
        yield Event(what="moved", field="namespace", **names, label=label)
    if old.existing_namespace != new.existing_namespace:
        was, now = str(old.existing_namespace), str(new.existing_namespace)
        yield changed("existing_namespace", was, now)
    if old.access != new.access:
        yield Event(
            what="changed",
            field="access",
            before=tuple(team_access(old)),
            after=tuple(team_access(new)),
            label="has other access for all of its users",
        )
    for fact in facts(new):
        if (was_said := fact.of(old)) != (said := fact.of(new)):
            yield changed(fact.name, was_said, said, label=fact.label)


def settings_events(old: Settings, new: Settings) -> Iterator[Event]:
    """Each setting that changes, old and new, or its name alone.

    What a backend is given may hold a password, so of that only the name is said.
    """
    for name in ("app", "roster", "guard"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield changed(name, str(was), str(now))
    for part, before, after in (
        ("cluster", old.cluster, new.cluster),
        ("state", old.state, new.state),
        ("review", old.review, new.review),
    ):
        for field in fields(before):
            was, now = getattr(before, field.name), getattr(after, field.name)
            name = f"{part}.{field.name}"
            if was == now:
                continue
            if name == "state.settings":
                label = f"state.{new.state.backend} has other settings"
                yield Event(what="changed", field=name, label=label)
            else:
                yield changed(name, _text(was), _text(now))


def _text(value: object) -> str | None:
    return str(value) if value else None
