"""HTML that can't be written without escaping what is not HTML."""

from collections.abc import Sequence
from html import escape

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
