"""Tables whose columns sort by a button, where scripts run."""

from collections.abc import Sequence

from kuberoster.report.markup import Markup, html


def sortable(name: str, caption: str, columns: Sequence[str], rows: Sequence[Markup]) -> Markup:
    """A table with a heading for each column, into which the script puts buttons.

    A column sorts by what its cells have as `data-key`.
    """
    return html(
        "table",
        html("caption", caption, class_="unseen"),
        html("thead", html("tr", *(html("th", each, scope="col") for each in columns))),
        html("tbody", *rows),
        id=name,
        class_="sortable",
    )
