"""`kuberoster manifests`."""

import argparse

from kuberoster.cli.command import Commands, add_command, read_roster
from kuberoster.model.days import acting_day


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "manifests",
        _run,
        summary="print the objects that a deploy creates, as YAML",
        description="Print the Kubernetes objects of all teams or one, to read and to compare.\n"
        "This is no second way to manage users: generated names can't be applied, and a Secret\n"
        "that comes back under a fixed name brings its old token back to life.",
        example="kuberoster manifests web | less",
    )
    parser.add_argument("team", nargs="?", metavar="TEAM", help="one team (default: all)")


def _run(options: argparse.Namespace) -> int:
    # Imported here: PyYAML is slow to load, and needed by few commands.
    from kuberoster.model.manifests import team_manifests  # noqa: PLC0415
    from kuberoster.operations.yaml_text import to_yaml  # noqa: PLC0415

    _, roster = read_roster(options)
    roster = roster.on(acting_day())
    teams = roster.teams if options.team is None else [roster.find_team(options.team)]
    for entry in teams:
        for manifest in team_manifests(entry):
            print(f"---\n{to_yaml(manifest)}", end="")
    return 0
