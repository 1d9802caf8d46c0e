"""`kuberoster validate`."""

import argparse
import sys

from kuberoster.cli.command import Commands, add_command, read_roster
from kuberoster.model.counted import counted
from kuberoster.model.days import acting_day
from kuberoster.model.due import upcoming
from kuberoster.model.useless import unknown_groups


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "validate",
        _run,
        summary="check users/ and cdktf.json, and nothing else",
        description="Check every file of users/, and say all that is wrong at once; warn of what\n"
        "starts or ends soon. Needs no cluster, no Terraform and no Node, so that it fits a\n"
        "pre-commit hook.",
        example="kuberoster validate --within 30",
    )
    parser.add_argument(
        "--within",
        type=_days,
        default=14,
        metavar="DAYS",
        help="warn of what falls due in so many days (default: 14)",
    )


def _run(options: argparse.Namespace) -> int:
    settings, roster = read_roster(options)
    settings.authority()
    users, teams = counted(len(roster.users), "user"), counted(len(roster.teams), "team")
    print(f"{users} in {teams}: no problem found")
    if groups := sorted(unknown_groups(roster.grants)):
        print(
            f"note: what users/ allows in the API groups {', '.join(groups)} was not looked at: "
            "Kubernetes itself has none of this name, and the cluster is not asked",
            file=sys.stderr,
        )
    for event in upcoming(roster, acting_day(), options.within):
        print(f"warning: {event}", file=sys.stderr)
    return 0


def _days(text: str) -> int:
    if not text.isdecimal() or len(text) > 4:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 0 to 9999")
    return int(text)
