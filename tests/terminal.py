"""A command at a terminal, where a person answers after something else has happened."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable

from tests.project import Project, Shown


def answered(
    project: Project, *arguments: str, word: str, meanwhile: Callable[[], object]
) -> Shown:
    """Run a command of kuberoster; when it asks, do something else first, then type the word."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "kuberoster.cli", *arguments],
        cwd=project.folder,
        env=project.environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown, asked = b"", False
    while chunk := _read(ours):
        shown += chunk
        if not asked and f"Type {word} to go on: ".encode() in shown:
            asked = True
            meanwhile()
            os.write(ours, f"{word}\n".encode())
    os.close(ours)
    output = shown.decode(errors="replace").replace("\r\n", "\n")
    project.outputs.append(output)
    assert asked, output
    assert "Traceback" not in output
    return Shown(process.wait(), output)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""
