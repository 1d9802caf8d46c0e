"""The users of a bench, in teams of 100, and a change of one of them."""

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
    folder.mkdir(exist_ok=True)
    for number, first in enumerate(range(0, users, TEAM_SIZE)):
        names = [f"user-{one:05}" for one in range(first, min(first + TEAM_SIZE, users))]
        lines = [_user(name, "2026q4") for name in names]
        team = f"team-{number:03}"
        if team == CHANGED_TEAM and roster.value:
            lines.append(_user(JOINER, roster.value))
        text = "\n".join(["from kuberoster import User, edit, view\n", "USERS = [", *lines, "]\n"])
        (folder / f"{team}.py").write_text(text)


def _user(name: str, token: str) -> str:
    access = 'access=[edit("web"), view("api")]'
    return f'    User("{name}", email="{name}@example.com", {access}, tokens=["{token}"]),'
