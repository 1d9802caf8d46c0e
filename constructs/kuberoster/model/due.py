"""What changes by itself, because its day comes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from kuberoster.model.access import Grant
from kuberoster.model.days import as_day
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.team import Team
from kuberoster.model.token import Token
from kuberoster.model.user import User
from kuberoster.model.waived import in_words, waivers_in


@dataclass(frozen=True, order=True, slots=True)
class Due:
    """Something that a deploy on or after a day changes."""

    day: date
    """The first day on which a deploy changes it."""
    team: str
    user: str
    """Empty for the whole team."""
    what: str

    def __str__(self) -> str:
        subject = f"user {self.user!r}" if self.user else "TEAM"
        return f"users/{self.team}.py: {subject}: {self.what}"


def upcoming(roster: Roster, day: date, within: int) -> list[Due]:
    """What falls due from a day on, within so many days, the soonest first.

    A token that has ended while its user goes on is among them, on the day after its last; so is
    a waiver that has expired, until it is renewed or removed.
    """
    last = day + timedelta(days=within)
    everything = chain.from_iterable(_of_team(entry, day) for entry in roster.teams)
    return sorted(due for due in everything if due.day <= last)


def _of_team(entry: TeamRoster, day: date) -> Iterator[Due]:
    yield from _waivers(entry.team, "", entry.team.access, day)
    for user in entry.users:
        yield from _of(entry.team, user, day)
        if user.first_day(day):
            yield from _waivers(entry.team, user.name, user.access, day)


def _waivers(team: Team, user: str, access: Sequence[Grant], day: date) -> Iterator[Due]:
    for grant, waiver in waivers_in(access):
        what = in_words(waiver, grant.role.name, grant.namespaces)
        end = waiver.last_day
        if waiver.lives(day):
            yield Due(end + timedelta(days=1), team.name, user, f"{what} expires after {end}")
        else:
            yield Due(day, team.name, user, f"{what} expired on {end}")


def _of(team: Team, user: User, day: date) -> Iterator[Due]:
    if user.suspended is not None:
        return
    starts, expires = as_day(user.starts), as_day(user.expires)
    if starts and starts > day:
        yield Due(starts, team.name, user.name, f"starts on {starts}")
    if expires and expires >= day:
        yield Due(expires + timedelta(days=1), team.name, user.name, f"expires after {expires}")
    absence = user.absence(day)
    if absence:
        if absence.why == "no token":
            yield Due(day, team.name, user.name, str(absence))
        return
    tokens = [token for token in user.tokens if isinstance(token, Token)]
    for token in tokens:
        until = as_day(token.until)
        if until and until >= day:
            what = f"token {token.label!r} ends after {until}"
            yield Due(until + timedelta(days=1), team.name, user.name, what)
