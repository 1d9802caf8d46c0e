"""`kuberoster drift`."""

import argparse
import dataclasses
import json

from kuberoster.cli.command import Commands, add_command, connect, counted, read_roster
from kuberoster.model.days import today

DRIFT = 2
"""Exit status where something differs, as of `terraform plan -detailed-exitcode`."""


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "drift",
        _run,
        summary="show what differs between the roster and the cluster",
        description="Compare the cluster with the roster as of today, without Terraform: what is\n"
        "missing, what was changed, and what nobody declared. Reads no token.\n"
        "Exit status: 0 nothing differs, 2 something does, 1 an error.",
        example="kuberoster drift --format json",
    )
    parser.add_argument("--format", choices=["table", "json"], default="table")


def _run(options: argparse.Namespace) -> int:
    from kuberoster.operations.drift import find_drift  # noqa: PLC0415  # see connect

    settings, roster = read_roster(options)
    differences = find_drift(connect(settings), roster.on(today()))
    if options.format == "json":
        rows = [dataclasses.asdict(difference) for difference in differences]
        print(json.dumps({"differences": rows}, indent=2))
    elif differences:
        width = max(len(difference.object) for difference in differences)
        for difference in differences:
            print(f"{difference.state:<10}  {difference.object:<{width}}  {difference.what}")
    else:
        print(f"{counted(len(roster.users), 'user')}: the cluster is as the roster says")
    return DRIFT if differences else 0
