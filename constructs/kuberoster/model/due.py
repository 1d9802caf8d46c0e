"""What changes by itself, because its day comes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kuberoster.model.days import as_day
from kuberoster.model.roster import Roster
from kuberoster.model.team import Team
from kuberoster.model.token import Token
from kuberoster.model.user import TOKENS_OVER, User


@dataclass(frozen=True, order=True, slots=True)
class Due:
    """Something that a deploy on or after a day changes."""

    day: date
    """The first day on which a deploy changes it."""
    team: str
    user: str
    what: str

    def __str__(self) -> str:
        return f"users/{self.team}.py: user {self.user!r}: {self.what}"


def upcoming(roster: Roster, day: date, within: int) -> list[Due]:
    """What falls due from a day on, within so many days, the soonest first.

    A token that has ended while its user goes on is among them, on the day after its last.
    """
    last = day + timedelta(days=within)
    everything = (
        due for entry in roster.teams for user in entry.users for due in _of(entry.team, user, day)
    )
    return sorted(due for due in everything if due.day <= last)


def _of(team: Team, user: User, day: date) -> Iterator[Due]:
    if user.suspended is not None:
        return
    starts, expires = as_day(user.starts), as_day(user.expires)
    if starts and starts > day:
        yield Due(starts, team.name, user.name, f"starts on {starts}")
    if expires and expires >= day:
        yield Due(expires + timedelta(days=1), team.name, user.name, f"expires after {expires}")
    absence = user.absence(day)
    if absence == TOKENS_OVER:
        yield Due(day, team.name, user.name, absence)
    if absence:
        return
    tokens = [token for token in user.tokens if isinstance(token, Token)]
    for token in tokens:
        until = as_day(token.until)
        if until and until >= day:
            what = f"token {token.label!r} ends after {until}"
            yield Due(until + timedelta(days=1), team.name, user.name, what)
