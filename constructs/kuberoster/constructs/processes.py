"""A synthesis by several processes at once, where there are many users and a core for each.

Python and Node wait for one another all through a synthesis, so one process uses one core.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from kuberoster.model.days import TODAY
from kuberoster.model.errors import KuberosterError
from kuberoster.model.outdir import MANIFEST
from kuberoster.model.roster import TeamRoster
from kuberoster.model.settings import TEAMS
from kuberoster.model.whole_file import write_whole

PROCESSES = "KUBEROSTER_PROCESSES"
"""Environment variable with the most processes to synthesise with; else one for each core."""

_AT_MOST = 8
_PATIENCE = 10
"""Seconds in which a process may tidy up that is not needed any more."""
_START = 100
"""What the start of another process takes, in users synthesised meanwhile (docs/adr/0003)."""


class OtherProcess:
    """A process that synthesises some teams of a roster, into an outdir of its own."""

    def __init__(self, folder: Path, teams: Sequence[TeamRoster], day: date, outdir: Path) -> None:
        self._teams = [entry.team.name for entry in teams]
        self._outdir = outdir
        own = {
            "CDKTF_OUTDIR": str(outdir),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            PROCESSES: "1",
            TEAMS: " ".join(self._teams),
            TODAY: day.isoformat(),
        }
        self._running = subprocess.Popen(
            [sys.executable, "-m", "kuberoster.constructs", str(folder)],
            env=os.environ | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def collect(self, outdir: Path) -> None:
        """Wait, and add its stacks to an outdir and to the manifest there.

        Raises KuberosterError, with what it wrote to stderr, where it failed.
        """
        _, errors = self._running.communicate()
        if status := self._running.returncode:
            raise KuberosterError(
                f"The process for the teams {', '.join(self._teams)} ended with status {status}.\n"
                f"{errors}{PROCESSES}=1 does without such a process."
            )
        for team in self._teams:
            target = outdir / "stacks" / team
            target.mkdir(parents=True, exist_ok=True)
            for file in (self._outdir / "stacks" / team).iterdir():
                write_whole(target / file.name, file.read_bytes())
        made, manifest = (
            json.loads((each / MANIFEST).read_text(encoding="utf-8"))
            for each in (self._outdir, outdir)
        )
        manifest["stacks"] |= made["stacks"]
        write_whole(outdir / MANIFEST, json.dumps(manifest, indent=2, sort_keys=True).encode())

    def stop(self) -> None:
        """End it, whether it is done or not."""
        with self._running as running:
            running.terminate()
            try:
                running.wait(_PATIENCE)
            finally:
                running.kill()


@contextmanager
def other_processes(
    folder: Path, parts: Sequence[Sequence[TeamRoster]], day: date
) -> Iterator[list[OtherProcess]]:
    """Start a process for each part; none of them outlives the block, nor do its files."""
    with ExitStack() as started:
        processes = []
        for teams in parts:
            outdir = Path(started.enter_context(TemporaryDirectory(prefix="kuberoster-")))
            processes.append(OtherProcess(folder, teams, day, outdir))
            started.callback(processes[-1].stop)
        yield processes


def in_parts(teams: Sequence[TeamRoster]) -> tuple[list[TeamRoster], list[list[TeamRoster]]]:
    """The teams that this process synthesises, and those of each other process.

    A team is a stack and stays whole. Raises KuberosterError when KUBEROSTER_PROCESSES holds
    no number of processes.
    """
    parts: list[list[TeamRoster]] = [[] for _ in range(_processes())]
    loads = [0, *[_START] * (len(parts) - 1)]
    for entry in sorted(teams, key=lambda entry: len(entry.users), reverse=True):
        least = loads.index(min(loads))
        parts[least].append(entry)
        loads[least] += len(entry.users)
    return parts[0], [part for part in parts[1:] if part]


def _processes() -> int:
    given = os.environ.get(PROCESSES)
    if not given:
        return min(_cores(), _AT_MOST)
    if not given.isdecimal() or not 1 <= int(given) <= 64:
        raise KuberosterError(f"{PROCESSES} is {given!r}.\nIt is a number from 1 to 64.")
    return int(given)


def _cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
