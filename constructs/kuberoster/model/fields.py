"""How the roster's dataclasses take what a person wrote, so that all of it can be reported."""

import dataclasses
import functools
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from kuberoster.model.errors import Fault
from kuberoster.model.names import did_you_mean, shortened

_Class = TypeVar("_Class", bound=type)


def checked_fields(cls: _Class) -> _Class:
    """Let a dataclass keep unknown keyword arguments, for `unknown_field_faults` to report.

    Python's own TypeError would end the file at the first of them and hide all other problems.
    """
    init = cls.__init__  # type: ignore[misc]  # wrapping the dataclass's own
    known = {field.name for field in dataclasses.fields(cls) if field.init}

    @functools.wraps(init)
    def keep_unknown(self: object, *args: Any, **fields: Any) -> None:
        unknown = {name: fields.pop(name) for name in list(fields) if name not in known}
        object.__setattr__(self, "_unknown_fields", tuple(unknown))
        init(self, *args, **fields)

    cls.__init__ = keep_unknown  # type: ignore[misc]
    return cls


def unknown_field_faults(item: object) -> Iterator[Fault]:
    """The fields that the item's class does not have."""
    known = [field.name for field in dataclasses.fields(item) if field.init]  # type: ignore[arg-type]
    for name in getattr(item, "_unknown_fields", ()):
        yield Fault(
            f"{type(item).__name__} has no field {name!r}",
            f"It has {', '.join(known)}.{did_you_mean(name, known)}",
        )


def as_tuple(item: object, *fields: str) -> None:
    """Freeze the lists of a frozen dataclass; what is no list or tuple stays, to be reported."""
    for field in fields:
        value = getattr(item, field)
        if isinstance(value, list | tuple):
            object.__setattr__(item, field, tuple(value))


def strings_faults(
    field: str, values: object, pattern: re.Pattern[str], allowed: str
) -> Iterator[Fault]:
    """The faults of a list of strings that each match a pattern."""
    if not isinstance(values, tuple):
        yield Fault(f"{field} is {shortened(values)}", f"It is a list. {allowed}")
        return
    for value in values:
        if type(value) is not str or len(value) > 253 or not pattern.fullmatch(value):
            yield Fault(f"{field} has {shortened(value)}", allowed)
