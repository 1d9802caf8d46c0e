"""The day to judge by where a cluster is asked, which has a clock too."""

import os
from datetime import UTC, date, datetime, timedelta

from kuberoster.cluster import Cluster
from kuberoster.model.days import TODAY, acting_day
from kuberoster.model.errors import KuberosterError

_TOLERATED = timedelta(hours=1)


def day_by(cluster: Cluster) -> date:
    """The day to judge by, as `acting_day`, once it is known that the clocks agree.

    Raises KuberosterError as `acting_day` and `check_clock` do.
    """
    check_clock(cluster)
    return acting_day()


def check_clock(cluster: Cluster, now: datetime | None = None) -> None:
    """Raise KuberosterError where this clock and the API server's are over an hour apart.

    The day says who is active, so with a clock that is off the wrong people are missing or
    undeclared. Nothing is checked where KUBEROSTER_TODAY says the day, or the API server tells
    no time. `now` is the local time, for tests.
    """
    if os.environ.get(TODAY) or cluster.time is None:
        return
    now = now or datetime.now(UTC)
    if abs(now - cluster.time) <= _TOLERATED:
        return
    told = cluster.time.astimezone(UTC)
    raise KuberosterError(
        f"the clock of this machine says {now:%Y-%m-%d %H:%M} UTC, and that of the API server "
        f"(context '{cluster.context}', {cluster.server}) {told:%Y-%m-%d %H:%M} UTC.\n"
        "The day says who is active. Set the clock that is wrong, or say the day: "
        f"{TODAY}={told:%Y-%m-%d}."
    )
