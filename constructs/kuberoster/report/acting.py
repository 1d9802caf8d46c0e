"""Who can come to act as others, as a picture and as a table."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kuberoster.model.counted import counted
from kuberoster.report.content import Content
from kuberoster.report.markup import Markup, html, joined, sortable
from kuberoster.report.person import Person
from kuberoster.risk.paths import Accounts, Path, Paths, in_words
from kuberoster.risk.paths.edge import wider

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

    attackers: tuple[Box, ...]
    victims: tuple[Box, ...]
    lines: tuple[tuple[Box, Box], ...]
    """Somebody of the left box can act as somebody of the right one."""
    folded: bool
    """Whether a line may be about some of a box alone."""


def reach(paths: Paths) -> Reach:
    """The attackers of a team who reach the same are one box, as are the users of a team reached.

    With more boxes than fit, single victims are counted by team, and attackers who reach the same
    over all teams; what still does not fit is one last box.
    """
    whom = widest(paths)
    places = _places(Counter(each for found in whom.values() for each in found), paths)
    reached = {
        attacker: frozenset(places[each] for each in found) for attacker, found in whom.items()
    }
    victims = sorted(set(places.values()), key=lambda box: (box.rank, box.title, box.detail))
    index = {box: number for number, box in enumerate(victims)}
    below: defaultdict[Box, set[int]] = defaultdict(set)
    for attacker, box in _attackers(reached, paths).items():
        below[box] |= {index[each] for each in reached[attacker]}
    attackers = sorted(below, key=lambda box: (box.rank, sorted(below[box]), box.detail, box.title))
    return Reach(
        attackers=tuple(attackers),
        victims=tuple(victims),
        lines=tuple((box, victims[number]) for box in attackers for number in sorted(below[box])),
        folded=len({each for found in whom.values() for each in found}) > len(victims)
        or any(box.rank == _LAST for box in attackers),
    )


def widest(paths: Paths) -> dict[Accounts, frozenset[Accounts]]:
    """Whom each attacker reaches, without those who are among others."""
    found: defaultdict[Accounts, set[Accounts]] = defaultdict(set)
    for attacker, victims in paths.edges():
        found[attacker].add(victims)
    return {attacker: _outermost(attacker, every, paths) for attacker, every in found.items()}


def _outermost(attacker: Accounts, every: set[Accounts], paths: Paths) -> frozenset[Accounts]:
    others = {
        Accounts(home)
        for home, names in paths.users.items()
        if any((home, name) != attacker for name in names)
    }
    # One after the other, as the paths go, an attacker may come to each team.
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
    for each, attackers in reached.items():
        weights[places[each]] += attackers
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


def _attackers(reached: Mapping[Accounts, frozenset[Box]], paths: Paths) -> dict[Accounts, Box]:
    """The box of each attacker."""
    alike: defaultdict[object, list[Accounts]] = defaultdict(list)
    for attacker, boxes in reached.items():
        alike[attacker.namespace, boxes].append(attacker)
    if len(alike) > MOST:
        alike.clear()
        for attacker, boxes in reached.items():
            alike[boxes].append(attacker)
    box_of: dict[Accounts, Box] = {}
    for attackers in alike.values():
        box = _box(attackers, paths, min(each.rank for each in reached[attackers[0]]))
        box_of.update(dict.fromkeys(attackers, box))
    kept = _kept(Counter(box_of.values()))
    rest = [attacker for attacker, box in box_of.items() if box not in kept]
    last = Box(title=counted(len(rest), "more user"), detail=_of_teams(rest), rank=_LAST)
    return {attacker: box if box in kept else last for attacker, box in box_of.items()}


def _box(attackers: list[Accounts], paths: Paths, rank: int) -> Box:
    homes = {attacker.namespace for attacker in attackers}
    whose = f"team {paths.teams[homes.pop()]}" if len(homes) == 1 else _of_teams(attackers)
    names = [attacker.name for attacker in attackers]
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


_WIDTH = 960
_BOX = 340
_HEIGHT = 44
_STEP = 56
"""From one box to the next below."""
_PADDING = 14
_ARROW = 9
_LETTERS_BELOW = 42
"""Of the smaller line of a box; what is wider all the same is cut off there."""


def picture(shown: Reach, attackers: int) -> Markup:
    """An SVG that says the same as the table, though folded; nothing in it can be used."""
    height = max(len(shown.attackers), len(shown.victims)) * _STEP
    left, right = (_heights(boxes, height) for boxes in (shown.attackers, shown.victims))
    drawn = html(
        "svg",
        *_lines(shown, left, right),
        *(_drawn(box, 0, y) for box, y in left.items()),
        *(_drawn(box, _WIDTH - _BOX, y) for box, y in right.items()),
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
        aria_label=f"{counted(attackers, 'user')} to the left, with lines to whom they can act as. "
        "The table below says the same.",
    )
    return html("div", drawn, class_="picture", role="region", tabindex=0, aria_label="Picture")


def _heights(boxes: Sequence[Box], height: int) -> Mapping[Box, int]:
    """The middle of each box, all of a side in the middle of the picture."""
    top = (height - len(boxes) * _STEP) // 2 + _STEP // 2
    return {box: top + number * _STEP for number, box in enumerate(boxes)}


def _lines(shown: Reach, left: Mapping[Box, int], right: Mapping[Box, int]) -> list[Markup]:
    start, end = _BOX, _WIDTH - _BOX - _ARROW
    middle = (start + end) // 2
    lines = [
        html(
            "path",
            d=f"M{start} {left[attacker]}C{middle} {left[attacker]} {middle} {right[victim]} "
            f"{end} {right[victim]}",
            class_=_class(victim),
        )
        for attacker, victim in shown.lines
    ]
    heads = [
        html("path", d=f"M{end} {y - 5}l{_ARROW} 5l{-_ARROW} 5z", class_=f"head {_class(victim)}")
        for victim, y in right.items()
    ]
    return lines + heads


def _class(victim: Box) -> str:
    return "way" if victim.rank else "way all"


def _drawn(box: Box, x: int, middle: int) -> Markup:
    # An svg of its own cuts off what is wider than the box.
    return html(
        "svg",
        html("rect", x=0.5, y=0.5, width=_BOX - 1, height=_HEIGHT - 1, rx=6),
        html("text", _cut(box.title, LETTERS), x=_PADDING, y=19, class_="name"),
        html("text", _cut(box.detail, _LETTERS_BELOW), x=_PADDING, y=35, class_="quiet"),
        x=x,
        y=middle - _HEIGHT // 2,
        width=_BOX,
        height=_HEIGHT,
    )


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


_OTHERS_NAMED = 4
"""What is more is counted; the section on acting as others has all."""


class Others:
    """Who can act as whom, ready to be asked for each user."""

    def __init__(self, content: Content) -> None:
        """Turn the paths round once; a thousand users ask."""
        self._paths = content.paths
        self._reached: Mapping[Accounts, frozenset[Accounts]] = widest(content.paths)
        self._attackers: defaultdict[Accounts, set[Accounts]] = defaultdict(set)
        for attacker, reached in self._reached.items():
            for victims in reached:
                self._attackers[victims].add(attacker)
        self._people = {(each.team.namespace, each.name): each for each in content.people}

    def lines(self, person: Person) -> Iterator[Markup]:
        """`can act as ...` and `can be acted as by ...`, each where it is so."""
        user = Accounts(person.team.namespace, person.name)
        if reached := self._reached.get(user):
            first = sorted(reached, key=lambda each: (bool(each.namespace), bool(each.name), each))
            named = [html("b", whom(each, self._paths)) for each in first[:_OTHERS_NAMED]]
            yield _line("can act as ", named, len(first), "alarm")
        if user.name not in self._paths.users.get(user.namespace, ()):
            return
        if attackers := sorted(set().union(*map(self._by, wider(user))) - {user}):
            linked = [self._link(each) for each in attackers[:_OTHERS_NAMED]]
            yield _line("can be acted as by ", linked, len(attackers))

    def _by(self, victims: Accounts) -> set[Accounts]:
        return self._attackers.get(victims, set())

    def _link(self, attacker: Accounts) -> Markup:
        return html("a", name_and_state(self._people[attacker]), href=f"#user-{attacker.name}")


def _line(start: str, named: Sequence[Markup], number: int, *classes: str) -> Markup:
    more = number - len(named)
    rest = f" and {counted(more, 'other')}" if more else ""
    words = start, joined(named, ", "), rest
    return html("span", *words, class_=" ".join(["line", "others", *classes]))


def name_and_state(person: Person) -> str:
    """A user's name, marked where the user is not active."""
    return person.name if person.state == "active" else f"{person.name} ({person.state})"


def whom(victims: Accounts, paths: Paths) -> str:
    """Who can be acted as, in words."""
    home, name = victims
    if name:
        return f"{name} of team {paths.teams[home]}"
    return f"every other user of {f'team {paths.teams[home]}' if home else 'the roster'}"


_COLUMNS = ("Who", "As whom", "By which steps")
_FOLDED = " Not all of them fit: a line may be about some of a box alone; the table has each."
_ROWS = 12
"""More users than these in one row are folded."""


def acting(content: Content) -> Iterator[Markup]:
    """The picture with a table of all paths; one sentence where there is no path."""
    attackers = {path.attacker for path in content.paths}
    if not attackers:
        yield html("p", f"{_so_far(content)}obody can act as another user.")
        return
    shown = reach(content.paths)
    yield html(
        "p",
        f"{counted(len(attackers), 'user')} can come to act as others, with their tokens or in "
        "their names. Waivers change nothing in that.",
        _FOLDED if shown.folded else "",
        class_="legend",
    )
    yield picture(shown, len(attackers))
    rows = _rows(content)
    yield html(
        "details",
        html("summary", f"The same as a table, with the steps: {counted(len(rows), 'row')}"),
        sortable("acting", "Who can act as whom, by which steps", _COLUMNS, rows),
    )


def _so_far(content: Content) -> str:
    """How the sentence starts: offline, roles may be unknown."""
    unknown = any(not held.known for person in content.people for held in person.held)
    return "As far as roles are known, n" if unknown and not content.is_live else "N"


def _rows(content: Content) -> list[Markup]:
    """One row for those of a team who come to act as the same by the same steps."""
    alike: defaultdict[tuple[bool, bool, str, Accounts, str], list[Path]] = defaultdict(list)
    for path in content.paths:
        home, name = path.victims
        key = (bool(home), bool(name), path.attacker.namespace, path.victims, in_words(path.steps))
        alike[key].append(path)
    people = {(person.team.namespace, person.name): person for person in content.people}
    return [_row(found, content.paths, people) for _, found in sorted(alike.items())]


def _row(found: Sequence[Path], paths: Paths, people: Mapping[tuple[str, str], Person]) -> Markup:
    attackers = [people[path.attacker] for path in found]
    victims, steps = whom(found[0].victims, paths), in_words(found[0].steps)
    return html(
        "tr",
        html(
            "th",
            _names(attackers),
            html("span", f"team {attackers[0].team.name}", class_="line"),
            scope="row",
            data_key=attackers[0].name,
        ),
        html("td", victims, data_key=victims),
        html("td", steps, data_key=steps),
    )


def _names(attackers: Sequence[Person]) -> Markup:
    names = html("b", ", ".join(map(name_and_state, attackers)))
    if len(attackers) <= _ROWS:
        return names
    return html("details", html("summary", counted(len(attackers), "user")), names)
