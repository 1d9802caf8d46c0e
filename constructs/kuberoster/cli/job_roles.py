"""`kuberoster job-roles`."""

import argparse
import sys

from kuberoster.cli.command import Commands, add_command, read_roster
from kuberoster.model.days import asked_day
from kuberoster.model.errors import KuberosterError
from kuberoster.model.folder import load_folder
from kuberoster.model.roster import Roster


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "job-roles",
        _run,
        summary="print what the credential of a CI job may do, as YAML",
        description="Print the roles and bindings that a job in CI needs for this roster, and no\n"
        "more, for an administrator to apply:\n"
        "  review  reviews with --no-refresh; reaches the state's namespace alone\n"
        "  plan    reviews on what the cluster has, with plans; reads every token\n"
        "  deploy  reviews as plan does, tries, deploys and compares; nearly a cluster\n"
        "          administrator\n"
        "  drift   compares the cluster with the roster; may read every Secret\n"
        "The job may bind no other roles than those of the roster. With --base it may also do\n"
        "what the roster of that revision needs, as the deploy from there to here does.",
        example="kuberoster job-roles deploy --user system:serviceaccount:ci:deploy"
        " | kubectl apply -f -",
    )
    parser.add_argument("job", choices=["review", "plan", "deploy", "drift"], metavar="JOB")
    parser.add_argument(
        "--user",
        action="append",
        required=True,
        metavar="NAME",
        help="who the job is for the API server; name all, since what is applied later replaces it",
    )
    parser.add_argument("--base", metavar="REV", help="what this revision needs too")


def _run(options: argparse.Namespace) -> int:
    # Imported here: PyYAML is slow to load, and needed by few commands.
    from kuberoster.operations.job_roles import job_roles  # noqa: PLC0415
    from kuberoster.operations.yaml_text import to_yaml  # noqa: PLC0415

    settings, roster = read_roster(options)
    if asked := asked_day():
        nothing = "it changes nothing here: the roles do for each day"
        print(f"warning: {asked}; {nothing}", file=sys.stderr)
    rosters = [roster] if options.base is None else [_at(options), roster]
    for manifest in job_roles(options.job, options.user, rosters, settings):
        print(f"---\n{to_yaml(manifest)}", end="")
    return 0


def _at(options: argparse.Namespace) -> Roster:
    from kuberoster.operations.git import checked_out  # noqa: PLC0415  # as in _run

    with checked_out(options.directory, options.base) as folder:
        try:
            _, roster = load_folder(folder, past=True)
        except KuberosterError as error:
            raise KuberosterError(f"at {options.base}: {error}") from None
    return roster
