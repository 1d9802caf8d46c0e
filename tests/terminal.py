"""A command at a terminal, where a person answers after something else has happened."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence

from tests.project import Project, Shown

_SIZE = struct.pack("HHHH", 50, 200, 0, 0)
"""Rows and columns, by which cdktf breaks its lines."""


def answered(
    project: Project, *arguments: str, word: str, meanwhile: Callable[[], object]
) -> Shown:
    """Run a command of kuberoster; when it asks, do something else first, then type the word."""
    shown = at_terminal(
        project,
        [sys.executable, "-m", "kuberoster.cli", *arguments],
        project.environment,
        question=f"Type {word} to go on: ",
        answer=f"{word}\n",
        meanwhile=meanwhile,
    )
    assert "Traceback" not in shown.output
    return shown


def at_terminal(
    project: Project,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    question: str,
    answer: str,
    meanwhile: Callable[[], object],
) -> Shown:
    """Run a command; when it asks this, do something else first, then type the answer."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, _SIZE)
    process = subprocess.Popen(
        command,
        cwd=project.folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown, asked = b"", False
    while chunk := _read(ours):
        shown += chunk
        if not asked and question.encode() in shown:
            asked = True
            meanwhile()
            os.write(ours, answer.encode())
    os.close(ours)
    output = shown.decode(errors="replace").replace("\r\n", "\n")
    project.outputs.append(output)
    assert asked, output
    return Shown(process.wait(), output)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""
