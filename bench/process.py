"""A command as whole processes: how long it takes, and how much memory its tree has at most."""

import math
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from kuberoster import KuberosterError

_FIRST, _LAST, _LONGER = 0.01, 0.1, 1.3
"""Seconds to the first look at the memory, and at most between two; each wait grows by this.

A peak between two looks is missed.
"""
_LAST_LINES = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What one run of a command took."""

    seconds: float
    """From the start of the first process to the end of the last."""
    cpu_seconds: float
    """On all cores, user and system, of every process that was waited for."""
    peak_mib: float
    """The most anonymous memory that the tree had at one moment.

    Pages of files, such as Terraform's code, are not in it: processes share them, and the
    kernel takes them back when it needs room.
    """
    stopped: bool = False
    """Whether it was stopped at its limit; all of it takes more, then."""


def measure(
    script: str,
    folder: Path,
    environment: Mapping[str, str],
    *,
    status: int = 0,
    limit: float = math.inf,
) -> Cost:
    """Run a shell script to its end, in a session of its own, or until `limit` seconds are over.

    Raises KuberosterError, with the end of what it printed, for another exit status: what
    failed has no cost that says anything.
    """
    with TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            ["sh", "-euc", script],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        memory = _Memory(process.pid)
        limiter = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        try:
            memory.start()
            if limit < math.inf:
                limiter.start()
            _, ended, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        finally:
            seconds = time.perf_counter() - started
            limiter.cancel()
            memory.stop()
        process.returncode = os.waitstatus_to_exitcode(ended)
        stopped = seconds >= limit and process.returncode == -signal.SIGKILL
        if process.returncode != status and not stopped:
            raise KuberosterError(
                f"bench: exit status {process.returncode}, where {status} was expected: {script}\n"
                f"{_end_of(output)}"
            )
    return Cost(
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mib=memory.peak_kib / 1024,
        stopped=stopped,
    )


def _end_of(output: IO[bytes]) -> str:
    output.seek(0)
    return "\n".join(output.read().decode(errors="replace").splitlines()[-_LAST_LINES:])


class _Memory(threading.Thread):
    """Looks again and again at the memory of all processes of a session."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.peak_kib = 0
        self._session = session
        self._over = threading.Event()

    def run(self) -> None:
        pause = _FIRST
        self._look()
        while not self._over.wait(pause):
            pause = min(pause * _LONGER, _LAST)
            self._look()

    def _look(self) -> None:
        self.peak_kib = max(self.peak_kib, memory_kib(self._session))

    def stop(self) -> None:
        self._over.set()
        if self.ident:  # it was started
            self.join()


def memory_kib(session: int) -> int:
    """The anonymous memory of a session's processes at this moment, in KiB."""
    return sum(
        _anonymous_kib(process)
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and _session_of(process) == session
    )


def _session_of(process: Path) -> int | None:
    try:
        # The name, in brackets, may hold spaces and brackets.
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended
        return None
    return int(fields[3])


def _anonymous_kib(process: Path) -> int:
    try:
        lines = (process / "status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))
