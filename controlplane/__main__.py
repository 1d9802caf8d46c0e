"""The command line: python -m controlplane up|status|down DIR."""

import argparse
import os
import signal
import sys
from pathlib import Path

from controlplane import detached
from controlplane.errors import ControlPlaneError
from controlplane.layout import Layout
from controlplane.supervisor import answer, supervise


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it worked, 1 for an error, 3 when status finds nothing running."""
    options = _parser().parse_args(arguments)
    directory: Path = options.directory.absolute()
    # The supervisor replaces this; `up` then undoes a start that was broken off, like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        match options.command:
            case "run":
                return _supervise(directory, detached=False)
            case "run-detached":
                # Whoever started it gets no child to wait for, and the kernel's init does.
                return 0 if os.fork() else _supervise(directory, detached=True)
            case "up":
                started = detached.up(directory, context=options.context, audit=options.audit)
                print("Started." if started else "Runs already.", _where(directory))
            case "down" if options.delete:
                stopped = detached.delete(directory)
                print("Stopped" if stopped else "Nothing ran", f"and {directory} removed.")
            case "down":
                print("Stopped." if detached.down(directory) else "Nothing runs.")
            case "status":
                running = detached.is_up(directory)
                print(f"Runs. {_where(directory)}" if running else "Doesn't run.")
                return 0 if running else 3
    except (ControlPlaneError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _supervise(directory: Path, *, detached: bool) -> int:
    try:
        supervise(directory, detached=detached)
    except ControlPlaneError as error:
        answer(error)
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def _where(directory: Path) -> str:
    layout = Layout(directory)
    return f"{layout.settings().server}\nexport KUBECONFIG={layout.kubeconfig}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m controlplane",
        description="A real Kubernetes control plane on this machine: no nodes, so no pod runs.",
        epilog="Example: python -m controlplane up .demo",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="up|status|down")
    up = commands.add_parser("up", help="start it, or keep the one that runs")
    up.add_argument("--context", default="kuberoster-demo", help="its name in the kubeconfig")
    up.add_argument("--audit", action="store_true", help="write DIR/audit.log")
    down = commands.add_parser("down", help="stop it and wait for its end; its data stays")
    down.add_argument("--delete", action="store_true", help="remove DIR too")
    status = commands.add_parser("status", help="exit with 0 if it works, else with 3")
    # How the supervisor is started, for nobody to type: no help.
    others = (commands.add_parser("run"), commands.add_parser("run-detached"))
    for command in (up, down, status, *others):
        command.add_argument("directory", metavar="DIR", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
