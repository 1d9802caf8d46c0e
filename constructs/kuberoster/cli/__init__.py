"""The command `kuberoster`; a module for each of its commands.

This one loads quickly: until it has, whoever interrupts the command sees a traceback.
"""

from collections.abc import Sequence

from kuberoster.model.stopping import die_when_interrupted

__all__ = ["main", "program"]


def program() -> int:
    """`main` as a process of its own, which an interrupt ends at any moment, and quietly."""
    die_when_interrupted()
    return main()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status, whatever becomes of its output.

    0 done, 1 a problem, 2 a wrong call; 130, 143 or 129 where SIGINT, SIGTERM or SIGHUP stopped
    it; some commands have more to say.
    """
    from kuberoster.cli.commands import run  # noqa: PLC0415  # after `program` is ready for it

    return run(arguments)
