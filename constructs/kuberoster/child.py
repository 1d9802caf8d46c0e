"""Programs that a command runs to their end, and that do not outlive it."""

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

PATIENCE = 60
"""Seconds in which a program that is asked to end may do so; Terraform keeps its state then."""


def run_to_end(
    command: Sequence[str] | str,
    *,
    given: str | None = None,
    ask: Callable[[int, int], None] = os.killpg,
    **options: Any,
) -> "subprocess.CompletedProcess[str]":
    """Run a program as `subprocess.run` does; `given` is its input.

    Where that is interrupted, the program is asked to end, with all that it has started, and what
    is still there afterwards is killed. `ask` is os.kill for a program that ends its own.
    """
    options.setdefault("stdin", subprocess.DEVNULL if given is None else subprocess.PIPE)
    with subprocess.Popen(command, text=True, process_group=0, **options) as process:
        try:
            output, errors = process.communicate(given)
        except BaseException:
            with suppress(ProcessLookupError):
                ask(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=PATIENCE)
            raise
        finally:
            if process.poll() is None:
                process.kill()
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(command, process.returncode, output, errors)
