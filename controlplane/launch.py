"""Starting a supervisor, and hearing from it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from controlplane.build import build
from controlplane.errors import ControlPlaneError
from controlplane.files import last_lines
from controlplane.layout import Layout, Settings

_SOURCES = Path(__file__).parent.parent


def prepare(
    layout: Layout, *, context: str, audit: bool, extra_api_server_args: tuple[str, ...]
) -> None:
    """Build the programs if need be, and make the directory ready for a start."""
    if sys.platform != "linux":
        raise ControlPlaneError("The local control plane runs on Linux only.")
    binaries = str(build())
    layout.prepare(
        Settings(
            binaries=binaries,
            context=context,
            audit=audit,
            extra_api_server_args=extra_api_server_args,
        )
    )


def supervisor(layout: Layout, mode: str) -> subprocess.Popen[str]:
    """Start `python -m controlplane` with a mode of its own, in a session of its own."""
    paths = [str(_SOURCES), *filter(None, [os.environ.get("PYTHONPATH")])]
    with layout.log("supervisor").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "controlplane", mode, str(layout.directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            # Modules like ours in the caller's working directory mustn't be taken instead.
            cwd=_SOURCES,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,
        )


def expect_answer(layout: Layout, answers: IO[str] | None) -> None:
    """Wait for the answer to a start or a command; raises ControlPlaneError when it is an error."""
    line = answers.readline() if answers else ""
    if not line:
        log = layout.log("supervisor")
        raise ControlPlaneError(f"The supervisor ended. The end of {log}:\n{last_lines(log)}")
    error = json.loads(line).get("error")
    if error:
        raise ControlPlaneError(f"{layout.directory}: the control plane stopped. {error}")


def wait_for_end(starter: subprocess.Popen[str]) -> None:
    """Tell a supervisor that isn't ready yet to stop, and wait until it and its programs have."""
    if starter.stdin:
        starter.stdin.close()
    if starter.stdout:
        starter.stdout.read()  # ends when the last one that could write to it has
