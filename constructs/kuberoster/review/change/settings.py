"""What changes in cdktf.json."""

from collections.abc import Iterator
from dataclasses import fields

from kuberoster.model.settings import Settings


def settings_events(old: Settings, new: Settings) -> Iterator[str]:
    """Each setting that changes, old and new, or its name alone.

    What a backend is given may hold a password, so of that only the name is said.
    """
    if old.app != new.app:
        yield f"app: {old.app} -> {new.app}"
    for name in ("roster", "guard"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield f"{name}: {was} -> {now}"
    for part, before, after in (
        ("cluster", old.cluster, new.cluster),
        ("state", old.state, new.state),
        ("review", old.review, new.review),
    ):
        for field in fields(before):
            was, now = getattr(before, field.name), getattr(after, field.name)
            if was == now:
                continue
            if part == "state" and field.name == "settings":
                yield f"state.{new.state.backend} has other settings"
            else:
                yield f"{part}.{field.name}: {was or 'none'} -> {now or 'none'}"
