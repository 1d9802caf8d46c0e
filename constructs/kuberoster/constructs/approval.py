"""Whether the `cdktf` that runs us can ask for the approval of what it plans."""

import sys
from collections.abc import Iterator
from pathlib import Path

from kuberoster.model.errors import KuberosterError

_ASKING = {"apply", "deploy", "destroy"}


def refuse_unasked() -> None:
    """Raise KuberosterError where `cdktf` would ask, and has no terminal to ask on.

    It dies then when Terraform has planned, and Terraform's lock of the state stays. Seen on
    Linux alone, where /proc shows who runs us; elsewhere, and by any other way, nothing is said.
    """
    if sys.platform != "linux":
        return
    for process in _ancestors():
        arguments = _arguments(process)
        verb = _verb(arguments)
        if verb is None:
            continue
        if verb in _ASKING and not _approves(arguments) and not _has_terminal(process):
            raise KuberosterError(
                f"`cdktf {verb}` has no terminal on which it could ask for approval: it would end "
                "half-way, and leave the lock of the state.\n"
                "Run it on a terminal; or, where what it does was reviewed before, with "
                "--auto-approve."
            )
        return


def _ancestors() -> Iterator[Path]:
    process = Path("/proc/self")
    while True:
        try:
            # The name in parentheses may hold anything, parentheses too.
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        except (OSError, IndexError):
            return
        if parent == "0":
            return
        process = Path("/proc") / parent
        yield process


def _arguments(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_text(errors="replace").rstrip("\0").split("\0")
    except OSError:
        return []


def _verb(arguments: list[str]) -> str | None:
    """The command of a `cdktf`, which is a script that Node runs; None for another program."""
    for place, argument in enumerate(arguments[:4]):
        if Path(argument).name in {"cdktf", "cdktf.js", "cdktn", "cdktn.js"}:
            return next((each for each in arguments[place + 1 :] if each[:1] != "-"), "")
    return None


def _approves(arguments: list[str]) -> bool:
    return any(
        argument.partition("=")[0] in {"--auto-approve", "--autoApprove"}
        and argument.partition("=")[2] != "false"
        for argument in arguments
    )


def _has_terminal(process: Path) -> bool:
    """Whether it can read from a terminal; true where that can't be seen."""
    try:
        return str((process / "fd" / "0").readlink()).startswith(("/dev/pts/", "/dev/tty"))
    except OSError:
        return True
