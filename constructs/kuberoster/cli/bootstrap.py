"""`kuberoster bootstrap`."""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kuberoster.cli.command import Commands, add_command, connect_today, read_roster
from kuberoster.model.environment import chosen_context, unseen_kubeconfig
from kuberoster.model.objects import ROSTER_LABEL
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.model.settings_file import remember
from kuberoster.model.useless import unknown_groups

if TYPE_CHECKING:
    from kuberoster.cluster import Cluster
    from kuberoster.operations.guard import Guard


_GUARDED = (
    "The API server refuses whatever would bring a revoked user back, and takes Secrets, "
    "ServiceAccounts, bindings and token requests in users' namespaces from deployers alone."
)
_UNGUARDED = (
    "So this is not guarded: a plan made before a revocation brings the user back when it is "
    "applied, and whoever may write Secrets or ask for tokens in users' namespaces, as `edit` "
    "over the whole cluster may, can act as each user."
)


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "bootstrap",
        _run,
        summary="prepare a cluster for the first deploy",
        description="Say all that users/ speaks of and the cluster does not have, such as a\n"
        "namespace, and all names in it that somebody else has there, such as a team's of another\n"
        "roster, and change nothing then. Else:\n"
        "Make the namespace of Terraform's state, closed to pods, and take the\n"
        "existing namespaces that teams name, when they are empty. Make the guard: admission\n"
        "policies by which the API server itself refuses to bring a revoked user back, and\n"
        "credentials of users by anybody but a deployer. Write into cdktf.json by what the\n"
        "cluster is known, so that no command and no deploy takes another one for it.\n"
        "May be run again.",
        example="kuberoster bootstrap && cdktf deploy",
    )
    parser.add_argument(
        "--same-roster",
        action="store_true",
        help="the roster that the cluster knows by this name is the one of this folder",
    )
    parser.add_argument(
        "--no-guard", action="store_true", help="make no admission policies, and remove none"
    )


def _run(options: argparse.Namespace) -> int:
    # Imported here: see connect.
    from kuberoster.operations.bootstrap import bootstrap  # noqa: PLC0415
    from kuberoster.operations.claim import check_claim  # noqa: PLC0415

    settings, roster = read_roster(options)
    cluster, day = connect_today(settings)
    print(f"cluster {cluster.context} at {cluster.server}")
    older = check_claim(cluster, roster, settings, same=options.same_roster)
    _refuse_half_a_deploy(cluster, roster, settings, day)
    # Before anything carries the roster's name: else a bootstrap that stops here half-way would
    # not know the next time that this name is its own.
    _remember_uid(cluster, options.directory)
    bootstrap(cluster, roster, settings.state, print)
    if older:
        print(
            f"roster {settings.roster}: takes over what an earlier version deployed; the next "
            f"deploy adds the label {ROSTER_LABEL}={settings.roster} to each object, in place"
        )
    if options.no_guard:
        _go_without_guard(cluster, settings)
    else:
        _guard(cluster, settings, roster)
    if unseen := unseen_kubeconfig(settings.cluster):
        print(f"warning: {unseen}", file=sys.stderr)
    return 0


def _guard(cluster: "Cluster", settings: Settings, roster: Roster) -> None:
    from kuberoster.cluster.inventory import metadata_of_all  # noqa: PLC0415
    from kuberoster.operations.guard import (  # noqa: PLC0415  # see connect
        make_guard,
        of_no_roster,
        outside_guard,
    )

    guard = make_guard(cluster, settings.roster, settings.state.namespace)
    namespaces = metadata_of_all(cluster, "Namespace").values()
    homes = {entry.team.namespace for entry in roster.teams}
    bare = outside_guard(namespaces, homes, settings.roster)
    label = f"{ROSTER_LABEL}={settings.roster}"
    if not guard.stands:
        print(f"guard: not made: {_why_not_made(guard)}. {_UNGUARDED}", file=sys.stderr)
    elif bare:
        print(
            f"guard: its policies are made, and it does not stand for {', '.join(bare)}, without "
            f"the label {label}. {_UNGUARDED}\nWhere that is this roster's, label it, and run "
            f"this again: kubectl label namespace {' '.join(bare)} {label}",
            file=sys.stderr,
        )
    elif not guard.untried:
        print(f"guard: stands. {_GUARDED}")
    if guard.untried:
        print(
            "guard: its policies are there, and whether the API server acts on them was not "
            f"tried: {guard.untried}",
            file=sys.stderr,
        )
    if others := [name for name in of_no_roster(namespaces) if name not in homes]:
        print(
            f"guard: it is not for {', '.join(others)}: users/ does not declare it, and it is a "
            "team's without any roster's name. Where it is this roster's: kubectl label namespace "
            f"{' '.join(others)} {label}",
            file=sys.stderr,
        )
    for each in guard.left:
        print(f"guard: beside it {each.object} {each.what}", file=sys.stderr)
    if guard.state != "unseen" and (bare or not guard.untried):
        _remember(settings, stands=guard.stands and not bare)


def _why_not_made(guard: "Guard") -> str:
    match guard.state:
        case "absent" | "weakened":
            return f"{guard.why_not}, and you may not write admission policies (403)"
        case "unseen":
            return f"{guard.why_not}, so it is not known whether it stands"
    return guard.why_not


def _go_without_guard(cluster: "Cluster", settings: Settings) -> None:
    from kuberoster.operations.guard import PLURALS, read_guard  # noqa: PLC0415  # see connect

    found = read_guard(cluster, settings.roster, settings.state.namespace)
    if found.state in ("whole", "weakened") or found.left:
        print(
            "guard: its policies stand from before, and are left. To remove them: "
            f"kubectl delete {PLURALS} -l {ROSTER_LABEL}={settings.roster}",
            file=sys.stderr,
        )
    print(f"guard: none is made. {_UNGUARDED}", file=sys.stderr)
    _remember(settings, stands=False)


def _remember(settings: Settings, *, stands: bool) -> None:
    if stands != settings.guard and remember(settings.folder, {"guard": stands}):
        print(f"cdktf.json: says so now (guard: {str(stands).lower()}); commit it")


def _refuse_half_a_deploy(
    cluster: "Cluster", roster: Roster, settings: Settings, day: date
) -> None:
    """Raise RosterError with all that users/ speaks of and the cluster does not have, and with
    all that it declares and somebody else has there.
    """
    from kuberoster.cluster import Forbidden  # noqa: PLC0415  # see connect
    from kuberoster.cluster.discovery import served_api  # noqa: PLC0415
    from kuberoster.cluster.inventory import all_of  # noqa: PLC0415
    from kuberoster.operations.taken import taken_names  # noqa: PLC0415
    from kuberoster.review.change.missing import KINDS, refuse_all_missing  # noqa: PLC0415

    expected = roster.from_day(day)
    try:
        objects = all_of(cluster, KINDS)
        taken = taken_names(cluster, expected, settings)
        api = served_api(cluster, unknown_groups(expected.grants))
    except Forbidden as error:
        print(
            "warning: whether a deploy finds all that users/ speaks of, and no name taken by "
            f"somebody else, was not looked at; it could stop half-way. {error}",
            file=sys.stderr,
        )
        return
    context = chosen_context(settings.cluster)
    refuse_all_missing(expected, objects, context, api=api, beside=taken)


def _remember_uid(cluster: "Cluster", folder: Path) -> None:
    """Write by what the cluster is known into cdktf.json, where it is not there yet."""
    from kuberoster.cluster.cluster_uid import UnknownCluster, read_uid  # noqa: PLC0415

    try:
        uid = read_uid(cluster)
    except UnknownCluster as error:
        print(f"warning: cdktf.json can't say which cluster it is for. {error}", file=sys.stderr)
        return
    if remember(folder, {"cluster": {"uid": uid}}):
        print(f"cdktf.json: is for this cluster alone from now on (uid {uid}); commit it")
