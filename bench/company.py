"""Who joins, leaves and gets new tokens on which working day of a year."""

import random
from dataclasses import dataclass

from bench.roster import Roster, teams_of

WORKING_DAYS = 250
JOIN = LEAVE = 0.1
"""Of all users, in a year. Each token is rotated once in a year, too."""
_SEED = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """What changes in the roster on one working day."""

    joined: int
    left: int
    rotated: int
    teams: tuple[str, ...]
    """Whose stacks have to be applied."""


class Company:
    """Who is in which team, with the label of the token."""

    def __init__(self, users: int) -> None:
        self.teams = teams_of(users)
        self._users = users
        self._order = [(team, user) for team, members in self.teams.items() for user in members]

    def live(self, day: int) -> Changes:
        """Bring the teams to the end of a working day, whatever the days before did.

        Who joins and leaves is drawn, the same for a day in each run; tokens are rotated team
        after team.
        """
        drawn = random.Random(f"{_SEED} {day}")  # noqa: S311  # not for a secret
        joined, left, rotated = (
            range(_until(day, in_a_year), _until(day + 1, in_a_year))
            for in_a_year in (JOIN * self._users, LEAVE * self._users, self._users)
        )
        changed = set()
        for number in joined:
            team = drawn.choice(list(self.teams))
            self.teams[team][f"joiner-{number:05}"] = Roster.JOINED.value
            changed.add(team)
        for _ in left:
            team = drawn.choice([name for name, members in self.teams.items() if members])
            del self.teams[team][drawn.choice(list(self.teams[team]))]
            changed.add(team)
        for team, user in self._order[rotated.start : rotated.stop]:
            if user in self.teams[team]:
                self.teams[team][user] = Roster.ROTATED.value
                changed.add(team)
        return Changes(
            joined=len(joined), left=len(left), rotated=len(rotated), teams=tuple(sorted(changed))
        )


def _until(day: int, in_a_year: float) -> int:
    """How many of a year's events lie before a working day."""
    return int(day * in_a_year / WORKING_DAYS)
