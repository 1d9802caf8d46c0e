"""`kuberoster drift`."""

import argparse
import dataclasses
import json
import sys

from kuberoster.cli.command import Commands, add_command, connect, read_roster
from kuberoster.cli.progress import steps
from kuberoster.model.counted import counted
from kuberoster.model.days import acting_day
from kuberoster.model.errors import KuberosterError
from kuberoster.model.printable import printable
from kuberoster.model.roster import Roster

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
        "Exit status: 0 nothing differs, 2 something does, 1 an error; a team whose file is\n"
        "gone and whose namespace or state is still there is one, and a guard that this\n"
        "credential may not see.\n"
        "With --cluster-roles also where the default roles of Kubernetes, such as view, and its\n"
        "bindings for everyone give more there than Kubernetes' own defaults do.",
        example="kuberoster drift web --format json",
    )
    parser.add_argument("teams", nargs="*", metavar="TEAM", help="these teams (default: all)")
    parser.add_argument(
        "--cluster-roles",
        action="store_true",
        help="show too where the cluster's default roles give users more than Kubernetes'",
    )
    parser.add_argument("--format", choices=["table", "json"], default="table")


def _run(options: argparse.Namespace) -> int:
    # Imported here: see connect.
    from kuberoster.operations.clock import check_clock  # noqa: PLC0415
    from kuberoster.operations.departed import departed_teams  # noqa: PLC0415
    from kuberoster.operations.drift import Difference, find_drift, guard_drift  # noqa: PLC0415
    from kuberoster.operations.revocation import (  # noqa: PLC0415
        read_revocations,
        revoked_and_active,
    )
    from kuberoster.review.widened import find_widened  # noqa: PLC0415

    settings, roster = read_roster(options)
    entries = roster.chosen(options.teams)
    day = acting_day()
    cluster = connect(settings)
    check_clock(cluster)
    with steps() as step:
        step("looking at the guard")
        guard = guard_drift(cluster, settings)
        revocations = read_revocations(cluster, settings.state.namespace)
        active = Roster(tuple(entries)).on(day)
        departed = [] if options.teams else departed_teams(cluster, roster, settings)
        left = [each.name for each in departed]
        revoked = [
            Difference(f"User {user}", "revoked", what)
            for user, what in revoked_and_active(active, revocations)
        ]
        compared = find_drift(cluster, roster, day, options.teams, left=left, step=step)
        differences = [*guard.differences, *revoked, *compared]
        if options.cluster_roles:
            step("comparing default roles")
            differences += find_widened(cluster, Roster(tuple(entries)).from_day(day))
    if options.format == "json":
        found = [dataclasses.asdict(difference) for difference in differences]
        document = {"differences": found, "cluster_roles": options.cluster_roles}
        print(json.dumps(document, indent=2))
    elif differences:
        rows = [[*map(printable, dataclasses.astuple(each))] for each in differences]
        width = max(len(name) for name, _, _ in rows)
        for name, state, what in rows:
            print(f"{state:<10}  {name:<{width}}  {what}")
    elif not departed and not guard.unseen:
        users = sum(len(entry.users) for entry in entries)
        print(f"{counted(users, 'user')}: the cluster is as the roster says")
        if not options.cluster_roles:
            print("not looked at: default roles that give more than Kubernetes' (--cluster-roles)")
    if guard.beside:
        print(f"warning: {guard.beside}", file=sys.stderr)
    errors = [*map(str, departed), *filter(None, [guard.unseen])]
    if errors:
        raise KuberosterError("\n\n".join(errors))
    return DRIFT if differences else 0
