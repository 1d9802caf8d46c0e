"""A year of joins, leaves and rotations in a large roster, and what each step of it costs."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.company import JOIN, LEAVE, WORKING_DAYS, Changes, Company
from bench.contenders.kuberoster_terraform import UNCHANGED, KuberosterTerraform, apply, synth
from bench.ground import KUBEROSTER, Ground, new_ground
from bench.objects import manifests, wait_until_there
from bench.process import Cost, measure
from bench.result import Sample
from bench.roster import write_team
from bench.run import Show, measure_works
from bench.work import Work
from kuberoster.model.roster import STATE_NAMESPACE


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A working day that was carried out."""

    day: int
    changes: Changes
    synth: Cost
    apply: Cost
    """Of the teams' stacks, two at a time."""

    @property
    def seconds(self) -> float:
        """All of the day's deploy."""
        return self.synth.seconds + self.apply.seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Weight:
    """What the cluster holds and how much memory its API server takes."""

    states: int
    state_bytes: int
    """Of all states together, as the backend stores them: compressed."""
    largest_state_bytes: int
    stored_mib: float
    """Of etcd's database."""
    api_server_mib: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Year:
    """What was measured of one year."""

    users: int
    """Before the year, and nearly so after it."""
    tokens_per_second: float
    """Made by the token controller, from the start of the first deploy to the last token."""
    days: tuple[Day, ...]
    end: dict[str, Cost]
    """What shows that state and cluster have what the roster says."""
    empty: Weight
    full: Weight


def measure_year(
    users: int, days: int, number: int, mirror: Path, show: Show
) -> tuple[list[Sample], Year]:
    """Deploy a roster, then carry out so many working days of its year, evenly spread.

    The samples are the works of `make bench` on the whole roster, before the year; `number` is
    that of the round that they are.
    Raises KuberosterError where a command fails, or where in the end the cluster has not what
    the roster says.
    """
    show("control plane")
    with new_ground(users, mirror) as ground:
        empty = _weight(ground)
        works = []
        started = 0.0
        where = f"{users:,} users"
        for sample in measure_works(KuberosterTerraform(), ground, number, where, show):
            works.append(sample)
            if sample.work == Work.SYNTH:
                started = time.monotonic()
            if sample.work == Work.FIRST:
                tokens_per_second = users / (time.monotonic() - started)
        lived = tuple(_live(ground, Company(users), days, show))
        expected = manifests(ground.folder / "users")
        wait_until_there(ground.cluster, expected, lambda _: show("waiting for tokens"))
        end = {}
        for name, script in (("drift", f"{KUBEROSTER} drift"), ("plans", UNCHANGED)):
            show(f"the year is over: {name}")
            end[name] = measure(script, ground.folder, ground.environment)
        return works, Year(
            users=users,
            tokens_per_second=tokens_per_second,
            days=lived,
            end=end,
            empty=empty,
            full=_weight(ground),
        )


def _live(ground: Ground, company: Company, days: int, show: Show) -> Iterator[Day]:
    for day in range(0, WORKING_DAYS, WORKING_DAYS // days)[:days]:
        changes = company.live(day)
        show(f"day {day + 1} of {WORKING_DAYS}: {len(changes.teams)} teams")
        for team in changes.teams:
            write_team(ground.folder / "users", team, company.teams[team])
        made, applied = (
            measure(script(changes.teams), ground.folder, ground.environment)
            for script in (synth, apply)
        )
        yield Day(day=day + 1, changes=changes, synth=made, apply=applied)


def _weight(ground: Ground) -> Weight:
    def said(*command: str) -> str:
        return subprocess.check_output(["kubectl", *command], env=ground.environment, text=True)

    template = "jsonpath={range .items[*]}{.data.tfstate}|{end}"
    states = said("get", "secrets", "-n", STATE_NAMESPACE, "-o", template).split("|")
    sizes = [len(state) * 3 // 4 for state in states if state]  # it is base64
    metrics = said("get", "--raw", "/metrics")
    return Weight(
        states=len(sizes),
        state_bytes=sum(sizes),
        largest_state_bytes=max(sizes, default=0),
        stored_mib=_metric(metrics, "apiserver_storage_size_bytes") / 2**20,
        api_server_mib=_metric(metrics, "process_resident_memory_bytes") / 2**20,
    )


def _metric(metrics: str, name: str) -> float:
    (line,) = [line for line in metrics.splitlines() if line.startswith(name)]
    return float(line.split()[-1])


def as_markdown(year: Year) -> str:
    """All of it as tables."""
    return "\n".join(_lines(year)) + "\n"


def _lines(year: Year) -> Iterator[str]:
    carried_out = len(year.days)
    typical = median(day.seconds for day in year.days)
    yield (
        f"{year.users:,} users; in a year {JOIN:.0%} join, {LEAVE:.0%} leave, and each "
        f"token is rotated once. {carried_out} of {WORKING_DAYS} working days were carried out. "
        f"A day's deploy takes {typical:.0f} s (median), all of them together "
        f"{typical * WORKING_DAYS / 3600:.1f} hours of two cores."
    )
    yield from ("", "| at the year's end | seconds | memory, MiB |", "|---|---:|---:|")
    for name, cost in year.end.items():
        yield f"| {name} | {cost.seconds:.1f} | {cost.peak_mib:.0f} |"
    yield ""
    yield "| day | joined | left | rotated | stacks | synth, s | apply, s | memory, MiB |"
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|"
    for day in year.days:
        changes = day.changes
        peak = max(day.synth.peak_mib, day.apply.peak_mib)
        yield (
            f"| {day.day} | {changes.joined} | {changes.left} | {changes.rotated} "
            f"| {len(changes.teams)} | {day.synth.seconds:.1f} | {day.apply.seconds:.1f} "
            f"| {peak:.0f} |"
        )
    yield from ("", "| the cluster | empty | at the year's end |", "|---|---:|---:|")
    yield f"| states | {year.empty.states} | {year.full.states} |"
    for name, get in _WEIGHTS.items():
        yield f"| {name} | {get(year.empty):.0f} | {get(year.full):.0f} |"
    yield f"| tokens made a second | | {year.tokens_per_second:.1f} |"


_WEIGHTS: Mapping[str, Callable[[Weight], float]] = {
    "all states, kB": lambda weight: weight.state_bytes / 1000,
    "the largest state, kB": lambda weight: weight.largest_state_bytes / 1000,
    "etcd's database, MiB": lambda weight: weight.stored_mib,
    "API server's memory, MiB": lambda weight: weight.api_server_mib,
}
