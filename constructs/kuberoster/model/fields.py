"""How the roster's dataclasses take what a person wrote, so that all of it can be reported."""

import dataclasses
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from kuberoster.model.errors import Fault
from kuberoster.model.names import did_you_mean, shortened

_Class = TypeVar("_Class", bound=type)
_FACT = "fact"
OWN_ANNOTATIONS = "kuberoster.io/"
"""How the keys of all annotations begin that say what users/ says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A field that is told as it is, in a text or a day: all that anybody needs to know of it.

    Annotations, checks, drift, reviews and the report are made from it.
    """

    name: str
    """As it is written in users/."""
    label: str
    """What readers call it."""
    faults: Callable[[str, Any], Iterator[Fault]]
    """What is wrong with a value, by the field's name and the value."""
    annotated: bool
    """Whether objects in the cluster have it as an annotation."""
    plain: Callable[[Any], object]
    """What is shown and compared: the same for two values that are written differently."""
    told_of_new: bool
    """Whether a review tells it of who is new."""
    reported: bool
    """Whether the report tells it beside the name."""
    speaks: bool
    """Whether the value says what it is, so that a table leaves the label out."""

    def of(self, item: object) -> str | None:
        """What an item says here; None where it says nothing."""
        value = getattr(item, self.name)
        return None if value is None else str(self.plain(value))


def told(
    faults: Callable[[str, Any], Iterator[Fault]],
    *,
    label: str = "",
    annotated: bool = False,
    plain: Callable[[Any], object] = str,
    told_of_new: bool = True,
    reported: bool = True,
    speaks: bool = False,
) -> Mapping[str, Fact]:
    """The metadata of a dataclass's field that makes it a Fact; its label is its name if empty."""
    fact = Fact(
        name="",
        label=label,
        faults=faults,
        annotated=annotated,
        plain=plain,
        told_of_new=told_of_new,
        reported=reported,
        speaks=speaks,
    )
    return {_FACT: fact}


def facts(item: Any) -> tuple[Fact, ...]:
    """The facts of a user or a team, in the order in which its class has them."""
    return _facts_of(type(item))  # type: ignore[arg-type]  # a class has a hash


@functools.cache
def _facts_of(cls: Any) -> tuple[Fact, ...]:
    return tuple(
        replace(fact, name=field.name, label=fact.label or field.name)
        for field in dataclasses.fields(cls)
        if (fact := field.metadata.get(_FACT))
    )


def fact_faults(item: object) -> Iterator[Fault]:
    """What is wrong with what an item says, fact by fact."""
    for fact in facts(item):
        value = getattr(item, fact.name)
        if value is not None:
            yield from fact.faults(fact.name, value)


def annotations(item: object) -> dict[str, str]:
    """What objects in the cluster say of an item, where labels allow too few characters."""
    return {
        f"{OWN_ANNOTATIONS}{fact.name}": said
        for fact in facts(item)
        if fact.annotated and (said := fact.of(item)) is not None
    }


def said_by(cls: type, annotated: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a class that annotations of an object say, by name."""
    return {
        fact.name: said
        for fact in _facts_of(cls)
        if fact.annotated and (said := annotated.get(f"{OWN_ANNOTATIONS}{fact.name}"))
    }


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
