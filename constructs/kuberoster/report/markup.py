"""HTML that can't be written without escaping what is not HTML; tables, and phrases that recur."""

from collections.abc import Sequence
from datetime import date
from html import escape

from kuberoster.model.counted import counted
from kuberoster.model.severity import SEVERITIES, Severity

_VOID = frozenset({"input", "meta"})


class Markup(str):
    """HTML that is written as it is; every other text is escaped."""

    __slots__ = ()


def html(tag: str, *children: str, **attributes: str | float | bool | None) -> Markup:
    """An element; `class_` becomes class, `data_team` data-team, and True a bare attribute.

    None and False leave an attribute out.
    """
    written = "".join(
        f" {_name(name)}" if value is True else f' {_name(name)}="{text(str(value))}"'
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    opened = f"<{tag}{written}>"
    return Markup(opened if tag in _VOID else f"{opened}{joined(children)}</{tag}>")


def joined(parts: Sequence[str], separator: str = "") -> Markup:
    """Parts one after the other, with a text between them."""
    return Markup(text(separator).join(map(text, parts)))


def text(value: str) -> Markup:
    """Text as HTML, in an element or in quotes; a character that nobody would see is spelt out.

    Names of RBAC objects may hold anything but '/' and '%', what turns the direction of
    writing included.
    """
    if isinstance(value, Markup):
        return value
    shown = (
        value
        if value.isprintable()
        else "".join(char if char.isprintable() else ascii(char)[1:-1] for char in value)
    )
    return Markup(escape(shown))


def _name(attribute: str) -> str:
    return attribute.removesuffix("_").replace("_", "-")


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


EVERYWHERE = "whole cluster"
"""How the report calls the scope that is no namespace."""

NOT_THERE = ", not in the cluster yet"
"""What is said of access that the roster gives and the cluster, as it was asked, has not."""

_YEAR = 365


def scope_name(namespace: str) -> str:
    """A namespace, or what stands for none."""
    return namespace or EVERYWHERE


def risk(severity: Severity) -> Markup:
    """How bad something is, in a word and a colour."""
    return html("span", severity, class_=f"risk {severity}")


def risk_rank(severity: Severity | None) -> int:
    """0 for the worst, and one more than the mildest where nothing is found."""
    return SEVERITIES.index(severity) if severity else len(SEVERITIES)


def day(value: date) -> Markup:
    """A day for people and programs."""
    return html("time", value.isoformat(), datetime=value.isoformat())


def age(days: int) -> str:
    """How long: `12 days`, `2.1 years`."""
    return counted(days, "day") if days < 2 * _YEAR else f"{days / _YEAR:.1f} years"
