"""`kuberoster review`."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from kuberoster.cli.command import Commands, add_command, read_roster
from kuberoster.cli.live_review import reach_cluster, read_cluster, tried
from kuberoster.cli.progress import steps
from kuberoster.cli.review_formats import error_written, written
from kuberoster.cli.review_options import add_options, check_options
from kuberoster.model.days import acting_day
from kuberoster.model.errors import KuberosterError
from kuberoster.model.folder import load_folder
from kuberoster.model.settings import Settings

if TYPE_CHECKING:
    from kuberoster.cluster import Cluster
    from kuberoster.review.change.review import Review
    from kuberoster.review.plan.stacks import Base, Project
    from kuberoster.review.snapshot import LiveSnapshot

NOTHING, CHANGES, BLOCKED = 0, 2, 3
"""Exit statuses; the first two are those of `terraform plan -detailed-exitcode`."""


def add(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "review",
        _run,
        summary="say what a change of users/ means, in terms of who can do what",
        description="Say who gains and loses what access, which tokens are issued and revoked,\n"
        "which risks are new, and what Terraform does and why. With --base, users/ is compared\n"
        "with another git revision and only the stacks that differ are planned; without it,\n"
        "every stack is, and what was there before is what the plans found. With --offline no\n"
        "Terraform runs and no cluster is asked. All is judged as of today, or\n"
        "KUBEROSTER_TODAY.\n"
        "Exit status: 0 nothing changes, 2 something does, 3 something must not pass unseen,\n"
        "1 an error. Colours only on a terminal, and not with NO_COLOR.",
        example="kuberoster review --offline --base origin/main --format markdown",
    )
    add_options(parser)


def _run(options: argparse.Namespace) -> int:
    check_options(options)
    try:
        with steps() as step:
            found = _review(options, step)
    except KuberosterError as error:
        for line in error_written(error, options.format, options.directory):
            print(line)
        raise
    if options.approved is not None:
        found = found.if_approved(options.approved)
    for line in written(found, options.format, options.directory, full=options.full):
        print(line)
    return BLOCKED if found.blocks else NOTHING if found.is_empty else CHANGES


def _review(options: argparse.Namespace, step: Callable[[str], None]) -> "Review":
    # Imported here: `validate` has to be fast.
    from kuberoster.review.plan.cluster import look_without_states  # noqa: PLC0415
    from kuberoster.review.plan.review import review_plans, review_revisions  # noqa: PLC0415
    from kuberoster.review.plan.stacks import Project  # noqa: PLC0415

    settings, roster = read_roster(options)
    head = Project(settings=settings, roster=roster)
    with _base(options) as base:
        if base and options.offline:
            step("comparing")
            return review_revisions(head, base, acting_day(), None)
        if options.plan:
            return review_plans(head, base, acting_day(), files=options.plan, step=step)
        if options.no_refresh:
            reached, day = reach_cluster(settings)
            return _planned(head, base, day, None, reached, step)
        cluster, day, snapshot = read_cluster(settings, roster, step)
        if base and options.no_plan:
            step("comparing")
            found = review_revisions(head, base, day, snapshot)
            blocks, unchecked = look_without_states(head, day, cluster)
            found = replace(
                found, blocks=(*found.blocks, *blocks), not_checked=(*found.not_checked, *unchecked)
            )
        else:
            found = _planned(head, base, day, snapshot, cluster, step)
    if options.server_dry_run:
        found = tried(found, roster, cluster, snapshot, step)
    return found


def _planned(
    head: "Project",
    base: "Base | None",
    day: date,
    snapshot: "LiveSnapshot | None",
    cluster: "Cluster | KuberosterError",
    step: Callable[[str], None],
) -> "Review":
    """Plan; without the cluster's snapshot from the state alone."""
    from kuberoster.review.plan.review import review_by_planning  # noqa: PLC0415  # as above
    from kuberoster.review.plan.run import NO_REFRESH  # noqa: PLC0415

    return review_by_planning(
        head,
        base,
        day,
        options=[] if snapshot else [NO_REFRESH],
        snapshot=snapshot,
        cluster=cluster,
        step=step,
    )


@contextmanager
def _base(options: argparse.Namespace) -> Iterator["Base | None"]:
    """The revision to compare with, as long as it is needed."""
    from kuberoster.operations.git import changed_files, checked_out  # noqa: PLC0415  # as above
    from kuberoster.review.plan.stacks import Base, Project  # noqa: PLC0415

    if options.base is None:
        yield None
        return
    with checked_out(options.directory, options.base) as folder:
        try:
            settings, roster = load_folder(folder, past=True)
        except KuberosterError as error:
            raise KuberosterError(f"at {options.base}: {error}") from None
        # Inside the folder that goes, wherever its cdktf.json says.
        inside = replace(settings, output=Settings.output)
        changed = changed_files(options.directory, options.base)
        yield Base(
            project=Project(settings=inside, roster=roster),
            name=options.base,
            changed_files=changed,
        )
