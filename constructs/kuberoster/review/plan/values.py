"""Values of a resource as a plan has them, compared part by part."""

from collections.abc import Iterable, Mapping
from typing import Any

Values = Mapping[str, Any]
Part = str
"""An attribute, or one of its metadata: `subject`, `metadata.labels`."""

_EMPTY: tuple[Any, ...] = (None, "", [], {}, 0)


def metadata_of(values: Values | None) -> Values:
    """The metadata of an object; a plan has it as a list of one, synthesised JSON plainly."""
    found = (values or {}).get("metadata") or {}
    first: Values = found[0] if isinstance(found, list) else found
    return first


def first_of(values: Values, name: str) -> Values:
    """The one block of a name, or nothing."""
    found: Values = (values.get(name) or [{}])[0]
    return found


def differing(old: Values | None, new: Values | None) -> set[Part]:
    """The parts in which two differ; what is empty and what is left out are the same."""
    return _differing(_plain(old), _plain(new)) | {
        f"metadata.{name}" for name in _differing(metadata_of(old), metadata_of(new))
    }


def parts_of(paths: Iterable[list[Any]]) -> set[Part]:
    """The parts that a plan's paths lead into: `["metadata", 0, "name"]` to `metadata.name`."""
    return {
        f"metadata.{path[2]}" if path[0] == "metadata" and len(path) > 2 else str(path[0])
        for path in paths
    }


def _plain(values: Values | None) -> Values:
    return {name: value for name, value in (values or {}).items() if name != "metadata"}


def _differing(old: Values, new: Values) -> set[str]:
    return {
        name
        for name in old.keys() | new.keys()
        if _reduced(old.get(name)) != _reduced(new.get(name))
    }


def _reduced(value: Any) -> Any:
    """The value without what is empty in it."""
    if isinstance(value, Mapping):
        reduced = {key: _reduced(each) for key, each in value.items()}
        return {key: each for key, each in reduced.items() if each is not None} or None
    if isinstance(value, list):
        return [each for each in map(_reduced, value) if each is not None] or None
    return None if value in _EMPTY and value is not False else value
