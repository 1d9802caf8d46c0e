"""Files that hold credentials, and locks."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from controlplane.errors import ControlPlaneError


def write_private(path: Path, content: bytes) -> None:
    """Put `content` at `path`, whole or not at all, readable by its owner from the first byte."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    partial.replace(path)


@contextmanager
def locked(path: Path, *, busy: str | None = None) -> Iterator[int]:
    """Hold the lock at `path`, and yield its file descriptor.

    Waits for another holder, or raises ControlPlaneError(busy) at once when `busy` is given.
    The kernel frees the lock when its holder dies, so none is ever stale.
    """
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError:
            raise ControlPlaneError(busy) from None
        yield file.fileno()


def last_lines(path: Path, count: int = 15) -> str:
    """Return the end of a log, or a sentence that there is none."""
    try:
        lines = path.read_text(errors="replace").splitlines()[-count:]
    except OSError:
        lines = []
    return "\n".join(f"  {line[:500]}" for line in lines) or "  (the log is empty)"
