"""Values of cdktf.json, each taken with a check; KuberosterError says what is wrong."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import did_you_mean, shortened


def mapping(value: object, where: str) -> Mapping[str, object]:
    """The value as a JSON object."""
    if not isinstance(value, dict):
        raise error(f"{where} is {shortened(value)}", "It is a JSON object.")
    return value


def text(values: Mapping[str, object], key: str, where: str) -> str | None:
    """The text of a key; None where it is left out."""
    value = values.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise error(f"{where}.{key} is {shortened(value)}", "It is text; or leave it out.")
    return value


def flag(values: Mapping[str, object], key: str, where: str) -> bool:
    """The truth of a key; false where it is left out."""
    value = values.get(key, False)
    if not isinstance(value, bool):
        raise error(f"{where}.{key} is {shortened(value)}", "It is true or false; or leave it out.")
    return value


def remember(folder: Path, own: Mapping[str, object]) -> bool:
    """Write values into context.kuberoster of a folder's cdktf.json; False where they stood there.

    A value that is an object is merged with the one that is there. All else stays, in its order.
    Raises KuberosterError where the file can't be read or written.
    """
    path = folder / "cdktf.json"
    try:
        document = json.loads(path.read_bytes())
        before = json.dumps(document)
        _merge(document.setdefault("context", {}).setdefault("kuberoster", {}), own)
        if json.dumps(document) == before:
            return False
        # Whole or not at all: without this file no command of ours works.
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        draft.replace(path)
    except (OSError, ValueError, AttributeError) as wrong:
        raise KuberosterError(f"{path}: can't be changed: {wrong}.") from None
    return True


def _merge(into: dict[str, object], values: Mapping[str, object]) -> None:
    for key, value in values.items():
        there = into.get(key)
        if isinstance(there, dict) and isinstance(value, Mapping):
            _merge(there, value)
        else:
            into[key] = value


def only(values: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    """Refuse every other key."""
    for key in values:
        if key not in known:
            raise error(
                f"{where} has no setting {key!r}",
                f"It has {', '.join(known)}.{did_you_mean(key, known)}",
            )


def error(wrong: str, mend: str) -> KuberosterError:
    """What is wrong in cdktf.json, and how to mend it."""
    return KuberosterError(f"cdktf.json: {wrong}.\n{mend}")
