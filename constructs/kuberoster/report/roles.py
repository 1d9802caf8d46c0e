"""What each role means in words, once for all who hold it."""

from collections import defaultdict

from kuberoster.report.content import Content
from kuberoster.report.markup import Markup, html
from kuberoster.report.table import sortable

_COLUMNS = ("Role", "Users", "What it allows where it is held")


def roles_table(content: Content) -> Markup:
    """One row for each role, and for each of those that share a name and not their rules."""
    holders: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for person in content.people:
        for held in person.held:
            words = content.words[frozenset({held.role}), not held.namespace]
            holders[held.name, words if held.known else content.unknown_role].add(person.name)
    if not holders:
        return html("p", "Nobody holds a role.")
    rows = [_row(name, words, users) for (name, words), users in sorted(holders.items())]
    return sortable("roles", "Roles in words", _COLUMNS, rows)


def _row(name: str, words: str, users: set[str]) -> Markup:
    return html(
        "tr",
        html("th", html("b", name), scope="row", data_key=name),
        html("td", f"{len(users):,}", class_="figure", data_key=len(users)),
        html("td", words, data_key=words),
        data_users=" ".join(sorted(users)),
    )
