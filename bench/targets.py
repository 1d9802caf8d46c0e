"""What was to be reached, beside what was measured."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.result import Result
from bench.work import Work

_OURS, _CDKTF, _LOCAL = "kuberoster", "kuberoster, cdktf", "for_each, local state"
_MANY, _MORE = 1000, 10_000
_GROWTH = 1.5


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
    def reached(self) -> bool:
        """Whether the figure keeps the limit; False where it was not measured."""
        if self.measured is None:
            return False
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def targets(result: Result) -> Iterator[Target]:
    """Each of them; 1,000 users are in 10 teams, and 10,000 in 100."""

    def seconds(work: Work, users: int) -> float | None:
        spread = result.seconds(users, _OURS, work)
        return spread.median if spread else None

    def peak(work: Work, users: int) -> float | None:
        spread = result.peak_mib(users, _OURS, work)
        return spread.most if spread else None

    def ratio(work: Work, contender: str) -> float | None:
        spread = result.ratio(_MANY, contender, work)
        return spread.median if spread else None

    def most(what: str, limit: float, unit: str, measured: float | None) -> Target:
        return Target(what=what, limit=limit, unit=unit, measured=measured)

    kubectl, same = "times kubectl", "times that of 1,000"
    yield most("first deploy, 1,000 users", 1.8, kubectl, ratio(Work.FIRST, _OURS))
    local = result.ratio(_MANY, _LOCAL, Work.FIRST, to=_OURS)
    yield Target(
        what="for_each with local state, the same",
        limit=10,
        unit="times kuberoster",
        measured=local.median if local else None,
        more=local is not None and local.stopped,
        at_least=True,
    )
    yield most("the same by `cdktf deploy '*'`", 3.5, kubectl, ratio(Work.FIRST, _CDKTF))
    for work, how in ((Work.UNCHANGED, ""), (Work.CHECKED, ", after drift")):
        what = f"nothing changed{how}, 1,000 users"
        yield most(f"{what}: plans", 2, kubectl, ratio(work, _OURS))
        yield most(f"{what}: `cdktf deploy '*'`", 3, kubectl, ratio(work, _CDKTF))
    for work, limit in ((Work.ADD, 12), (Work.REVIEW, 10)):
        yield most(f"{work}, 1,000 users", limit, "s", seconds(work, _MANY))
        growth = _over(seconds(work, _MORE), seconds(work, _MANY))
        yield most(f"{work}, 10,000 users", _GROWTH, same, growth)
    for users, limit in ((100, 2), (_MANY, 6)):
        yield most(f"synth, {users:,} users", limit, "s", seconds(Work.SYNTH, users))
    yield most("validate, 10,000 users", 2, "s", seconds(Work.VALIDATE, _MORE))
    yield most("drift, 10,000 users", 5, "s", seconds(Work.DRIFT, _MORE))
    growth = _over(peak(Work.DRIFT, _MORE), peak(Work.DRIFT, _MANY))
    yield most("memory of drift, 10,000 users", _GROWTH, same, growth)
    yield most("memory of synth, 10,000 users", 1500, "MiB", peak(Work.SYNTH, _MORE))


def as_targets(result: Result) -> str:
    """A table in Markdown."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: Result) -> Iterator[str]:
    yield "| work | to reach | measured | |"
    yield "|---|---:|---:|---|"
    for target in targets(result):
        limit = f"{target.limit:g}{' or more' if target.at_least else ''} {target.unit}"
        measured, verdict = "not measured", ""
        if target.measured is not None:
            measured = f"{'> ' * target.more}{target.measured:.3g} {target.unit}"
            verdict = "reached" if target.reached else "**not reached**"
        yield f"| {target.what} | {limit} | {measured} | {verdict} |"


def _over(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None
