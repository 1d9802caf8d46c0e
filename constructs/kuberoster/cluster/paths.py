"""Paths of the API: what may be asked for, and how a name is written into one."""

from __future__ import annotations

from urllib.parse import quote, unquote


def quote_name(name: str) -> str:
    """Write a name as one segment of a path: ':' and '@' and the like are escaped.

    Raises ValueError for what would lead to another path. RBAC names may hold any other
    character: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names
    """
    if name in {"", ".", ".."} or "/" in name or "%" in name:
        raise ValueError(f"{name!r} is no name of an object")
    return quote(name, safe="")


def check_path(path: str) -> None:
    """Raise ValueError for a path that may lead elsewhere than it says."""
    first, *segments = unquote(path).split("/")
    unsafe = not segments or not {"", ".", ".."}.isdisjoint(segments)
    if first or unsafe or not path.isprintable() or any(c in path for c in "?# \\"):
        raise ValueError(f"{path!r} is no path of the API")


def refuse_whole_secrets(path: str) -> None:
    """Raise ValueError for a collection of Secrets, whose answer would hold every token."""
    if unquote(path).rstrip("/").rpartition("/")[2] == "secrets":
        raise ValueError(f"{path} would bring the tokens of all its Secrets; use list_metadata")
