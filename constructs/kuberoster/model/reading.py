"""Files of users/, each run in a process of its own.

A file is Python, and may do anything: leave the interpreter, change the environment or this
package, print, or never end. None of that reaches the command, or another file: what comes back
is plain text, taken apart into the model's own classes. Not kept away is a file that attacks the
command on purpose: it runs as the same user, and may kill it.
"""

import fcntl
import gc
import importlib
import json
import os
import re
import selectors
import signal
import stat
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from kuberoster.model.errors import Fault, KuberosterError, Problem, unreadable
from kuberoster.model.plain import PlainValues, Restored
from kuberoster.model.team import Team
from kuberoster.model.team_file import TeamFile, not_imported, read_team_file
from kuberoster.model.user import User


def import_from(project: Path) -> None:
    """Let this process, which reads one project's file, import what lies beside users/.

    The project's folder comes first in `sys.path`, as it does where main.py runs, and the folder
    that the command was started in does not count.
    """
    places = {project.absolute(), project.resolve()}
    # A file may be younger than what Python remembers of its folder.
    importlib.invalidate_caches()
    # Changed twice in a second, a module would be taken for what Python noted of it before.
    sys.dont_write_bytecode = True
    sys.path[:] = [
        str(project.resolve()),
        *(each for each in sys.path if not _is_start(each, places)),
    ]


def _is_start(entry: str, places: set[Path]) -> bool:
    """Whether an entry of `sys.path` is there because the command was started in it."""
    place = Path(entry).resolve()
    # A source root of kuberoster itself may be that folder too, and has to stay.
    return place in {Path.cwd(), *places} and not (place / "kuberoster").is_dir()


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


SLOW = 5.0
"""Seconds after which a terminal is told which file is still running."""

_LOOK = 0.1
"""Seconds between two looks at whether a process is gone."""
_GONE_WITHIN = 1.0
"""Seconds for which a killed process is waited for: one that the system holds, as it does with a
file on a server that is gone, can't be ended.
"""
_LENGTH = 8
_DEFAULT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class NotAtItsEnd(KuberosterError):
    """Files that still ran when the time for all of them was over; each was ended."""


def read_team_files(
    paths: Sequence[Path], roster: str, *, within: float | None = None
) -> list[TeamFile]:
    """What each file says, in the order of the paths; never raises for what it says.

    Where it is interrupted, a note of the exception names what was still running. With `within`,
    in seconds, it raises NotAtItsEnd where some of them have not come to their end by then.
    """
    deadline = None if within is None else time.monotonic() + within
    waiting, done = list(enumerate(paths)), dict[int, _Running]()
    running: dict[int, _Running] = {}
    at_once = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or running:
                if deadline is not None and time.monotonic() > deadline:
                    names = ", ".join(one.shown for one in running.values())
                    raise NotAtItsEnd(f"{names}: not at its end after {within:.0f} s")
                while waiting and len(running) < at_once:
                    number, path = waiting.pop(0)
                    running[number] = _Running(path, roster, within)
                    selector.register(running[number].pipe, selectors.EVENT_READ, number)
                ready = {key.data for key, _ in selector.select(_LOOK)}
                for number, one in list(running.items()):
                    if one.is_over() if number not in ready else one.receive():
                        selector.unregister(one.pipe)
                        done[number] = running.pop(number)
                        done[number].end()
        except BaseException as error:
            for one in running.values():
                error.add_note(f"{one.shown}: was still running.")
            raise
        finally:
            for one in running.values():
                one.stop()
    # Not before all are done: each process is a copy of this one, and the smaller the quicker.
    return [done[number].file() for number in range(len(paths))]


class _Running:
    """A process that runs one file, and what it has sent so far."""

    def __init__(self, path: Path, roster: str, within: float | None) -> None:
        self.shown = f"{path.parent.name}/{path.name}"
        self._path, self._roster = path, roster
        self._received = bytearray()
        self._status: int | None = None
        self._started = time.monotonic()
        self._end = "Ctrl-C ends it" if within is None else f"waited for {within:.0f} s at most"
        self._told = False
        self.pipe, theirs = os.pipe()
        parent = os.getpid()
        with warnings.catch_warnings():
            # Threads of ours, such as jsii's, hold nothing that the child uses.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if not self._pid:
            _run(path, roster, theirs, parent, os._exit)
        os.close(theirs)
        with suppress(OSError):  # the child does the same, whoever comes first
            os.setpgid(self._pid, self._pid)

    def receive(self) -> bool:
        """Take what there is; whether that is all."""
        received = os.read(self.pipe, 1 << 20)
        self._received += received
        return not received or self._is_whole()

    def is_over(self) -> bool:
        """Whether the process is gone, though somebody may still hold its pipe."""
        if time.monotonic() - self._started > SLOW and not self._told and sys.stderr:
            self._told = True
            if sys.stderr.isatty():
                print(f"{self.shown}: still running; {self._end}", file=sys.stderr)
        with suppress(ChildProcessError):
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._status = status
        if self._status is None:
            return False
        os.set_blocking(self.pipe, False)
        with suppress(BlockingIOError):
            while not self.receive():
                pass
        return True

    def file(self) -> TeamFile:
        """What the file says, or that its process ended without a word."""
        became = _ended(self._status)
        if self._is_whole():
            with suppress(ValueError, TypeError, LookupError, AttributeError, RecursionError):
                return _taken(json.loads(self._received[_LENGTH:]), self.shown)
            became = "changed how it is read"
        fault = Fault(
            f"the file does not import: it {became}",
            "It is Python that lists users and comes to its end; it ends no process.",
        )
        return not_imported(self._path, self._roster, fault)

    def end(self) -> None:
        """Let it come to its own end, of which its status speaks, and end what it started."""
        deadline = time.monotonic() + 1
        while not self._is_whole() and not self.is_over() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.stop()

    def stop(self) -> None:
        """End the process, and what it started."""
        with suppress(OSError):
            os.killpg(self._pid, signal.SIGKILL)
        self._wait()
        os.close(self.pipe)

    def _wait(self) -> None:
        deadline = time.monotonic() + _GONE_WITHIN
        with suppress(ChildProcessError):
            while self._status is None and time.monotonic() < deadline:
                os.kill(self._pid, signal.SIGKILL)  # where it has left its group
                pid, status = os.waitpid(self._pid, os.WNOHANG)
                if pid:
                    self._status = status
                else:
                    time.sleep(0.001)

    def _is_whole(self) -> bool:
        length = int.from_bytes(self._received[:_LENGTH], "big")
        return len(self._received) >= _LENGTH + length > _LENGTH


def _run(path: Path, roster: str, pipe: int, parent: int, leave: Any) -> None:
    """Run the file in this process, a copy of the command's, send what it says, and end."""
    try:
        gc.disable()  # it would write to pages that are shared, and this process is short
        me = os.getpid()
        os.setpgid(0, 0)
        for each in _DEFAULT:
            signal.signal(each, signal.SIG_DFL)
        _end_with(parent)
        _set_apart(pipe)
        printed = sys.stderr
        import_from(path.parent.parent)
        file = read_team_file(path, roster)
        values = PlainValues()
        said = json.dumps(
            {
                "problems": [[each.file, each.subject, *each.fault] for each in file.problems],
                "team": values.of(file.team),
                "users": [values.of(user) for user in file.users],
                "imported": file.imported,
            }
        ).encode()
        if os.getpid() == me:  # and not a copy that the file has made
            with suppress(OSError, ValueError):
                printed.flush()
            message = memoryview(len(said).to_bytes(_LENGTH, "big") + said)
            while message:
                message = message[os.write(3, message) :]
    finally:
        leave(0)


def _end_with(parent: int) -> None:
    """Let this process look each second whether the command is still there, and else end.

    A command that is killed stops nobody, and a file that never ends would run for ever.
    """

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(1)

    signal.signal(signal.SIGVTALRM, look)
    signal.setitimer(signal.ITIMER_VIRTUAL, 1, 1)


def _set_apart(pipe: int) -> None:
    """Leave the file nothing of the command's but its stderr, on which it may print."""
    # Above what they become: where the command was started without some of its files, a pipe
    # may have their numbers.
    pipe = fcntl.fcntl(pipe, fcntl.F_DUPFD, 10)
    nothing = fcntl.fcntl(os.open(os.devnull, os.O_RDWR), fcntl.F_DUPFD, 10)
    if sys.__stderr__ is None:
        os.dup2(nothing, 2)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.dup2(pipe, 3, inheritable=False)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.stderr = open(  # noqa: SIM115
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )


def _taken(said: Any, shown: str) -> TeamFile:
    values = Restored()
    team, users = values.of(said["team"]), tuple(map(values.of, said["users"]))
    if type(team) is not Team or {type(user) for user in users} - {User}:
        raise ValueError(shown)
    return TeamFile(
        path=shown,
        team=team,
        users=users,
        problems=tuple(
            Problem(file=str(file), subject=str(subject), fault=Fault(str(wrong), str(mend)))
            for file, subject, wrong, mend in said["problems"]
        ),
        imported=bool(said["imported"]),
    )


def _ended(status: int | None) -> str:
    code = None if status is None else os.waitstatus_to_exitcode(status)
    if code is None or code >= 0:
        return "ended its process before its own end"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
