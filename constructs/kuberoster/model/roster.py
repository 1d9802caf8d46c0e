"""All teams of users/, read and checked as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path

from kuberoster.model.errors import Fault, KuberosterError, Problem, RosterError
from kuberoster.model.names import (
    is_email,
    look_alike,
    reserved_namespace_faults,
    shortened,
)
from kuberoster.model.team import Team
from kuberoster.model.team_file import TeamFile, read_team_file
from kuberoster.model.user import User

STATE_NAMESPACE = "kuberoster-state"
"""Where Terraform's state lies unless cdktf.json says otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamRoster:
    """A team with its users, in the order of their file."""

    team: Team
    users: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """All teams, sorted by name; no name of a user stands in it twice."""

    teams: tuple[TeamRoster, ...]

    def find(self, name: str) -> tuple[Team, User]:
        """The user of this name with its team; KuberosterError when there is none."""
        for entry in self.teams:
            for user in entry.users:
                if user.name == name:
                    return entry.team, user
        names = [user.name for entry in self.teams for user in entry.users]
        raise KuberosterError(_no_such("user", name, names, "users/ names no such user."))

    def find_team(self, name: str) -> TeamRoster:
        """The team of this name; KuberosterError when there is none."""
        for entry in self.teams:
            if entry.team.name == name:
                return entry
        names = [entry.team.name for entry in self.teams]
        raise KuberosterError(_no_such("team", name, names, f"users/{name}.py does not exist."))


def load_roster(folder: Path, *, state_namespace: str = STATE_NAMESPACE) -> Roster:
    """Read every `<team>.py` of a folder.

    Raises RosterError with all problems of all files when there is any.
    """
    files = _team_files(folder)
    problems = [problem for file in files for problem in file.problems]
    for file in files:
        problems += _alone(file, state_namespace)
    problems += _across(files)
    if problems:
        raise RosterError(problems)
    return Roster(tuple(TeamRoster(team=file.team, users=file.users) for file in files))


def _team_files(folder: Path) -> list[TeamFile]:
    paths = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    if not paths:
        wrong = "is empty" if folder.is_dir() else "does not exist"
        mend = (
            "A roster has a file for each team, such as users/web.py with "
            'USERS = [User("ann", email="ann@example.com", access=[view("web")])].'
        )
        raise RosterError([Problem(file=f"{folder.name}/", subject="", fault=Fault(wrong, mend))])
    return [read_team_file(path) for path in paths]


def _alone(file: TeamFile, state_namespace: str) -> Iterator[Problem]:
    faults = [*file.team.faults()]
    if not faults:
        faults += reserved_namespace_faults(file.team.namespace, state_namespace)
    for fault in faults:
        yield Problem(file=file.path, subject=f"team {file.team.name!r}", fault=fault)
    for user in file.users:
        for fault in user.faults():
            yield _problem(file, user, fault)


def _across(files: list[TeamFile]) -> Iterator[Problem]:
    everyone = [(file, user) for file in files for user in file.users if _is_name(user.name)]
    yield from _doubles(everyone)
    yield from _look_alikes(everyone)
    yield from _owners(everyone)
    yield from _shared_namespaces(files)


def _doubles(everyone: list[tuple[TeamFile, User]]) -> Iterator[Problem]:
    first: dict[str, TeamFile] = {}
    for file, user in everyone:
        if user.name in first:
            wrong = f"is in {first[user.name].path} already"
            mend = "A name is used once over all teams. Remove one, or choose another name."
            yield _problem(file, user, Fault(wrong, mend))
        first.setdefault(user.name, file)


def _look_alikes(everyone: list[tuple[TeamFile, User]]) -> Iterator[Problem]:
    likeness = sorted(everyone, key=lambda entry: look_alike(entry[1].name))
    groups: dict[str, set[str]] = {}
    for _, same in groupby(likeness, key=lambda entry: look_alike(entry[1].name)):
        users = list({user.name: (file, user) for file, user in same}.items())
        names = {name for name, _ in users}
        groups.update(dict.fromkeys(names, names))
        meant = {
            frozenset((user.name, other)) for _, (_, user) in users for other in _accepted(user)
        }
        for position, (name, (file, user)) in enumerate(users):
            for other, (where, _) in users[:position]:
                if frozenset((name, other)) not in meant:
                    yield _problem(
                        file,
                        user,
                        Fault(
                            f"name is easily taken for {other!r} of {where.path}",
                            "Choose a clearer name; or, where both are meant, add "
                            f'looks_like={{"{other}": "why"}} to this user.',
                        ),
                    )
    for file, user in everyone:
        for other in _accepted(user):
            if other == user.name or other not in groups.get(user.name, ()):
                wrong = f"looks_like names {shortened(other)}, which no other user resembles"
                mend = "It accepts a resemblance that is there. Remove it."
                yield _problem(file, user, Fault(wrong, mend))


def _owners(everyone: list[tuple[TeamFile, User]]) -> Iterator[Problem]:
    people = {user.name for _, user in everyone if user.email is not None}
    for file, user in everyone:
        owner = user.owner
        if isinstance(owner, str) and not is_email(owner) and owner not in people:
            what = (
                "has no email" if owner in {other.name for _, other in everyone} else "is no user"
            )
            mend = "An owner is a user with an email, or an e-mail address."
            close = get_close_matches(owner, people, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            fault = Fault(f"owner {shortened(owner)} {what}", mend + hint)
            yield _problem(file, user, fault)


def _shared_namespaces(files: list[TeamFile]) -> Iterator[Problem]:
    first: dict[str, TeamFile] = {}
    for file in files:
        namespace = file.team.namespace
        if not isinstance(namespace, str):
            continue
        if namespace in first:
            wrong = f"namespace {namespace!r} is that of {first[namespace].path} too"
            mend = "A team has a namespace of its own. Name another: TEAM = Team(namespace='...')."
            subject = f"team {file.team.name!r}"
            yield Problem(file=file.path, subject=subject, fault=Fault(wrong, mend))
        first.setdefault(namespace, file)


def _problem(file: TeamFile, user: User, fault: Fault) -> Problem:
    return Problem(file=file.path, subject=f"user {user.name!r}", fault=fault)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name != ""


def _accepted(user: User) -> list[str]:
    return list(user.looks_like) if isinstance(user.looks_like, dict) else []


def _no_such(kind: str, name: str, names: list[str], otherwise: str) -> str:
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    return f"no such {kind}: {name!r}. " + (f"Did you mean {close[0]!r}?" if close else otherwise)
