"""One file of users/: run, and taken apart into a team and its users."""

import dataclasses
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from kuberoster.model import public
from kuberoster.model.errors import Fault, Problem, unreadable
from kuberoster.model.names import did_you_mean, shortened
from kuberoster.model.place import places_in
from kuberoster.model.team import Team
from kuberoster.model.user import User


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TeamFile:
    """What a file says, as far as it can be read, and why the rest can't."""

    path: str
    """As a person would name it: `users/web.py`."""
    team: Team
    users: tuple[User, ...]
    problems: tuple[Problem, ...]
    imported: bool = True
    """False when the file did not run to its end, so that its users are not known."""


def read_team_file(path: Path, roster: str) -> TeamFile:
    """Run a file of a roster and take its USERS and TEAM; never raises for what it says."""
    shown = f"{path.parent.name}/{path.name}"
    try:
        source = path.read_bytes()
    except OSError as error:
        return not_imported(path, roster, unreadable(error))
    try:
        code = compile(source, shown, "exec", dont_inherit=True)
        names: dict[str, object] = {"__name__": f"users.{path.stem}", "__file__": str(path)}
        with places_in(path, shown):
            exec(code, names)  # noqa: S102  # a roster is Python that its owner wrote and reviewed
        return _take(shown, path.stem, roster, names)
    except BaseException as error:
        fault = Fault(
            f"the file does not import: {type(error).__name__}: {_first_line(error)}",
            _mend(error, public.__all__),
        )
        return not_imported(path, roster, fault, line=_line(error, shown))


def not_imported(path: Path, roster: str, fault: Fault, *, line: int | None = None) -> TeamFile:
    """What is known of a file that did not run to its end, and why it did not."""
    shown = f"{path.parent.name}/{path.name}"
    problem = Problem(file=f"{shown}:{line}" if line else shown, subject="", fault=fault)
    team = Team(name=path.stem, roster=roster)
    return TeamFile(path=shown, team=team, users=(), problems=(problem,), imported=False)


def _take(shown: str, stem: str, roster: str, names: Mapping[str, object]) -> TeamFile:
    problems: list[Problem] = []

    def report(subject: str, wrong: str, mend: str) -> None:
        problems.append(Problem(file=shown, subject=subject, fault=Fault(wrong, mend)))

    listed = names.get("USERS")
    users: list[User] = []
    if "USERS" not in names:
        report(
            "",
            "has no USERS",
            "Add USERS = [User(...), ...], or USERS = [] for a team that leaves.",
        )
    elif not isinstance(listed, list | tuple):
        report("USERS", f"is {shortened(listed)}", "It is a list: USERS = [User(...), ...].")
    else:
        for position, entry in enumerate(listed, start=1):
            # By type(): isinstance asks the object itself, which may lie.
            if issubclass(type(entry), User):
                users.append(entry)
            else:
                report("USERS", f"entry {position} is {shortened(entry)}", "Each is a User(...).")

    team = names.get("TEAM", Team())
    if not isinstance(team, Team):
        report("TEAM", f"is {shortened(team)}", "It is a Team: TEAM = Team(access=[view('web')]).")
        team = Team()
    elif team.name not in ("", stem):
        report(
            "TEAM", f"has the name {shortened(team.name)}", f"The file's name says it: {stem!r}."
        )
    elif team.roster not in ("", roster):
        report(
            "TEAM",
            f"has the roster {shortened(team.roster)}",
            f"cdktf.json says it, as context.kuberoster.roster: {roster!r}.",
        )
    unknown, place = getattr(team, "_unknown_fields", ()), team.place
    team = dataclasses.replace(team, name=stem, roster=roster)
    object.__setattr__(team, "_unknown_fields", unknown)
    object.__setattr__(team, "place", place)
    return TeamFile(path=shown, team=team, users=tuple(users), problems=tuple(problems))


def _line(error: BaseException, shown: str) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == shown:
        return error.lineno
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == shown
    ]
    return lines[-1] if lines else None


def _first_line(error: BaseException) -> str:
    try:
        text = str(error.msg or "" if isinstance(error, SyntaxError) else error)
    except Exception:  # a __str__ that fails
        text = ""
    return first.splitlines()[0] if (first := text.strip()) else "no reason given"


def _mend(error: BaseException, names: Sequence[str]) -> str:
    """What to do about a file that fails, by how it does."""
    exported = f"kuberoster has {', '.join(names)}."
    match error:
        case NameError() if error.name in names:
            mend = f"Add to its first lines: from kuberoster import {error.name}"
        case NameError():
            mend = f"{exported}{did_you_mean(error.name or '', names)}"
        case ModuleNotFoundError():
            hint = did_you_mean(error.name or "", ["kuberoster"])
            mend = f"A file may import kuberoster, and modules that lie beside users/.{hint}"
        case ImportError():
            mend = exported
        case SyntaxError() | ValueError() if _is_no_text(error):
            mend = "It is Python in UTF-8: save it as that."
        case SyntaxError():
            mend = "It is Python: mend it where this line says, or just before."
        case TypeError():
            mend = "A user is written User('ann', email='ann@example.com', access=[view('web')])."
        case Exception():
            mend = "The file is run as Python: mend this line, or what it calls."
        case _:
            mend = "A file is run to its end, and ends nothing else. Remove what does."
    return mend


def _is_no_text(error: BaseException) -> bool:
    """Whether a file has bytes that are no text in UTF-8, as Python says of a source."""
    said = _first_line(error)
    return "source code string cannot contain null bytes" in said or (
        isinstance(error, SyntaxError) and "'utf-8' codec can't decode" in said
    )
