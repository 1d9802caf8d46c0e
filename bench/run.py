"""The rounds of a bench: contenders take turns, each on a control plane of its own."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from bench.contenders import Contender
from bench.ground import Ground, new_ground
from bench.objects import wait_until_there
from bench.process import measure
from bench.result import Sample
from bench.roster import Roster
from bench.work import AFTERWARDS, CHANGES, ROSTERS

Show = Callable[[str], None]


def measure_rounds(
    rounds: Mapping[int, range],
    contenders: Sequence[Contender],
    mirror: Path,
    show: Show,
    *,
    limit: float,
) -> Iterator[tuple[Sample, ...]]:
    """The samples of one contender after the other: the numbers of the rounds by size.

    What takes longer than `limit` seconds is stopped, and this contender's round with it.
    In each round another contender starts, so that what else the machine does meets all of
    them. Raises KuberosterError where a command fails, or the cluster has not what it should.
    """
    for users, numbers in rounds.items():
        for number in numbers:
            for contender in in_turn(contenders, number):
                where = f"{users:,} users, round {number + 1} of {numbers.stop}, {contender.name}"
                yield tuple(_measured(contender, users, number, mirror, where, show, limit))


def in_turn(contenders: Sequence[Contender], number: int) -> list[Contender]:
    """The contenders in the order of a round: another one is first in each."""
    first = number % len(contenders)
    return [*contenders[first:], *contenders[:first]]


def _measured(
    contender: Contender,
    users: int,
    number: int,
    mirror: Path,
    where: str,
    show: Show,
    limit: float,
) -> Iterator[Sample]:
    show(f"{where}: control plane")
    with new_ground(users, mirror) as ground:
        yield from measure_works(contender, ground, number, where, show, limit=limit)


def measure_works(
    contender: Contender,
    ground: Ground,
    number: int,
    where: str,
    show: Show,
    *,
    limit: float = math.inf,
) -> Iterator[Sample]:
    """Each work of a contender, in an empty cluster.

    A sample comes when the cluster has what it should, tokens included, and so the next work
    may start. Raises KuberosterError as `measure_rounds` does.
    """
    contender.prepare(ground)
    for step in contender.steps():
        contender.take(ground, ROSTERS.get(step.work, Roster.WITHOUT_JOINER))
        show(f"{where}: {step.work}")
        cost = measure(
            step.script, ground.folder, ground.environment, status=step.status, limit=limit
        )
        if step.work in CHANGES and not cost.stopped:
            expected = ground.expected(AFTERWARDS.get(step.work, Roster.WITHOUT_JOINER))
            over = f"{where}: {step.work} is over, waiting for tokens"
            wait_until_there(ground.cluster, expected, partial(_show_wait, show, over))
        yield Sample(
            users=ground.users,
            round=number,
            contender=contender.name,
            work=step.work,
            **asdict(cost),
        )
        if cost.stopped:
            return


def _show_wait(show: Show, what: str, seconds: float) -> None:
    show(f"{what}, {seconds:.0f} s")
