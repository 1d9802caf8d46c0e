"""What was to be reached, beside what was measured."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.result import Result, Spread
from bench.work import Work

_OURS, _CDKTF, _LOCAL = "kuberoster", "kuberoster, cdktf", "for_each, local state"
_MANY, _MORE = 1000, 10_000
_GROWTH = (1.5, "times that of 1,000")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One figure and its limit."""

    what: str
    limit: float
    unit: str
    measured: float | None
    """A median; None where the result has not what it is made of."""
    more: bool = False
    """Whether something was stopped, so that it is more than this."""
    at_least: bool = False
    """Whether the limit is the least, and not the most."""

    @property
    def reached(self) -> bool | None:
        """Whether the figure keeps the limit; None where what was measured does not tell."""
        if self.measured is None or (self.more and self.measured < self.limit):
            return None
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def targets(result: Result) -> Iterator[Target]:
    """Each of them; 1,000 users are in 10 teams, and 10,000 in 100."""

    def target(
        what: str, limit: float, unit: str, measured: Spread | None, *, at_least: bool = False
    ) -> Target:
        return Target(
            what=what,
            limit=limit,
            unit=unit,
            measured=measured.median if measured else None,
            more=measured is not None and measured.stopped,
            at_least=at_least,
        )

    def seconds(work: Work, users: int) -> Spread | None:
        return result.seconds(users, _OURS, work)

    def peak(work: Work, users: int) -> Spread | None:
        spread = result.peak_mib(users, _OURS, work)
        return Spread.of([spread.most], stopped=spread.stopped) if spread else None

    def ratio(contender: str, work: Work) -> Spread | None:
        return result.ratio(_MANY, contender, work)

    kubectl = "times kubectl"
    yield target("first deploy, 1,000 users", 1.8, kubectl, ratio(_OURS, Work.FIRST))
    local = result.ratio(_MANY, _LOCAL, Work.FIRST, to=_OURS)
    what = "for_each with local state, the same"
    yield target(what, 10, "times kuberoster", local, at_least=True)
    yield target("the same by `cdktf deploy '*'`", 3.5, kubectl, ratio(_CDKTF, Work.FIRST))
    for work, how in ((Work.UNCHANGED, ""), (Work.CHECKED, ", after drift")):
        what = f"nothing changed{how}, 1,000 users"
        yield target(f"{what}: plans", 2, kubectl, ratio(_OURS, work))
        yield target(f"{what}: `cdktf deploy '*'`", 3, kubectl, ratio(_CDKTF, work))
    for work, limit in ((Work.ADD, 12), (Work.REVIEW, 10)):
        yield target(f"{work}, 1,000 users", limit, "s", seconds(work, _MANY))
        yield target(f"{work}, 10,000 users", *_GROWTH, _growth(seconds, work))
    for users, limit in ((100, 2), (_MANY, 6)):
        yield target(f"synth, {users:,} users", limit, "s", seconds(Work.SYNTH, users))
    yield target("validate, 10,000 users", 2, "s", seconds(Work.VALIDATE, _MORE))
    yield target("drift, 10,000 users", 5, "s", seconds(Work.DRIFT, _MORE))
    yield target("memory of drift, 10,000 users", *_GROWTH, _growth(peak, Work.DRIFT))
    yield target("memory of synth, 10,000 users", 1500, "MiB", peak(Work.SYNTH, _MORE))


def _growth(get: Callable[[Work, int], Spread | None], work: Work) -> Spread | None:
    """A figure of 10,000 users as a ratio to that of 1,000, if this was not stopped."""
    more, many = get(work, _MORE), get(work, _MANY)
    if more is None or many is None or many.stopped:
        return None
    return Spread.of([more.median / many.median], stopped=more.stopped)


def as_targets(result: Result) -> str:
    """A table in Markdown."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: Result) -> Iterator[str]:
    yield "| work | to reach | measured | |"
    yield "|---|---:|---:|---|"
    for target in targets(result):
        limit = f"{target.limit:g}{' or more' if target.at_least else ''} {target.unit}"
        measured = "not measured"
        if target.measured is not None:
            measured = f"{'> ' * target.more}{target.measured:.3g} {target.unit}"
        verdict = {True: "reached", False: "**not reached**", None: ""}[target.reached]
        yield f"| {target.what} | {limit} | {measured} | {verdict} |"
