"""All teams of users/, read and checked as a whole."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kuberoster.model.access import Grant
from kuberoster.model.across_teams import problems_across_teams, user_problem
from kuberoster.model.errors import Fault, KuberosterError, Problem, RosterError, unreadable
from kuberoster.model.names import did_you_mean, reserved_namespace_faults
from kuberoster.model.reading import files_of_teams, read_team_files
from kuberoster.model.team import Team
from kuberoster.model.team_file import TeamFile
from kuberoster.model.useless import useless_faults
from kuberoster.model.user import User

STATE_NAMESPACE = "kuberoster-state"
"""Where Terraform's state lies unless cdktf.json says otherwise."""
ROSTER = "main"
"""What a roster is called unless cdktf.json says otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamRoster:
    """A team with its users, in the order of their file."""

    team: Team
    users: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """All teams, sorted by name; no name of a user stands in it twice."""

    teams: tuple[TeamRoster, ...]
    name: str = ROSTER
    """What it is called; each of its objects carries it."""

    @property
    def users(self) -> list[User]:
        """The users of all teams."""
        return [user for entry in self.teams for user in entry.users]

    @property
    def grants(self) -> Iterator[Grant]:
        """What is granted to teams and users, in the order of the files."""
        for entry in self.teams:
            yield from entry.team.access
            for user in entry.users:
                yield from user.access

    def on(self, day: date) -> "Roster":
        """The roster with the users and tokens of this day alone; every team stays."""
        return self._with(lambda user: None if user.absence(day) else user.on(day))

    def from_day(self, day: date) -> "Roster":
        """Who is active on this day or starts later, with the tokens of the first such day."""
        return self._with(lambda user: user.on(first) if (first := user.first_day(day)) else None)

    def _with(self, change: Callable[[User], User | None]) -> "Roster":
        return Roster(
            tuple(
                TeamRoster(
                    team=entry.team,
                    users=tuple(user for user in map(change, entry.users) if user),
                )
                for entry in self.teams
            ),
            self.name,
        )

    def find(self, name: str) -> tuple[Team, User]:
        """The user of this name with its team; KuberosterError when there is none."""
        for entry in self.teams:
            for user in entry.users:
                if user.name == name:
                    return entry.team, user
        names = [user.name for user in self.users]
        raise KuberosterError(_no_such("user", name, names, "users/ names no such user."))

    def find_team(self, name: str) -> TeamRoster:
        """The team of this name; KuberosterError when there is none."""
        for entry in self.teams:
            if entry.team.name == name:
                return entry
        names = [entry.team.name for entry in self.teams]
        raise KuberosterError(_no_such("team", name, names, f"users/{name}.py does not exist."))

    def chosen(self, names: Iterable[str]) -> Sequence[TeamRoster]:
        """The teams of these names, each once, or all; KuberosterError when there is no such."""
        return [self.find_team(name) for name in dict.fromkeys(names)] or self.teams


def load_roster(
    folder: Path,
    *,
    state_namespace: str = STATE_NAMESPACE,
    name: str = ROSTER,
    within: float | None = None,
    past: bool = False,
) -> Roster:
    """Read every `<team>.py` of a folder; `name` is what the roster is called.

    Of a `past` one, or one that is only looked up, rules that allow nothing are taken too: who
    wrote them was told nothing of it. Raises RosterError with all problems of all files when there
    is any, and NotAtItsEnd where one of them still runs after `within` seconds.
    """
    files, problems = _team_files(folder, name, within)
    problems += [problem for file in files for problem in file.problems]
    for file in files:
        problems += _alone(file, state_namespace)
        if not past:
            problems += _useless(file)
    problems += problems_across_teams(files)
    if problems:
        raise RosterError(problems)
    return Roster(tuple(TeamRoster(team=file.team, users=file.users) for file in files), name)


def _team_files(
    folder: Path, roster: str, within: float | None
) -> tuple[list[TeamFile], list[Problem]]:
    """Every file that is a team, and the problems of what lies beside them in the folder."""
    wrong = ""
    try:
        paths, problems = files_of_teams(folder)
    except (FileNotFoundError, NotADirectoryError):
        paths, problems, wrong = [], [], "does not exist"
    except OSError as error:
        problem = Problem(file=f"{folder.name}/", subject="", fault=unreadable(error))
        paths, problems = [], [problem]
    if not paths and not problems:
        mend = (
            "A roster has a file for each team, such as users/web.py with "
            'USERS = [User("ann", email="ann@example.com", access=[view("web")])].'
        )
        fault = Fault(wrong or "is empty", mend)
        problems = [Problem(file=f"{folder.name}/", subject="", fault=fault)]
    return read_team_files(paths, roster, within=within), problems


def _alone(file: TeamFile, state_namespace: str) -> Iterator[Problem]:
    faults = _faults(file.team)
    if type(file.team.namespace) is str:
        faults += reserved_namespace_faults(file.team.namespace, state_namespace)
    for fault in faults:
        yield Problem(file=file.path, subject=f"team {file.team.name!r}", fault=fault)
    for user in file.users:
        for fault in _faults(user):
            yield user_problem(file, user, fault)


def _useless(file: TeamFile) -> Iterator[Problem]:
    """What in the rules of a file's own Roles allows nothing."""
    for fault in useless_faults(file.team.access):
        yield Problem(file=file.path, subject=f"team {file.team.name!r}", fault=fault)
    for user in file.users:
        for fault in useless_faults(user.access):
            yield user_problem(file, user, fault)


def _faults(item: Team | User) -> list[Fault]:
    try:
        return list(item.faults())
    except Exception as error:  # what a file puts in a field may fail at the first question
        wrong = f"can't be checked: {type(error).__name__}"
        return [Fault(wrong, "A roster has text, lists and this package's own classes.")]


def _no_such(kind: str, name: str, names: list[str], otherwise: str) -> str:
    hint = did_you_mean(name, names, cutoff=0.5) or f" {otherwise}"
    return f"no such {kind}: {name!r}.{hint}"
