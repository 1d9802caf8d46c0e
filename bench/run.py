"""The rounds of a bench: contenders take turns, each on a control plane of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from bench.contenders import Contender
from bench.ground import new_ground
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
) -> Iterator[tuple[Sample, ...]]:
    """The samples of one round after the other: the numbers of the rounds by size.

    In each round another contender starts, so that what else the machine does meets all of
    them. Raises KuberosterError where a command fails, or the cluster has not what it should.
    """
    for users, numbers in rounds.items():
        for number in numbers:
            samples: list[Sample] = []
            for contender in in_turn(contenders, number):
                where = f"{users:,} users, round {number + 1} of {numbers.stop}, {contender.name}"
                samples += _measured(contender, users, number, mirror, where, show)
            yield tuple(samples)


def in_turn(contenders: Sequence[Contender], number: int) -> list[Contender]:
    """The contenders in the order of a round: another one is first in each."""
    first = number % len(contenders)
    return [*contenders[first:], *contenders[:first]]


def _measured(
    contender: Contender, users: int, number: int, mirror: Path, where: str, show: Show
) -> Iterator[Sample]:
    show(f"{where}: control plane")
    with new_ground(users, mirror) as ground:
        contender.prepare(ground)
        for step in contender.steps():
            roster = ROSTERS.get(step.work, Roster.WITHOUT_JOINER)
            contender.take(ground, roster)
            show(f"{where}: {step.work}")
            cost = measure(step.script, ground.folder, ground.environment, status=step.status)
            yield Sample(
                users=users,
                round=number,
                contender=contender.name,
                work=step.work,
                **asdict(cost),
            )
            if step.work in CHANGES:
                expected = ground.expected(AFTERWARDS.get(step.work, Roster.WITHOUT_JOINER))
                over = f"{where}: {step.work} is over, waiting for tokens"
                wait_until_there(ground.cluster, expected, partial(_show_wait, show, over))


def _show_wait(show: Show, what: str, seconds: float) -> None:
    show(f"{what}, {seconds:.0f} s")
