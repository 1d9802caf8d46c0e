"""One thing that happens: what it is as a code and fields, and in words."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Value = str | tuple[str, ...] | None
What = Literal[
    "added",
    "removed",
    "moved",
    "activated",
    "deactivated",
    "still-absent",
    "absent",
    "said",
    "changed",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What happens to a user, a team or a setting.

    Two are the same that have the same code and fields, whatever words are found for them.
    """

    what: What
    field: str
    """Of what it tells: a field's name as users/ or cdktf.json have it."""
    before: Value = None
    after: Value = None
    label: str = dataclasses.field(compare=False)
    """What happens, without what was and what is; in a sentence that goes on from the name."""
    detail: str = dataclasses.field(default="", compare=False)
    """What was and what is."""

    def __str__(self) -> str:
        return f"{self.label}: {self.detail}" if self.detail else self.label

    def document(self) -> dict[str, Any]:
        """The event as JSON has it."""
        return {
            "event": self.what,
            "field": self.field,
            "before": _written(self.before),
            "after": _written(self.after),
            "words": str(self),
        }


def changed(name: str, before: Value, after: Value, *, label: str = "") -> Event:
    """A field that says something else now."""
    return Event(
        what="changed",
        field=name,
        before=before,
        after=after,
        label=label or name,
        detail=f"{before or 'none'} -> {after or 'none'}",
    )


def _written(value: Value) -> str | Sequence[str] | None:
    return list(value) if isinstance(value, tuple) else value
