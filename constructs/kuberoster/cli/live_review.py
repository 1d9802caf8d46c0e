"""A review that reads the cluster."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from kuberoster.cli.command import connect
from kuberoster.model.errors import KuberosterError
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings

if TYPE_CHECKING:
    from kuberoster.review.change.review import Review


def live_review(
    base: tuple[Settings, Roster],
    head: tuple[Settings, Roster],
    day: date,
    *,
    server_dry_run: bool,
    step: Callable[[str], None],
) -> "Review":
    """Compare two revisions on what the cluster has, and let it say what it would refuse.

    Raises RosterError with all that the head speaks of and the cluster does not have, and
    KuberosterError that names --offline where the cluster can't be read.
    """
    # Imported here: see connect.
    from kuberoster.operations.clock import check_clock  # noqa: PLC0415
    from kuberoster.operations.dry_run import dry_run  # noqa: PLC0415
    from kuberoster.operations.inventory import all_of  # noqa: PLC0415
    from kuberoster.review.change.dry_run import with_dry_run  # noqa: PLC0415
    from kuberoster.review.change.live_sides import live_sides  # noqa: PLC0415
    from kuberoster.review.change.missing import refuse_missing  # noqa: PLC0415
    from kuberoster.review.change.review import review  # noqa: PLC0415
    from kuberoster.review.ground import read_ground  # noqa: PLC0415

    settings, roster = head
    with _naming_offline():
        step("reading roles and bindings")
        cluster = connect(settings)
        ground = read_ground(cluster)
    check_clock(cluster)
    before, after = live_sides(ground, base, head, day)
    refuse_missing(before, after, ground)
    step("comparing")
    found = review(before, after, day, after.source.name)
    if not server_dry_run:
        return found
    live = {**ground.objects, **all_of(cluster, ("Secret", "ResourceQuota"))}
    return with_dry_run(found, dry_run(cluster, roster.on(day), live, step=step))


@contextmanager
def _naming_offline() -> Iterator[None]:
    """Say of a cluster that can't be read how a review goes without it."""
    from kuberoster.operations.cluster import ClusterError  # noqa: PLC0415  # see connect

    try:
        yield
    except ClusterError as error:
        wrong, *mend = str(error).splitlines()
        without = "A review from users/ alone, which knows less, is one with --offline."
        raise KuberosterError(f"{wrong}\n{' '.join([*mend, without])}") from None
