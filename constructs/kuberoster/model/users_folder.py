"""Which files of users/ are teams, and which only look as if they were."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from kuberoster.model.errors import Fault, Problem, unreadable

_LIKE_A_TEAM = re.compile(r".*\.py(i|w|c|[23]|thon)?([~.].*)?", re.IGNORECASE | re.DOTALL)
"""`api.PY`, `web.py~`, `web.pyi`, `web.py.txt`: whoever wrote it may think that it counts."""
_MAKES_A_TEAM = re.compile(rb"^(USERS|TEAM)\s*(:|=(?!=))", re.MULTILINE)
_NO_TEAMS = frozenset({"__init__.py", "__pycache__"})
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def files_of_teams(folder: Path) -> tuple[list[Path], list[Problem]]:
    """The files that are teams, sorted by name, and what would be taken for one and is none.

    Nothing is opened that might never end, such as a pipe. Raises OSError where the folder can't
    be read.
    """
    teams: list[Path] = []
    problems: list[Problem] = []
    for path in sorted(folder.iterdir()):
        if path.name in _NO_TEAMS:
            continue
        shown = f"{folder.name}/{path.name}"
        if fault := _fault(path):
            problems.append(Problem(file=shown, subject="", fault=fault))
        elif path.suffix == ".py" and not path.is_dir():
            teams.append(path)
        elif path.is_dir():
            problems += _teams_below(path, shown)
    return teams, problems


def _fault(path: Path) -> Fault | None:
    name = path.name
    if not _LIKE_A_TEAM.fullmatch(name) or (name.startswith(".") and not name.endswith(".py")):
        return None
    stem = name.lstrip(".")
    stem = stem[: stem.lower().index(".py")] if ".py" in stem.lower() else stem
    away = f"Rename it to {stem}.py" if stem else "Give it a name"
    away += " where it is a team; else move it out of users/."
    try:
        mode = stat.S_IFMT(path.stat().st_mode)
    except OSError as error:
        return _not_seen(path, error)
    if path.suffix != ".py" and mode != stat.S_IFDIR:
        return Fault("looks like a team's file and is not read", f"One ends in '.py'. {away}")
    if path.suffix == ".py" and mode != stat.S_IFREG:
        return Fault(f"is {_KINDS.get(mode, 'no file')}", f"A team is a regular file. {_REMOVE}")
    if name.startswith("."):
        return Fault("is hidden, and is not read", f"Hidden files are no teams. {away}")
    return None


def _not_seen(path: Path, error: OSError) -> Fault:
    if not path.is_symlink() or isinstance(error, PermissionError):
        return unreadable(error)
    what = f"is a link to what is not there: {error.strerror}"
    return Fault(what, f"A team is a file. {_REMOVE}")


_REMOVE = "Remove it, or move it out of users/."


def _teams_below(folder: Path, shown: str) -> Iterator[Problem]:
    """The files below a folder that say USERS or TEAM; modules that teams share may lie there."""
    for place, _, names in sorted(os.walk(folder)):
        for path in (Path(place) / name for name in sorted(names)):
            if path.suffix == ".py" and path.is_file() and (fault := _fault_below(path)):
                yield Problem(file=f"{shown}/{path.relative_to(folder)}", subject="", fault=fault)


def _fault_below(path: Path) -> Fault | None:
    try:
        content = path.read_bytes()
    except OSError as error:
        return unreadable(error)
    if not _MAKES_A_TEAM.search(content):
        return None
    return Fault(
        "has USERS or TEAM, and is not read",
        "Only files directly in users/ are teams. Move it there; what files share has other names.",
    )
