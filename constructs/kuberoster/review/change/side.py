"""One of the two rosters that a review compares."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kuberoster.model.guard import Guarding, as_set
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.model.team import Team
from kuberoster.model.useless import unknown_groups
from kuberoster.model.user import User
from kuberoster.rbac.source import Source, offline


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """A roster as of one day, and what it gives."""

    settings: Settings
    roster: Roster
    """Everyone, active or not."""
    expected: Roster
    """Who is active on that day or starts later: nobody reviews it again before they do."""
    source: Source
    """The roles and bindings of these, and what else a cluster has."""
    unjudged: frozenset[str] = frozenset()
    """API groups in the roster's own roles of which nothing is known."""
    deployed: frozenset[str] = frozenset()
    """Teams of which this is what is there, and not what a roster says: no dates are known."""

    def members(self) -> Iterator[tuple[Team, User]]:
        """Every user with the team, active or not."""
        for entry in self.roster.teams:
            for user in entry.users:
                yield entry.team, user


def side(settings: Settings, roster: Roster, day: date, guarding: Guarding | None = None) -> Side:
    """A roster as of a day, by what it declares and what Kubernetes brings.

    Its settings say whether the guard stands unless `guarding` does.
    """
    expected = roster.from_day(day)
    source = offline(expected, day).under(guarding or as_set(settings))
    return Side(
        settings=settings,
        roster=roster,
        expected=expected,
        source=source,
        unjudged=frozenset(unknown_groups(roster.grants)),
    )
