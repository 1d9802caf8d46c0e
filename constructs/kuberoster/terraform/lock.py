"""Who holds the lock of a state, and whether that process still lives."""

import re
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kuberoster.programs import TERRAFORM

_INFO = re.compile(r"^\W*(ID|Operation|Who|Created):[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)
_PROC = Path("/proc")


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """A held lock, as Terraform describes it in its error."""

    id: str
    who: str
    """`user@host`."""
    since: str
    operation: str

    @classmethod
    def parse(cls, said: str) -> "Lock | None":
        """The lock that an error of Terraform tells of; None when it is about no lock."""
        found = dict(_INFO.findall(said))
        if "ID" not in found or "Who" not in found:
            return None
        return cls(
            id=found["ID"],
            who=found["Who"],
            since=found.get("Created", "an unknown time"),
            operation=found.get("Operation", ""),
        )

    def __str__(self) -> str:
        return f"held by {self.who} since {self.since}"

    def is_of_this_host(self) -> bool:
        """Whether the holder named this machine; a lock holds no process id."""
        return self.who.rpartition("@")[2] == socket.gethostname()


def terraform_processes(stack: str) -> list[int]:
    """The ids of processes that may be Terraform at work on a stack, on this machine.

    One whose folder can't be seen counts, and so does every one where there is no /proc.
    """
    if not _PROC.is_dir():
        return list(_listed_by_ps())
    return [int(folder.name) for folder in _PROC.glob("[0-9]*") if _works_on(folder, stack)]


def _works_on(process: Path, stack: str) -> bool:
    try:
        # A process that has ended and that nobody has asked about has no command line.
        program = (process / "cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return False
    if not _is_terraform(program.decode(errors="replace")):
        return False
    try:
        return (process / "cwd").readlink().name == stack
    except PermissionError:
        return True
    except OSError:  # it has ended just now
        return False


def _is_terraform(program: str) -> bool:
    return Path(program).name in {"terraform", "tofu", Path(TERRAFORM.path).name}


def _listed_by_ps() -> Iterator[int]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=", "-o", "comm="], capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines():
        process, _, program = line.strip().partition(" ")
        if _is_terraform(program.strip()):
            yield int(process)
