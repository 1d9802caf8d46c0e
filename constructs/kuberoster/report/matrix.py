"""Access as a matrix: users down, namespaces across."""

from collections.abc import Iterable, Iterator, Sequence

from kuberoster.model.counted import counted
from kuberoster.model.team import Team
from kuberoster.report.content import Content
from kuberoster.report.markup import NOT_THERE, Markup, html, joined, scope_name
from kuberoster.report.person import Held, Person

_ACROSS = 10
"""More namespaces than these don't fit on paper; what is beyond becomes a table of its own."""

_LEGEND = (
    "A role stands where it counts. ",
    html("i", "Slanted", class_="team"),
    ": by the whole team or a wider group. ",
    html("span", "In brackets", class_="absent"),
    ": from the first day on, or not deployed; there is no access now. A mark and a word say how "
    "bad the worst finding there is.",
)


def matrix(content: Content) -> Iterator[Markup]:
    """A table for each team and some of its namespaces, of who has access in one of them.

    So the cells grow with what is granted, not with all users times all namespaces.
    """
    yield html("p", *_LEGEND, class_="legend")
    for team in content.teams:
        people = [person for person in content.people if person.team is team]
        scopes = sorted({each for person in people for each in person.namespaces})
        for start in range(0, len(scopes), _ACROSS):
            here = scopes[start : start + _ACROSS]
            yield _table(f"Team {team.name}{_part(scopes, here)}", people, here)
        if without := [f"{each.name} ({each.state})" for each in people if not each.held]:
            yield _nobody(team, without)


def _part(scopes: Sequence[str], here: Sequence[str]) -> str:
    """Which of a team's namespaces a table has, where it has not all of them."""
    return "" if scopes == here else f": {scope_name(here[0])} to {scope_name(here[-1])}"


def _table(title: str, people: Iterable[Person], scopes: Sequence[str]) -> Markup:
    rows = [person for person in people if not set(scopes).isdisjoint(person.namespaces)]
    table = html(
        "table",
        html("caption", title, html("span", f" {counted(len(rows), 'user')}", class_="quiet")),
        html(
            "thead",
            html(
                "tr",
                html("th", "User", scope="col"),
                *(html("th", scope_name(each), scope="col") for each in scopes),
            ),
        ),
        html("tbody", *(_row(person, scopes) for person in rows)),
    )
    return html("div", table, class_="scroll", role="region", tabindex=0, aria_label=title)


def _row(person: Person, scopes: Sequence[str]) -> Markup:
    name = html("a", person.name, href=f"#user-{person.name}")
    cells = (_cell(person, scope) for scope in scopes)
    return html(
        "tr",
        html("th", name, scope="row"),
        *cells,
        class_=None if person.state == "active" or person.lingers else "absent",
        data_user=person.name,
    )


def _cell(person: Person, scope: str) -> Markup:
    held = [each for each in person.held if each.namespace == scope]
    if not held:
        return html("td")
    severity = person.worst_in(scope)
    said: list[str] = [joined([_role(each) for each in held], ", ")]
    if severity:
        said.append(html("small", severity, class_=f"mark {severity}"))
    return html("td", *said)


def _role(held: Held) -> Markup:
    name = html("b", held.name) if held.by == "user" else html("i", held.name)
    return name if held.there else joined([name, NOT_THERE])


def _nobody(team: Team, names: list[str]) -> Markup:
    who = f"Nowhere in team {team.name}: "
    return html("p", who, ", ".join(names), class_="legend")
