"""The users of a bench, in teams of 100, and a change of one of them."""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path

TEAM_SIZE = 100
NAMESPACES = ("web", "api")
"""What the users have access to; they exist before a bench starts."""

CHANGED_TEAM, JOINER = "team-000", "joiner"


class Roster(Enum):
    """What the roster is at one moment of a bench; the value is the joiner's token."""

    WITHOUT_JOINER = ""
    JOINED = "2026q4"
    ROTATED = "2027q1"


def write_users(folder: Path, users: int, roster: Roster) -> None:
    """Write users/<team>.py for so many users, and the joiner where there is one."""
    for team, members in teams_of(users).items():
        if team == CHANGED_TEAM and roster.value:
            members[JOINER] = roster.value
        write_team(folder, team, members)


def teams_of(users: int) -> dict[str, dict[str, str]]:
    """So many users in teams, each with the label of its token."""
    return {
        f"team-{number:03}": {
            f"user-{one:05}": Roster.JOINED.value
            for one in range(first, min(first + TEAM_SIZE, users))
        }
        for number, first in enumerate(range(0, users, TEAM_SIZE))
    }


def write_team(folder: Path, team: str, members: Mapping[str, str]) -> None:
    """Write users/<team>.py for users with their tokens' labels."""
    folder.mkdir(exist_ok=True)
    lines = [_user(name, token) for name, token in members.items()]
    text = "\n".join(["from kuberoster import User, edit, view\n", "USERS = [", *lines, "]\n"])
    (folder / f"{team}.py").write_text(text)


def _user(name: str, token: str) -> str:
    access = 'access=[edit("web"), view("api")]'
    return f'    User("{name}", email="{name}@example.com", {access}, tokens=["{token}"]),'
