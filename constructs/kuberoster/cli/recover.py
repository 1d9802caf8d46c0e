"""`kuberoster recover`."""

import argparse
import sys
from typing import TYPE_CHECKING

from kuberoster.cli.command import Commands, add_command, connect, connect_today, read_roster
from kuberoster.cli.confirm import confirm_and_look_again
from kuberoster.cli.progress import steps
from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import did_you_mean
from kuberoster.model.printable import printable
from kuberoster.model.roster import Roster
from kuberoster.model.stopping import noting
from kuberoster.model.team import team_name_faults

if TYPE_CHECKING:
    from kuberoster.cluster import Cluster
    from kuberoster.operations.recovery import Prepared, Retirement


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
    parser.add_argument(
        "--in",
        dest="namespaces",
        metavar="NAMESPACE",
        action="append",
        default=[],
        help="with --retire: this namespace is the team's, though no state says so",
    )
    parser.add_argument(
        "--unreadable",
        action="store_true",
        help="with --retire and --yes: delete the state even if it can't be read",
    )


def _run(options: argparse.Namespace) -> int:
    # Imported here: see connect.
    from kuberoster.operations.recovery import carry_out  # noqa: PLC0415

    if options.retire:
        return _retire(options)
    if options.namespaces or options.unreadable:
        raise KuberosterError("--in and --unreadable belong to --retire.")
    cluster, found = _look(options)
    if not found:
        print("state and cluster are together; nothing to do")
        return 0
    print("\n".join(line for prepared in found for line in _shown(prepared)))
    cluster, found = confirm_and_look_again(
        (cluster, found),
        lambda: _look(options),
        lambda seen: [line for prepared in seen[1] for line in _facts(prepared)],
        what="All of this is done at once.",
        word="recover",
        yes=options.yes,
    )
    half = "stopped before all of it was done. Run this again to see what is left."
    with noting(half), steps() as step:
        for prepared in found:
            step(f"recovering {prepared.terraform.team}")
            carry_out(prepared, cluster, tell=print)
    teams = " ".join(prepared.terraform.team for prepared in found)
    print(f"done; now deploy: cdktf deploy {teams}")
    return 0


def _look(options: argparse.Namespace) -> "tuple[Cluster, list[Prepared]]":
    """Everything that is to be done now, from users/, state and cluster."""
    # Imported here: see connect.
    from kuberoster.operations.departed import departed_teams  # noqa: PLC0415
    from kuberoster.operations.recovery import prepare  # noqa: PLC0415

    settings, roster = read_roster(options)
    chosen = roster.chosen(options.teams)
    cluster, day = connect_today(settings)
    if not options.teams and (departed := departed_teams(cluster, roster, settings)):
        raise KuberosterError("\n\n".join(map(str, departed)))
    with steps() as step:
        entries = Roster(tuple(chosen)).on(day).teams
        return cluster, prepare(settings, entries, cluster, force=options.force, step=step)


def _retire(options: argparse.Namespace) -> int:
    from kuberoster.operations.recovery import retire  # noqa: PLC0415  # see connect

    team = options.retire
    for wrong, mend in team_name_faults(team):
        raise KuberosterError(f"--retire: {wrong}.\n{mend}")
    if options.teams:
        raise KuberosterError("--retire takes one team, and no other is recovered with it.")
    cluster, found = _look_for_left(options)
    for namespace, doubt in found.doubtful.items():
        print(
            f"{team}: namespace {namespace} {printable(doubt)}. It is left alone; if it is the "
            f"team's: kuberoster recover --retire {team} --in {namespace}",
            file=sys.stderr,
        )
    if not found:
        if found.doubtful:
            raise KuberosterError(f"team {team!r}: nothing is known to be left of it.")
        if hint := _meant(options, cluster):
            raise KuberosterError(f"team {team!r}: nothing of it is left.{hint}")
        print(f"nothing of a team {team!r} is left")
        return 0
    print("\n".join([f"{team}:", *_left_behind(found)]))
    print(f"Was users/{team}.py ever in this folder? If not, all of this may be another roster's.")
    unreadable = found.state and found.state.seen.unreadable
    if unreadable and options.yes and not options.unreadable:
        raise KuberosterError(
            f"team {team!r}: its state {unreadable}, so what else it knows is not seen; nothing "
            "was done.\n"
            "--yes alone deletes no such state. Run this at a terminal, or add --unreadable."
        )
    cluster, found = confirm_and_look_again(
        (cluster, found),
        lambda: _look_for_left(options),
        lambda seen: _facts_of_left(seen[1]),
        what=f"Nobody of {team} has access after this.",
        word=team,
        yes=options.yes,
    )
    half = f"{team}: stopped before all of it was deleted. Run this again to see what is left."
    with noting(half), steps() as step:
        retire(cluster, found, step)
    print(f"done; nothing of {team} is left")
    return 0


def _meant(options: argparse.Namespace, cluster: "Cluster") -> str:
    """The team of users/, or of those that left it, whose name is nearly the one that was said."""
    from kuberoster.operations.departed import departed_teams  # noqa: PLC0415  # see connect

    settings, roster = read_roster(options)
    departed = [each.name for each in departed_teams(cluster, roster, settings)]
    return did_you_mean(options.retire, [*departed, *(each.team.name for each in roster.teams)])


def _look_for_left(options: argparse.Namespace) -> "tuple[Cluster, Retirement]":
    """What is left now of a team that users/ does not have."""
    from kuberoster.operations.recovery import find_left_behind  # noqa: PLC0415  # see connect

    settings, roster = read_roster(options)
    team = options.retire
    if any(entry.team.name == team for entry in roster.teams):
        raise KuberosterError(
            f"team {team!r}: is in the roster.\n"
            f"First let users/{team}.py have `USERS = []`, deploy, and remove the file."
        )
    cluster = connect(settings)
    return cluster, find_left_behind(cluster, settings, team, options.namespaces)


def _left_behind(found: "Retirement") -> list[str]:
    from kuberoster.cluster.inventory import shown  # noqa: PLC0415  # see connect

    lines = [f"  delete {printable(shown(key))}" for key in sorted(found.objects)]
    lines += [
        f"  keep Namespace {namespace}, which was there before, closed to pods"
        for namespace in found.given_back
    ]
    lines += [
        f"  leave {printable(shown(key))} in it, which holds no token of the team's"
        for key in found.left
    ]
    if found.state is not None:
        why = found.state.seen.unreadable
        can_t = f", which {why}, so what it has is not seen" if why else ""
        lines.append(f"  delete its state: {found.state.shown}{can_t}")
    return lines


def _facts_of_left(found: "Retirement") -> list[str]:
    from kuberoster.cluster.inventory import shown  # noqa: PLC0415  # see connect

    objects = [f"{shown(key)}, UID {each['uid']}" for key, each in sorted(found.objects.items())]
    state = found.state
    stored = (
        [f"{path} is of version {each[1]}" for path, each in state.objects.items()] if state else []
    )
    if state and state.file:
        stored.append(f"{state.file} was written at {state.file.stat().st_mtime_ns}")
    return [*_left_behind(found), *objects, *stored, *map(str, found.doubtful.items())]


def _shown(prepared: "Prepared") -> list[str]:
    from kuberoster.cluster.inventory import shown  # noqa: PLC0415  # see connect

    lock, recovery = prepared.lock, prepared.recovery
    lines = [f"{recovery.team}:"]
    if prepared.cut is not None:
        lines.append(f"  put the state file {prepared.cut} aside, which breaks off in the middle")
    if lock is not None:
        lines.append(f"  release the lock {printable(str(lock))} ({printable(lock.operation)})")
    for key in sorted(recovery.delete):
        what = printable(shown(key))
        why = recovery.swapped.get(key, "the roster does not declare and no state knows")
        lines.append(f"  delete {what}, which {printable(why)}")
    for address in sorted(recovery.forget):
        lines.append(f"  forget {address}, which stands for an object that is gone or another one")
    imports = [f"import {id} as {to}" for to, id in recovery.imports.items()]
    lines += [f"  {line}" for line in prepared.planned or imports]
    for resource, metadata in recovery.adopt:
        place = f"{metadata['namespace']}/{metadata['name']}"
        lines.append(
            f"  adopt Secret {place} as {resource.address}, without reading its token. No state "
            f"knows it: it is of {metadata.get('creationTimestamp', 'a time unknown')}, and "
            "whether a deploy made it or somebody put an old one back can't be seen. In doubt "
            "delete it first, and deploy"
        )
    if recovery.losing:
        users = ", ".join(sorted(set(recovery.losing)))
        lines.append(f"  need a new kubeconfig if theirs is from a Secret that goes: {users}")
    return lines


def _facts(prepared: "Prepared") -> list[str]:
    """What was shown, and which very objects, lock and state it was."""
    from kuberoster.cluster.inventory import shown  # noqa: PLC0415  # see connect

    recovery, lock = prepared.recovery, prepared.lock
    objects = {
        **recovery.delete,
        **{("Secret", m["namespace"], m["name"]): m for _, m in recovery.adopt},
    }
    return [
        *_shown(prepared),
        *(f"{shown(key)}, UID {each['uid']}" for key, each in sorted(objects.items())),
        f"the state of {recovery.team}: {prepared.state.version}",
        f"the lock of {recovery.team}: {lock.id if lock else 'is free'}",
    ]
