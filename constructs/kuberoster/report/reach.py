"""Who can act as whom, folded until a picture of it stays readable."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kuberoster.model.counted import counted
from kuberoster.risk.paths import Accounts, Paths

MOST = 12
"""Boxes on one side; more don't fit on a sheet of paper."""

LETTERS = 34
"""Of a title that fits into a box."""

_NAMED = 3
_LAST = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """One or many users of a side of the picture."""

    title: str
    detail: str
    rank: int = 0
    """The lowest stands above."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """Two columns of boxes, and who on the left can act as whom on the right."""

    thieves: tuple[Box, ...]
    victims: tuple[Box, ...]
    lines: tuple[tuple[Box, Box], ...]
    """Somebody of the left box can act as somebody of the right one."""
    folded: bool
    """Whether a line may be about some of a box alone."""


def reach(paths: Paths) -> Reach:
    """The thieves of a team who reach the same are one box, as are the users of a team reached.

    With more boxes than fit, single victims are counted by team, and thieves who reach the same
    over all teams; what still does not fit is one last box.
    """
    whom = widest(paths)
    places = _places(Counter(each for found in whom.values() for each in found), paths)
    reached = {thief: frozenset(places[each] for each in found) for thief, found in whom.items()}
    victims = sorted(set(places.values()), key=lambda box: (box.rank, box.title, box.detail))
    index = {box: number for number, box in enumerate(victims)}
    below: defaultdict[Box, set[int]] = defaultdict(set)
    for thief, box in _thieves(reached, paths).items():
        below[box] |= {index[each] for each in reached[thief]}
    thieves = sorted(below, key=lambda box: (box.rank, sorted(below[box]), box.detail, box.title))
    return Reach(
        thieves=tuple(thieves),
        victims=tuple(victims),
        lines=tuple((box, victims[number]) for box in thieves for number in sorted(below[box])),
        folded=len({each for found in whom.values() for each in found}) > len(victims)
        or any(box.rank == _LAST for box in thieves),
    )


def widest(paths: Paths) -> dict[Accounts, frozenset[Accounts]]:
    """Whom each thief reaches, without those who are among others."""
    found: defaultdict[Accounts, set[Accounts]] = defaultdict(set)
    for thief, victims in paths.edges():
        found[thief].add(victims)
    return {thief: _outermost(thief, every, paths) for thief, every in found.items()}


def _outermost(thief: Accounts, every: set[Accounts], paths: Paths) -> frozenset[Accounts]:
    others = {
        Accounts(home)
        for home, names in paths.users.items()
        if any((home, name) != thief for name in names)
    }
    # One after the other, as the paths go, a thief may come to each team.
    if len(others) > 1 and others <= every:
        return frozenset({Accounts()})
    return frozenset(
        each for each in every if not any(other != each and other.covers(*each) for other in every)
    )


def _places(reached: Counter[Accounts], paths: Paths) -> dict[Accounts, Box]:
    """The box of each that is reached, by how many reach it."""
    if len(reached) <= MOST:
        return {each: _place(each, paths) for each in reached}
    singles = Counter(each.namespace for each in reached if each.name)
    places = {
        each: Box(
            title=counted(singles[each.namespace], "user"),
            detail=f"of team {paths.teams[each.namespace]}",
            rank=2,
        )
        if each.name and singles[each.namespace] > 1
        else _place(each, paths)
        for each in reached
    }
    weights: Counter[Box] = Counter()
    for each, thieves in reached.items():
        weights[places[each]] += thieves
    kept = _kept(weights)
    rest = [each for each in reached if places[each] not in kept]
    last = Box(title="Others", detail=f"{_of_teams(rest)}, see the table", rank=_LAST)
    return {each: places[each] if places[each] in kept else last for each in reached}


def _place(victims: Accounts, paths: Paths) -> Box:
    home, name = victims
    if name:
        return Box(title=name, detail=f"team {paths.teams[home]}", rank=2)
    if home:
        number = counted(len(paths.users[home]), "user")
        return Box(title=f"Team {paths.teams[home]}", detail=number, rank=1)
    return Box(title="Everyone", detail=counted(sum(map(len, paths.users.values())), "user"))


def _thieves(reached: Mapping[Accounts, frozenset[Box]], paths: Paths) -> dict[Accounts, Box]:
    """The box of each thief."""
    alike: defaultdict[object, list[Accounts]] = defaultdict(list)
    for thief, boxes in reached.items():
        alike[thief.namespace, boxes].append(thief)
    if len(alike) > MOST:
        alike.clear()
        for thief, boxes in reached.items():
            alike[boxes].append(thief)
    box_of: dict[Accounts, Box] = {}
    for thieves in alike.values():
        box = _box(thieves, paths, min(each.rank for each in reached[thieves[0]]))
        box_of.update(dict.fromkeys(thieves, box))
    kept = _kept(Counter(box_of.values()))
    rest = [thief for thief, box in box_of.items() if box not in kept]
    last = Box(title=counted(len(rest), "more user"), detail=_of_teams(rest), rank=_LAST)
    return {thief: box if box in kept else last for thief, box in box_of.items()}


def _box(thieves: list[Accounts], paths: Paths, rank: int) -> Box:
    homes = {thief.namespace for thief in thieves}
    whose = f"team {paths.teams[homes.pop()]}" if len(homes) == 1 else _of_teams(thieves)
    names = [thief.name for thief in thieves]
    title = ", ".join(names)
    if len(names) == 1 or (len(names) <= _NAMED and len(title) <= LETTERS):
        return Box(title=title, detail=whose, rank=rank)
    return Box(
        title=counted(len(names), "user"), detail=f"{whose}: {names[0]} and others", rank=rank
    )


def _of_teams(accounts: Iterable[Accounts]) -> str:
    return f"of {counted(len({each.namespace for each in accounts}), 'team')}"


def _kept(weights: Counter[Box]) -> set[Box]:
    """All boxes, or those of the lowest rank and the most weight that leave room for a last one."""
    if len(weights) <= MOST:
        return set(weights)
    first: Iterable[Box] = sorted(
        weights, key=lambda box: (box.rank, -weights[box], box.title, box.detail)
    )
    return set(list(first)[: MOST - 1])
