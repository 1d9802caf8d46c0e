"""As whom a user can act, in words."""

from collections.abc import Iterator, Sequence

from kuberoster.model.counted import counted
from kuberoster.review.change.user_change import UserChange
from kuberoster.review.change.ways import Way
from kuberoster.review.paths import Step, name_of

_NAMED = 2
"""Of more users than one beyond these only the number is said."""

_TOLD = 6
"""More paths than these are counted."""


def ways_of(user: UserChange) -> Iterator[tuple[str, str]]:
    """The lines on the paths of a user, each with its sign: the victims, then each path."""
    gained = any(scope.gained for scope in user.access)
    new = "and through that act as" if gained else "can now act as"
    for sign, words, ways in (
        ("+", new, user.paths.new),
        ("-", "can no longer act as", user.paths.closed),
    ):
        told: dict[str, list[Way]] = {}
        for way in ways:
            told.setdefault(_steps(way.steps), []).append(way)
        if len(told) == 1:
            yield sign, f"  {sign} {words} {_victims(ways)}: {next(iter(told))}"
        elif told:
            yield sign, f"  {sign} {words} {_victims(ways)}"
            for steps, alike in list(told.items())[:_TOLD]:
                yield sign, f"      {sign} {_victims(alike)}: {steps}"
            if len(told) > _TOLD:
                yield sign, f"      {sign} and {counted(len(told) - _TOLD, 'more path')}"


def _victims(ways: Sequence[Way]) -> str:
    """`every other user of team api, bob, carl and 3 more users`."""
    teams = [f"every other user of {_team(way)}" for way in ways if way.user is None]
    users = [way.user for way in ways if way.user]
    more = len(users) - _NAMED
    if more > 1:
        users = [*users[:_NAMED], counted(more, "more user")]
    *most, last = teams + users
    return f"{', '.join(most)} and {last}" if most else last


def _team(way: Way) -> str:
    return f"team {way.team}" if way.team else "the roster"


def _steps(steps: Sequence[Step]) -> str:
    """What the thief does, and then what it does as each whom it acts as."""
    first, *further = steps
    return ", then ".join(
        [first.edge.how, *(f"as {name_of(each.actor)} {each.edge.how}" for each in further)]
    )
