"""What a file of users/ made, as plain values, so that none of its code runs after it was read.

A file may put anything into a field: a subclass, a property that fails when it is asked, an
object of no known type. `plain` asks each value once, beside the file's own code, and writes what
it finds as JSON can hold it. `restored` makes of that exactly the model's own classes.
"""

import dataclasses
from collections.abc import Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from kuberoster.model.access import ClusterRole, Grant, Role
from kuberoster.model.names import LABEL_LENGTH, shortened
from kuberoster.model.place import as_place
from kuberoster.model.rule import Rule
from kuberoster.model.team import Team
from kuberoster.model.token import Token
from kuberoster.model.user import User
from kuberoster.model.waiver import Waiver

_CLASSES: dict[str, type] = {
    each.__name__: each for each in (User, Team, Grant, ClusterRole, Role, Rule, Token, Waiver)
}
_FIELDS = {
    name: tuple(field.name for field in dataclasses.fields(cls)) for name, cls in _CLASSES.items()
}
_ALL = {
    _CLASSES[name]: (name, attrgetter(*fields), len(fields)) for name, fields in _FIELDS.items()
}
_ATOMS = frozenset({type(None), bool, str})
_DEEPEST = 12
"""More than a user with a role, its rules and their lists has; what lies deeper is not restored."""


class Foreign:
    """A value that no roster has, of which only its looks are left, to be named in a fault."""

    def __init__(self, looks: object) -> None:
        self._looks = str(looks)

    def __repr__(self) -> str:
        return self._looks


class PlainValues:
    """The values of one file; those that stand in it several times are written out once."""

    def __init__(self) -> None:
        # With the values themselves: an id is another's as soon as its object is gone.
        self._written: dict[int, tuple[object, Any]] = {}

    def of(self, value: object, deep: int = 0) -> Any:
        """The value as JSON can hold it; never raises for what it is."""
        kind = type(value)
        if kind in _ATOMS or (kind is int and -(2**53) < value < 2**53):  # type: ignore[operator]
            return value
        if kind is date:
            return ["date", value.isoformat()]  # type: ignore[attr-defined]
        if deep < _DEEPEST:
            if kind in (tuple, list):
                return [kind.__name__, self._all(value, deep)]  # type: ignore[arg-type]
            if kind is dict:
                items = list(value.items())  # type: ignore[attr-defined]
                return ["dict", [self._all(item, deep) for item in items]]
            # By type(): isinstance asks the object itself, which may lie.
            if cls := next((each for each in kind.__mro__ if each in _ALL), None):
                return self._of_ours(value, cls, deep)
        return ["foreign", shortened(value, LABEL_LENGTH + 2)]

    def _all(self, values: Sequence[object], deep: int) -> list[Any]:
        return [each if type(each) in _ATOMS else self.of(each, deep + 1) for each in values]

    def _of_ours(self, value: object, cls: type, deep: int) -> Any:
        known = self._written.get(id(value))
        if known:
            return known[1]
        name, all_fields, count = _ALL[cls]
        try:
            values: Sequence[object] = all_fields(value) if count > 1 else (all_fields(value),)
            unknown = getattr(value, "_unknown_fields", ())
        except BaseException:  # a field that is missing, or a property that fails
            values, unknown = [_field(value, each) for each in _FIELDS[name]], ()
        written = [name, self._all(values, deep)]
        if type(unknown) is tuple and unknown:
            written.append([each for each in unknown if type(each) is str])
        self._written[id(value)] = (value, written)
        return written


def _field(value: object, name: str) -> object:
    try:
        return getattr(value, name)
    except BaseException as error:
        return Foreign(f"<can't be read: {type(error).__name__}>")


class Restored:
    """Values made again of `PlainValues`; grants that are equal but for their places share them."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def of(self, data: Any) -> Any:
        """The value; TypeError, ValueError or LookupError for what `PlainValues` never wrote."""
        if type(data) is not list:
            return data
        kind, rest, *more = data
        if kind in _CLASSES:
            return self._ours(kind, rest, more)
        if kind in ("tuple", "list"):
            return tuple(self._all(rest)) if kind == "tuple" else self._all(rest)
        if kind == "dict":
            return {_key(self.of(key)): self.of(each) for key, each in rest}
        return date.fromisoformat(rest) if kind == "date" else Foreign(rest)

    def _all(self, data: list[Any]) -> list[Any]:
        return [self.of(each) if type(each) is list else each for each in data]

    def _ours(self, kind: str, rest: list[Any], more: list[list[str]]) -> Any:
        if kind != "Grant":
            return self._new(kind, rest, more)
        *alike, place = rest
        written = repr(alike)
        known = self._made.get(written)
        if known is None:
            known = self._made[written] = self._new(kind, rest, more)
        if known.place == place:
            return known
        made = object.__new__(Grant)
        vars(made).update(vars(known), place=as_place(place))
        return made

    def _new(self, kind: str, rest: list[Any], more: list[list[str]]) -> Any:
        made: Any = object.__new__(_CLASSES[kind])
        # As its own __init__ left the fields beside the file's code, and without checking anew.
        fields = vars(made)
        fields.update(zip(_FIELDS[kind], self._all(rest), strict=True))
        if "place" in fields:
            fields["place"] = as_place(fields["place"])
        # Each class of ours that takes fields by keyword has kept those it does not know.
        fields["_unknown_fields"] = tuple(map(str, more[0])) if more else ()
        return made


def _key(value: Any) -> Any:
    """The value where it may be a dict's key, as each that was one may."""
    try:
        hash(value)
    except TypeError:
        return Foreign(shortened(value))
    return value
