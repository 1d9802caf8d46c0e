"""`kuberoster validate`."""

import argparse

from kuberoster.cli.command import Commands, add_command, read_roster


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    add_command(
        commands,
        "validate",
        _run,
        summary="check users/ and cdktf.json, and nothing else",
        description="Check every file of users/, and say all that is wrong at once.\n"
        "Needs no cluster, no Terraform and no Node, so that it fits a pre-commit hook.",
        example="kuberoster validate",
    )


def _run(options: argparse.Namespace) -> int:
    _, roster = read_roster(options)
    users = sum(len(entry.users) for entry in roster.teams)
    print(f"{_count(users, 'user')} in {_count(len(roster.teams), 'team')}: no problem found")
    return 0


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
