"""What every command has: a help text with an example, and the roster of its folder."""

import argparse
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from kuberoster.model.environment import chosen_context, refuse_other_cluster
from kuberoster.model.folder import load_folder
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings

if TYPE_CHECKING:
    from kuberoster.cluster import Cluster
    from kuberoster.cluster.cluster_uid import UnknownCluster

Commands = argparse._SubParsersAction  # argparse has no public name for it
Run = Callable[[argparse.Namespace], int]


def add_command(
    commands: "Commands[argparse.ArgumentParser]",
    name: str,
    run: Run,
    *,
    summary: str,
    description: str,
    example: str,
) -> argparse.ArgumentParser:
    """A command's parser; `example` stands at the end of its help."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def read_roster(options: argparse.Namespace) -> tuple[Settings, Roster]:
    """The settings and the roster of the folder; KuberosterError with all that is wrong."""
    return load_folder(options.directory)


def connect(
    settings: Settings, *, unsure: "Callable[[UnknownCluster], None] | None" = None
) -> "Cluster":
    """The cluster of the settings, as the administrator; the one that has their uid.

    Raises KuberosterError where the environment leads a deploy to another one, AnotherCluster
    where its uid is another, and UnknownCluster where the credential can't see the uid; that
    last error is given to `unsure` instead, where there is one.
    """
    refuse_other_cluster(settings.cluster)
    # Imported here: a Kubernetes client is slow to load, and `validate` needs none.
    from kuberoster.cluster import Cluster  # noqa: PLC0415
    from kuberoster.cluster.cluster_uid import UnknownCluster, check_uid  # noqa: PLC0415

    cluster = Cluster.connect(
        kubeconfig=settings.cluster.kubeconfig, context=chosen_context(settings.cluster)
    )
    try:
        check_uid(cluster, settings.cluster)
    except UnknownCluster as error:
        if unsure is None:
            raise
        unsure(error)
    return cluster


def connect_today(settings: Settings) -> "tuple[Cluster, date]":
    """The cluster of the settings, and the day to judge by, for each command that does so there.

    Raises KuberosterError as `connect` does, and where the clocks here and there do not agree.
    """
    from kuberoster.cluster.clock import day_by  # noqa: PLC0415  # see connect

    cluster = connect(settings)
    return cluster, day_by(cluster)
