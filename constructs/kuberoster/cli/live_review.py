"""A review that reads the cluster."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from kuberoster.cli.command import connect, connect_today
from kuberoster.model.days import acting_day
from kuberoster.model.errors import KuberosterError
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings

if TYPE_CHECKING:
    from kuberoster.cluster import Cluster
    from kuberoster.review.change.review import Review
    from kuberoster.review.snapshot import LiveSnapshot


def read_cluster(
    settings: Settings, roster: Roster, step: Callable[[str], None]
) -> "tuple[Cluster, date, LiveSnapshot]":
    """The cluster of the settings, the day to judge by, and roles and bindings.

    Raises KuberosterError that names --offline where it can't be read.
    """
    from kuberoster.review.snapshot import read_ground  # noqa: PLC0415  # see connect

    with _naming_offline():
        cluster, day = connect_today(settings)
        step("reading roles and bindings")
        return cluster, day, read_ground(cluster, settings, roster)


def reach_cluster(settings: Settings) -> "tuple[Cluster | KuberosterError, date]":
    """The cluster of the settings, or why it is not reached, and the day to judge by.

    Raises KuberosterError where it is another cluster, or the clocks do not agree.
    """
    # Imported here: see connect.
    from kuberoster.cluster.clock import day_by  # noqa: PLC0415
    from kuberoster.cluster.cluster_uid import AnotherCluster  # noqa: PLC0415

    try:
        cluster = connect(settings)
    except AnotherCluster:
        raise
    except KuberosterError as error:
        return error, acting_day()
    return cluster, day_by(cluster)


def tried(
    found: "Review",
    roster: Roster,
    cluster: "Cluster",
    snapshot: "LiveSnapshot",
    step: Callable[[str], None],
) -> "Review":
    """The review with what the API server says of all that a deploy of the roster would send.

    `roster` has everyone; who is active on the day of the review is tried.
    """
    from kuberoster.cluster.inventory import all_of  # noqa: PLC0415
    from kuberoster.operations.dry_run import dry_run  # noqa: PLC0415  # see connect
    from kuberoster.review.change.dry_run import planned_by, with_dry_run  # noqa: PLC0415

    live = {**snapshot.objects, **all_of(cluster, ("Secret", "ResourceQuota"))}
    planned = planned_by(found.plans)
    answers = dry_run(cluster, roster.on(found.day), live, planned, step=step)
    return with_dry_run(found, roster, planned, answers)


@contextmanager
def _naming_offline() -> Iterator[None]:
    """Say of a cluster that can't be read how a review goes without it."""
    from kuberoster.cluster import ClusterError  # noqa: PLC0415  # see connect

    try:
        yield
    except ClusterError as error:
        wrong, *mend = str(error).splitlines()
        without = "A review from users/ alone, which knows less, is one with --offline."
        raise KuberosterError(f"{wrong}\n{' '.join([*mend, without])}") from None
