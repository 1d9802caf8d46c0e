"""The two rosters that a review compares, on what a cluster has."""

from datetime import date

from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.model.useless import unknown_groups
from kuberoster.review.change.side import Side
from kuberoster.review.snapshot import LiveSnapshot


def live_sides(
    snapshot: LiveSnapshot,
    base: tuple[Settings, Roster],
    head: tuple[Settings, Roster],
    day: date,
) -> tuple[Side, Side]:
    """Both rosters as of a day, each as it would be in the cluster after its deploy.

    What others have bound to the roster's users counts on both sides, so it is no change.
    """
    others = snapshot.without([base[1], head[1]])
    return live_side(others, *base, day), live_side(others, *head, day)


def live_side(others: LiveSnapshot, settings: Settings, roster: Roster, day: date) -> Side:
    """One roster as of a day, on what the cluster has without it."""
    expected = roster.from_day(day)
    source = others.source(expected, day).under(others.guarding(settings, roster))
    return Side(
        settings=settings,
        roster=roster,
        expected=expected,
        source=source,
        unjudged=frozenset(unknown_groups(roster.grants) - others.api.groups.keys()),
    )
