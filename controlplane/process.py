"""Knowing a process again, so that no other one that got its number is ever killed."""

import ctypes
import dataclasses
import json
import os
import select
import signal
from collections.abc import Callable
from pathlib import Path

from controlplane.files import write_private

_PR_SET_PDEATHSIG = 1


@dataclasses.dataclass(frozen=True)
class Process:
    """A process by its id, its start (clock ticks since boot) and the boot's id."""

    pid: int
    started: int
    boot: str

    def save(self, path: Path) -> None:
        """Write it to a file."""
        write_private(path, json.dumps(dataclasses.asdict(self)).encode())

    def stop(self, patience: float) -> None:
        """Send SIGTERM, after `patience` seconds SIGKILL, and return when the process has ended."""
        try:
            # The descriptor stays this process's, even when the id is given to another one.
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        try:
            if find(self.pid) != self:
                return
            signal.pidfd_send_signal(descriptor, signal.SIGTERM)
            if not select.select([descriptor], [], [], patience)[0]:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                select.select([descriptor], [], [])
        except ProcessLookupError:
            return
        finally:
            os.close(descriptor)


def find(pid: int) -> Process | None:
    """Return the process with this id, or None when it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # A program's name, in parentheses, may hold blanks and parentheses itself (proc(5)).
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return Process(pid, int(fields[19]), boot)


def running(path: Path) -> Process | None:
    """Return the process that was saved at `path`, or None when it has ended."""
    try:
        saved = Process(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    return saved if find(saved.pid) == saved else None


def die_with(parent: int) -> Callable[[], None]:
    """Return what a child calls before exec, to be killed when its parent ends in any way.

    prctl(2): the kernel watches the thread that forked, so that has to be the main thread.
    """
    # Loaded before the fork: the child does nothing but two system calls.
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            os._exit(1)  # it ended before the kernel knew of our wish

    return ask
