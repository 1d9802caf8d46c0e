"""What changes in cdktf.json."""

from collections.abc import Iterator
from dataclasses import fields

from kuberoster.model.settings import Settings
from kuberoster.review.change.event import Event, changed


def settings_events(old: Settings, new: Settings) -> Iterator[Event]:
    """Each setting that changes, old and new, or its name alone.

    What a backend is given may hold a password, so of that only the name is said.
    """
    for name in ("app", "roster", "guard"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield changed(name, str(was), str(now))
    for part, before, after in (
        ("cluster", old.cluster, new.cluster),
        ("state", old.state, new.state),
        ("review", old.review, new.review),
    ):
        for field in fields(before):
            was, now = getattr(before, field.name), getattr(after, field.name)
            name = f"{part}.{field.name}"
            if was == now:
                continue
            if name == "state.settings":
                label = f"state.{new.state.backend} has other settings"
                yield Event(what="changed", field=name, label=label)
            else:
                yield changed(name, _text(was), _text(now))


def _text(value: object) -> str | None:
    return str(value) if value else None
