"""What happens to whole teams."""

from collections.abc import Iterator

from kuberoster.model.fields import facts
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.review.change.waivers import waiver_changes


def team_events(base: Roster, head: Roster) -> Iterator[tuple[str, str]]:
    """Each team that changes as a whole, and how, in words that go on from its name."""
    before = {entry.team.name: entry for entry in base.teams}
    after = {entry.team.name: entry for entry in head.teams}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old and new:
            yield from ((name, what) for what in _changes(old, new))
        elif new:
            there = " that is there already" if new.team.existing_namespace else ""
            yield name, f"is new, its users in a namespace{there}: {new.team.namespace}"
        else:
            yield name, f"is gone: users/{name}.py was removed"


def _changes(old: TeamRoster, new: TeamRoster) -> Iterator[str]:
    if old.team.namespace != new.team.namespace:
        yield f"has the namespace {new.team.namespace} instead of {old.team.namespace}"
    if old.team.existing_namespace != new.team.existing_namespace:
        yield f"existing_namespace: {old.team.existing_namespace} -> {new.team.existing_namespace}"
    if old.team.access != new.team.access:
        yield "has other access for all of its users"
    yield from map(str, waiver_changes(old.team.access, new.team.access))
    for fact in facts(new.team):
        if (was := fact.of(old.team)) != (now := fact.of(new.team)):
            yield f"{fact.label}: {was or 'none'} -> {now or 'none'}"
