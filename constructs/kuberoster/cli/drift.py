"""`kuberoster drift`."""

import argparse
import dataclasses
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kuberoster.cli.command import Commands, add_command, connect_today, read_roster
from kuberoster.cli.progress import steps
from kuberoster.model.counted import counted
from kuberoster.model.errors import KuberosterError
from kuberoster.model.printable import printable
from kuberoster.model.roster import Roster

if TYPE_CHECKING:
    from kuberoster.operations.drift import Difference

DRIFT = 2
"""Exit status where something differs, as of `terraform plan -detailed-exitcode`."""
_ALIKE = 3
"""The objects that are named where more were changed in one way; JSON has all of them."""


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "drift",
        _run,
        summary="show what differs between the roster and the cluster",
        description="Compare the cluster with the roster as of today, without Terraform: what is\n"
        "missing, what was changed, and what nobody declared, in the namespace of Terraform's\n"
        "state too. Reads no token. What the roster names and does not declare, such as what a\n"
        "ClusterRole of the cluster allows, is not compared, and named.\n"
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
    from kuberoster.operations.departed import departed_teams  # noqa: PLC0415
    from kuberoster.operations.drift import (  # noqa: PLC0415
        NOT_COMPARED,
        Difference,
        find_drift,
        guard_drift,
    )
    from kuberoster.operations.drift.widened import find_widened, not_compared  # noqa: PLC0415
    from kuberoster.operations.revocation import (  # noqa: PLC0415
        read_revocations,
        revoked_and_active,
    )

    settings, roster = read_roster(options)
    entries = roster.chosen(options.teams)
    cluster, day = connect_today(settings)
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
        compared = find_drift(cluster, roster, settings, day, options.teams, left=left, step=step)
        beyond = Roster(tuple(entries)).from_day(day)
        found = [*guard.differences, *revoked, *compared, *not_compared(beyond)]
        if options.cluster_roles:
            step("comparing default roles")
            found += find_widened(cluster, beyond)
    errors = [*map(str, departed), *filter(None, [guard.unseen])]
    differences = [each for each in found if each.state != NOT_COMPARED]
    unknown = [each for each in found if each.state == NOT_COMPARED]
    if options.format == "json":
        document = {
            "differences": [*map(dataclasses.asdict, differences)],
            "not_compared": [{"object": each.object, "what": each.what} for each in unknown],
            "cluster_roles": options.cluster_roles,
        }
        print(json.dumps(document, indent=2))
    else:
        if differences:
            _print_table(differences)
        elif not errors:
            users = counted(sum(len(entry.users) for entry in entries), "user")
            but = ", as far as it was compared" if unknown else ""
            print(f"{users}: the cluster is as the roster says{but}")
        for each in unknown:
            print(f"{NOT_COMPARED}: {printable(each.object)} {printable(each.what)}")
        if not options.cluster_roles and not differences and not errors:
            print("not looked at: default roles that give more than Kubernetes' (--cluster-roles)")
    if guard.beside:
        print(f"warning: {guard.beside}", file=sys.stderr)
    if errors:
        raise KuberosterError("\n\n".join(errors))
    return DRIFT if differences else 0


def _print_table(differences: "Sequence[Difference]") -> None:
    """A line for each difference, and one for all objects that were changed in one same way."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for each in differences:
        if each.state == "changed":
            alike[each.what].append(each.object)
    rows = []
    for each in differences:
        objects = alike[each.what] if each.state == "changed" else []
        if len(objects) <= _ALIKE:
            rows.append((each.object, each.state, each.what))
        elif each.object == objects[0]:
            shown = f"{', '.join(objects[:_ALIKE])} and {len(objects) - _ALIKE} more"
            rows.append((counted(len(objects), "object"), each.state, f"{each.what}: {shown}"))
    printed = [[*map(printable, row)] for row in rows]
    width = max(len(name) for name, _, _ in printed)
    for name, state, what in printed:
        print(f"{state:<10}  {name:<{width}}  {what}")
    if any(each.lacks_roster for each in differences):
        print(
            "An earlier version of kuberoster sets no such label: after kuberoster bootstrap the "
            "next deploy adds it, in place, and no token changes."
        )
