"""What Terraform's plans do, in lines for a reader."""

from collections import Counter
from collections.abc import Iterator

from kuberoster.review.output.line import Kind, Line
from kuberoster.review.plan.entry import Entry, NotPlanned, TeamPlan

_ORDER = ("drift", "due", "follows", "change", "upgrade")


def plan_title(plan: TeamPlan) -> str:
    """What a plan comes to."""
    if plan.refused:
        return f"no plan of {plan.team}: revoked in the cluster: {', '.join(plan.refused)}"
    counts = Counter(entry.action for entry in plan.entries)
    done = ", ".join(f"{number} to {action}" for action, number in sorted(counts.items()))
    return f"plan of {plan.team}: {done or 'nothing to do'}"


def plan_lines(plan: TeamPlan, shown: int | None) -> Iterator[Line]:
    """A line for each entry and its reasons, those first that no change of the roster explains.

    None shows all of them.
    """
    for entry in sorted(plan.entries, key=_rank)[:shown]:
        why = "; ".join(reason.text for reason in entry.reasons)
        yield Line(text=f"{entry.action} {entry.change.address}{f' ({why})' if why else ''}")
    if shown is not None and len(plan.entries) > shown:
        yield Line(text=f"and {len(plan.entries) - shown:,} more; --full shows all")


def not_planned_titles(teams: tuple[NotPlanned, ...]) -> Iterator[tuple[str, Kind]]:
    """Which teams have no plan, by what is known of them."""
    for changed, said, kind in _NOT_PLANNED:
        if named := [each.team for each in teams if each.changed is changed]:
            yield f"{said}: {', '.join(named)}", kind


_NOT_PLANNED: tuple[tuple[bool | None, str, Kind], ...] = (
    (False, "not planned, since nothing changes in them", "plain"),
    (None, "not planned, since no plan of them was given", "plain"),
    (True, "changed, and no plan of them was given", "risk"),
)


def _rank(entry: Entry) -> tuple[int, str]:
    whys = [_ORDER.index(reason.why) for reason in entry.reasons]
    return min(whys, default=-1), entry.change.address
