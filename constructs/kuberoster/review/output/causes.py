"""What brings the risks of users, for whoever is to mend them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from kuberoster.review.change.user_change import UserChange
from kuberoster.review.output.groups import places_in_words, shortlist
from kuberoster.risk.finding import Cause, Finding, few

_Where = tuple[str, str]
"""Severity and scope in words."""


def causes_of(group: list[UserChange], shown: int | None) -> dict[_Where, tuple[str, ...]]:
    """The new risks of users who are alike, each with its rights, below what gives them.

    That is the role with its lines of users/, and what to write there, where that can be said as
    code. Where this takes more lines than `shown`, only what gives them is told; None tells all.
    """
    places = _places(group)
    told: defaultdict[_Where, defaultdict[str, list[str]]]
    told = defaultdict(lambda: defaultdict(list))
    for finding in group[0].new_findings:
        causes = finding.causes
        rights = [str(each.evidence.rule) for each in causes if each.evidence.rule]
        line = f"{finding.title}: {few(list(dict.fromkeys(rights)))}" if rights else finding.title
        told[finding.severity, finding.scope][_giver(finding, causes, places)].append(line)
    return {where: tuple(_lines(by_giver, shown)) for where, by_giver in told.items()}


def _lines(by_giver: dict[str, list[str]], shown: int | None) -> Iterator[str]:
    lines = sum(len(risks) + 1 for risks in by_giver.values())
    if shown is None or lines <= shown:
        for giver, risks in by_giver.items():
            yield giver
            yield from (f"  {each}" for each in risks)
        return
    for giver, risks in list(by_giver.items())[:shown]:
        which = shortlist([each.partition(":")[0] for each in risks])
        yield f"{giver}: {which}" if len(by_giver) > 1 else giver
    more = f"and {len(by_giver) - shown:,} more; " if len(by_giver) > shown else ""
    yield f"{more}--full shows which rights bring each"


def _giver(
    finding: Finding, causes: list[Cause], places: dict[tuple[str, str, str], set[str]]
) -> str:
    """`ClusterRole edit in users/web.py:12; write view("web") instead of edit("web")`."""
    givers = []
    for giver in dict.fromkeys(cause.giver for cause in _one_each(causes)):
        lines = places[finding.title, finding.namespace, giver]
        givers.append(f"{giver} in {places_in_words(lines)}" if lines else giver)
    narrower = (each.narrower for each in causes)
    code = dict.fromkeys(str(each) for each in narrower if each)
    return "; ".join((", ".join(givers), *code))


def _places(group: Iterable[UserChange]) -> dict[tuple[str, str, str], set[str]]:
    """The lines of all users by finding, scope and giver."""
    places: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for user in group:
        for finding in user.new_findings:
            for cause in _one_each(finding.causes):
                known = places[finding.title, finding.namespace, cause.giver]
                known |= {cause.place} if cause.place else set()
    return places


def _one_each(causes: Iterable[Cause]) -> Iterable[Cause]:
    """One cause of each binding, in their order: what a binding gives, it gives by one grant."""
    found: dict[int, Cause] = {}
    for cause in causes:
        found.setdefault(id(cause.evidence.binding), cause)
    return found.values()
