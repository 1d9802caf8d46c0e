"""`kuberoster report`."""

import argparse
from pathlib import Path

from kuberoster.cli.command import Commands, add_command, connect_today, read_roster
from kuberoster.cli.progress import steps
from kuberoster.model.counted import counted
from kuberoster.model.days import acting_day


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "report",
        _run,
        summary="write who has which access as one HTML file, to be reviewed",
        description="Write all users with their state, tokens, access and risks as of today into\n"
        "one HTML file with mode 0600. It holds no token and loads nothing; search, filter and\n"
        "sort it in a browser, or print it. From users/ alone it knows no token's age; with\n"
        "--live it adds roles, bindings and the metadata of token Secrets of the cluster.",
        example="kuberoster report -o access.html",
    )
    parser.add_argument(
        "-o",
        dest="file",
        default="access.html",
        metavar="FILE",
        help="default: access.html; a report that is there is replaced",
    )
    parser.add_argument(
        "--live",
        action="store_true",
        help="add what the cluster has: all roles and bindings, and ages of tokens",
    )


def _run(options: argparse.Namespace) -> int:
    # Imported here: `validate` has to be fast.
    from kuberoster.cluster.kinds import collection  # noqa: PLC0415
    from kuberoster.model.guard import as_set  # noqa: PLC0415
    from kuberoster.operations.guard import as_found, read_guard  # noqa: PLC0415
    from kuberoster.operations.private_file import check_name  # noqa: PLC0415
    from kuberoster.operations.token_ages import read_token_secrets  # noqa: PLC0415
    from kuberoster.rbac.source import live, offline  # noqa: PLC0415
    from kuberoster.report.content import content  # noqa: PLC0415
    from kuberoster.report.page import check_target, write_report  # noqa: PLC0415

    settings, roster = read_roster(options)
    check_name(options.file, "access.html")
    file = Path(options.file)
    check_target(file)
    with steps() as step:
        if options.live:
            cluster, day = connect_today(settings)
            step("reading roles and bindings")
            guard = read_guard(cluster, settings.roster, settings.state.namespace)
            namespaces = cluster.list_metadata(collection("Namespace"))
            guarding = as_found(guard, settings, roster, namespaces)
            source = live(cluster, roster.from_day(day), day).under(guarding)
            step("listing tokens")
            tokens = read_token_secrets(cluster, roster)
        else:
            day = acting_day()
            source, tokens = offline(roster.from_day(day), day).under(as_set(settings)), None
        step("writing the report")
        shown = content(settings, roster, day, source, tokens)
        write_report(file, shown)
    users, findings = counted(len(shown.people), "user"), counted(len(shown.findings), "finding")
    waived = sum(len(person.waived) for person in shown.people)
    accepted = f", {waived:,} waived" if waived else ""
    print(f"{file}: {users} in {counted(len(shown.teams), 'team')}, {findings}{accepted}")
    return 0
