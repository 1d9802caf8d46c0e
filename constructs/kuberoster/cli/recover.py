"""`kuberoster recover`."""

import argparse
from typing import TYPE_CHECKING

from kuberoster.cli.command import (
    Commands,
    add_command,
    connect,
    read_roster,
)
from kuberoster.cli.confirm import confirm
from kuberoster.cli.progress import steps
from kuberoster.model.days import today
from kuberoster.model.errors import KuberosterError
from kuberoster.model.printable import printable
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings

if TYPE_CHECKING:
    from kuberoster.operations.recovery import Prepared


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "recover",
        _run,
        summary="bring state and cluster together after a deploy that died",
        description="After a deploy that was killed, or a state that was lost or is an old one:\n"
        "show what has to be done, ask, and do it. Releases the lock of a Terraform that is\n"
        "gone, takes what the roster declares and the cluster has into the state without\n"
        "reading a token, and deletes what nobody tracks. Then deploy.",
        example="kuberoster recover web",
    )
    parser.add_argument("teams", metavar="TEAM", nargs="*", help="default: every team")
    parser.add_argument("--yes", action="store_true", help="do it without asking")
    parser.add_argument(
        "--force",
        action="store_true",
        help="release a lock whose holder may still be at work, such as another machine's",
    )
    parser.add_argument(
        "--retire",
        metavar="TEAM",
        help="delete what is left of a team whose file is gone, its state included",
    )


def _run(options: argparse.Namespace) -> int:
    # Imported here: see connect.
    from kuberoster.operations.clock import check_clock  # noqa: PLC0415
    from kuberoster.operations.departed import departed_teams  # noqa: PLC0415
    from kuberoster.operations.recovery import carry_out, prepare  # noqa: PLC0415

    settings, roster = read_roster(options)
    if options.retire:
        return _retire(options, settings, roster)
    entries = roster.on(today()).chosen(options.teams)
    cluster = connect(settings)
    check_clock(cluster)
    if not options.teams and (departed := departed_teams(cluster, roster, settings)):
        raise KuberosterError("\n\n".join(map(str, departed)))
    with steps() as step:
        found = prepare(settings, entries, cluster, force=options.force, step=step)
    if not found:
        print("state and cluster are together; nothing to do")
        return 0
    for prepared in found:
        _show(prepared)
    confirm("All of this is done at once.", "recover", yes=options.yes)
    with steps() as step:
        for prepared in found:
            step(f"recovering {prepared.terraform.team}")
            carry_out(prepared, cluster, tell=print)
    teams = " ".join(prepared.terraform.team for prepared in found)
    print(f"done; now deploy: cdktf deploy {teams}")
    return 0


def _retire(options: argparse.Namespace, settings: Settings, roster: Roster) -> int:
    from kuberoster.operations.inventory import shown  # noqa: PLC0415  # see connect
    from kuberoster.operations.recovery import find_left_behind, retire  # noqa: PLC0415

    team = options.retire
    if options.teams:
        raise KuberosterError("--retire takes one team, and no other is recovered with it.")
    if any(entry.team.name == team for entry in roster.teams):
        raise KuberosterError(
            f"team {team!r}: is in the roster.\n"
            f"First let users/{team}.py have `USERS = []`, deploy, and remove the file."
        )
    cluster = connect(settings)
    found = find_left_behind(cluster, settings, team)
    if not found:
        print(f"nothing of a team {team!r} is left")
        return 0
    print(f"{team}:")
    for key in sorted(found.objects):
        print(f"  delete {printable(shown(key))}")
    for namespace in found.given_back:
        print(f"  keep Namespace {namespace}, which was there before, empty and closed to pods")
    if found.state is not None:
        print(f"  delete its state: {found.state.shown}")
    confirm(f"Nobody of {team} has access after this.", team, yes=options.yes)
    with steps() as step:
        retire(cluster, found, step)
    print(f"done; nothing of {team} is left")
    return 0


def _show(prepared: "Prepared") -> None:
    from kuberoster.operations.inventory import shown  # noqa: PLC0415  # see connect

    lock, recovery = prepared.lock, prepared.recovery
    print(f"{recovery.team}:")
    if prepared.unreadable is not None:
        print(f"  put the broken state file {prepared.unreadable} aside")
    if lock is not None:
        print(f"  release the lock {printable(str(lock))} ({printable(lock.operation)})")
    for key in sorted(recovery.delete):
        what = printable(shown(key))
        print(f"  delete {what}, which the roster does not declare and no state knows")
    for address in sorted(recovery.forget):
        print(f"  forget {address}, which stands for an object that is gone or another one")
    for line in prepared.planned or [f"import {id} as {to}" for to, id in recovery.imports.items()]:
        print(f"  {line}")
    for resource, metadata in recovery.adopt:
        place = f"{metadata['namespace']}/{metadata['name']}"
        print(f"  adopt Secret {place} as {resource.address}, without reading its token")
    if recovery.losing:
        users = ", ".join(sorted(set(recovery.losing)))
        print(f"  need a new kubeconfig if theirs is from a Secret that goes: {users}")
