"""As whom a user can act, in words."""

from collections.abc import Iterator, Sequence

from kuberoster.model.counted import counted
from kuberoster.review.change.paths import NamedPath
from kuberoster.review.change.user_change import UserChange
from kuberoster.review.output.line import Kind, Line
from kuberoster.risk.paths import in_words

_NAMED = 2
"""Of more users than one beyond these only the number is said."""

_TOLD = 6
"""More paths than these are counted."""


def paths_of(user: UserChange) -> Iterator[Line]:
    """A line on those as whom a user can act now, and one on those as whom no longer."""
    gained = any(scope.gained for scope in user.access)
    new = "and through that act as" if gained else "can now act as"
    sides: tuple[tuple[str, Kind, str, Sequence[NamedPath]], ...] = (
        ("+", "risk", new, user.paths.new),
        ("-", "mended", "can no longer act as", user.paths.closed),
    )
    for sign, kind, words, ways in sides:
        if ways:
            told = _told(ways)
            steps = f": {next(iter(told))}" if len(told) == 1 else ""
            yield Line(
                text=f"{sign} {words} {_victims(ways)}{steps}",
                kind=kind,
                topic="as other users",
                exact=() if steps else tuple(f"{sign} {each}" for each in _each(told)),
            )


def _told(ways: Sequence[NamedPath]) -> dict[str, list[NamedPath]]:
    """The paths by their steps in words."""
    told: dict[str, list[NamedPath]] = {}
    for way in ways:
        told.setdefault(in_words(way.steps), []).append(way)
    return told


def _each(told: dict[str, list[NamedPath]]) -> Iterator[str]:
    for steps, alike in list(told.items())[:_TOLD]:
        yield f"{_victims(alike)}: {steps}"
    if len(told) > _TOLD:
        yield f"and {counted(len(told) - _TOLD, 'more path')}"


def _victims(ways: Sequence[NamedPath]) -> str:
    """`every other user of team api, bob, carl and 3 more users`."""
    teams = [f"every other user of {_team(way)}" for way in ways if way.user is None]
    users = [way.user for way in ways if way.user]
    more = len(users) - _NAMED
    if more > 1:
        users = [*users[:_NAMED], counted(more, "more user")]
    *most, last = teams + users
    return f"{', '.join(most)} and {last}" if most else last


def _team(way: NamedPath) -> str:
    return f"team {way.team}" if way.team else "the roster"
