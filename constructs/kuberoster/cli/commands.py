"""All commands in one parser, and how each of them ends."""

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from kuberoster.cli import (
    bootstrap,
    can,
    drift,
    job_roles,
    kubeconfig,
    manifests,
    recover,
    report,
    review,
    revoke,
    validate,
    who_can,
)
from kuberoster.cli.arguments import ArgumentParser
from kuberoster.cli.output import lasting_output
from kuberoster.model.errors import NO_ROOM, KuberosterError, how_to_write
from kuberoster.model.stopping import say_notes, stopped_status, tidily_stopped

_EXAMPLE = """\
example:
  kuberoster validate                  check users/, as a pre-commit hook does
  kuberoster bootstrap                 prepare a cluster, once
  cdktf deploy                         apply users/ to it
  kuberoster kubeconfig ann            write ann.kubeconfig, to hand over

exit status:
  0 done, 1 a problem, 2 a wrong call, 130 interrupted (143, 129: by SIGTERM, SIGHUP); can,
  review and drift say more by it.
  It is the same when nobody reads the output; where output is lost, such as on a full disk,
  0 becomes 1.

Run `kuberoster COMMAND --help` for a command's own example.
"""


def run(arguments: Sequence[str] | None) -> int:
    """Run one command; `main` says how it ends."""
    # A command keeps most objects to its end: looking often for cycles that can go took a third
    # of a review of 10,000 users, and freed nothing.
    gc.set_threshold(100_000, 50, 1000)
    try:
        with tidily_stopped(), lasting_output() as printed:
            verdict = _verdict(arguments)
    except KeyboardInterrupt as interrupt:
        return stopped_status(interrupt)
    return printed.status(verdict)


def _verdict(arguments: Sequence[str] | None) -> int:
    try:
        options = parser().parse_args(arguments)
        status: int = options.run(options)
    except SystemExit as end:  # argparse's way to end: 0 after --help, 2 for a wrong call
        return end.code if isinstance(end.code, int) else 1
    except KuberosterError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        say_notes(interrupt)
        raise
    except OSError as error:
        where = error.filename2 or error.filename or "system"
        mend = f"\n{how_to_write(error)}" if error.errno in NO_ROOM else ""
        print(f"{where}: {error.strerror or error}.{mend}", file=sys.stderr)
        return 1
    return status


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    whole = ArgumentParser(
        prog="kuberoster",
        description="Access to a Kubernetes cluster as a reviewed Python list.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action=_ShowVersion, nargs=0, help="show it and end")
    whole.add_argument(
        "-C",
        "--directory",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the folder with cdktf.json and users/ (default: this one)",
    )
    commands = whole.add_subparsers(metavar="COMMAND", required=True)
    for command in (
        validate,
        bootstrap,
        kubeconfig,
        can,
        who_can,
        review,
        report,
        drift,
        revoke,
        recover,
        manifests,
        job_roles,
    ):
        command.add(commands)
    return whole


class _ShowVersion(argparse.Action):
    """Look the version up only when it is asked for: that loads e-mail and socket modules."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print the version and end."""
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

        try:
            print(version("kuberoster"))
        except PackageNotFoundError:
            print("from a checkout, not installed")
        parser.exit()
