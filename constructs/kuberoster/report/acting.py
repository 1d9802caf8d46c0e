"""Who can come to act as others, as a picture and as a table."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from kuberoster.model.counted import counted
from kuberoster.report.content import Content
from kuberoster.report.markup import Markup, html
from kuberoster.report.others import name_and_state, whom
from kuberoster.report.person import Person
from kuberoster.report.picture import picture
from kuberoster.report.reach import reach
from kuberoster.report.table import sortable
from kuberoster.risk.paths import Accounts, Path, Paths, in_words

_COLUMNS = ("Who", "As whom", "By which steps")
_FOLDED = " Not all of them fit: a line may be about some of a box alone; the table has each."
_NAMED = 12
"""More users than these in one row are folded."""


def acting(content: Content) -> Iterator[Markup]:
    """The picture with a table of all paths; one sentence where there is no path."""
    thieves = {path.thief for path in content.paths}
    if not thieves:
        yield html("p", f"{_so_far(content)}obody can act as another user.")
        return
    shown = reach(content.paths)
    yield html(
        "p",
        f"{counted(len(thieves), 'user')} can come to act as others, with their tokens or in "
        "their names. Waivers change nothing in that.",
        _FOLDED if shown.folded else "",
        class_="legend",
    )
    yield picture(shown, len(thieves))
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
        key = (bool(home), bool(name), path.thief.namespace, path.victims, in_words(path.steps))
        alike[key].append(path)
    people = {(person.team.namespace, person.name): person for person in content.people}
    return [_row(found, content.paths, people) for _, found in sorted(alike.items())]


def _row(found: Sequence[Path], paths: Paths, people: Mapping[tuple[str, str], Person]) -> Markup:
    thieves = [people[path.thief] for path in found]
    victims, steps = whom(found[0].victims, paths), in_words(found[0].steps)
    return html(
        "tr",
        html(
            "th",
            _names(thieves),
            html("span", f"team {thieves[0].team.name}", class_="line"),
            scope="row",
            data_key=thieves[0].name,
        ),
        html("td", victims, data_key=victims),
        html("td", steps, data_key=steps),
    )


def _names(thieves: Sequence[Person]) -> Markup:
    names = html("b", ", ".join(map(name_and_state, thieves)))
    if len(thieves) <= _NAMED:
        return names
    return html("details", html("summary", counted(len(thieves), "user")), names)
