"""cdktf.json: its values, each taken with a check, and written where a command remembers one."""

import json
import math
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from unicodedata import category

from kuberoster.model.errors import Fault, KuberosterError, Problem, SettingsError
from kuberoster.model.names import did_you_mean, shortened
from kuberoster.model.whole_file import write_whole


class SettingsFile:
    """The document of a cdktf.json, and all that turns out to be wrong with it.

    What is wrong is kept and not raised, so that it hides nothing else; a value that is wrong is
    taken as left out.
    """

    def __init__(self, path: Path) -> None:
        self._problems: list[Problem] = []
        twice: dict[str, None] = {}

        def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
            values = dict(pairs)
            if len(values) < len(pairs):
                keys = [key for key, _ in pairs]
                twice.update(dict.fromkeys(key for key in values if keys.count(key) > 1))
            return values

        try:
            _refuse_pipe(path)
            # As cdktf reads it: Python's own reader takes more than JSON.
            document: object = json.loads(
                path.read_bytes().decode(),
                object_pairs_hook=once,
                parse_constant=_no_number,
                parse_float=_number,
            )
        except (FileNotFoundError, NotADirectoryError):
            raise KuberosterError(
                f"{path}: no such file.\nRun this where cdktf.json and users/ are, or name the "
                "folder with --directory."
            ) from None
        except (OSError, ValueError, RecursionError) as wrong:
            document = {}
            fault = Fault(
                f"can't be read as JSON: {wrong}",
                "It is one JSON object in UTF-8, without a byte order mark.",
            )
            self._problems.append(Problem(file=str(path), subject="", fault=fault))
        for key in twice:
            self.report(f"has the key {shortened(key)} twice", "The last would count. Remove one.")
        self.document = self.mapping(document, "the file")

    def report(self, wrong: str, mend: str) -> None:
        """Keep what is wrong."""
        fault = Fault(wrong, mend)
        self._problems.append(Problem(file="cdktf.json", subject="", fault=fault))

    def report_all(self, faults: Iterable[Fault]) -> None:
        """Keep each of what is wrong."""
        for fault in faults:
            self.report(*fault)

    def check(self) -> None:
        """Raise SettingsError with everything that was wrong, where anything was."""
        if self._problems:
            raise SettingsError(self._problems)

    def mapping(self, value: object, where: str) -> Mapping[str, object]:
        """The value as a JSON object."""
        if isinstance(value, dict):
            return value
        self.report(f"{where} is {shortened(value)}", "It is a JSON object.")
        return {}

    def text(self, values: Mapping[str, object], key: str, where: str) -> str | None:
        """The text of a key; None where it is left out."""
        value = values.get(key)
        if value is None:
            return None
        if isinstance(value, str) and value:
            return value if self.takeable(value, f"{where}.{key}") else None
        self.report(f"{where}.{key} is {shortened(value)}", "It is text; or leave it out.")
        return None

    def takeable(self, value: object, where: str) -> bool:
        """Whether each text in a value can be said to the programs below; reports each other."""
        found = list(_odd_texts(value, where))
        for place, odd in found:
            self.report(
                f"{place} has the character {odd!r}",
                "It is text without control characters and halves of a character.",
            )
        return not found

    def flag(self, values: Mapping[str, object], key: str, where: str) -> bool:
        """The truth of a key; false where it is left out."""
        value = values.get(key, False)
        if isinstance(value, bool):
            return value
        self.report(f"{where}.{key} is {shortened(value)}", "It is true or false; or leave it out.")
        return False

    def only(self, values: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
        """Report every other key."""
        for key in values:
            if key not in known:
                self.report(
                    f"{where} has no setting {shortened(key)}",
                    f"It has {', '.join(known)}.{did_you_mean(key, known)}",
                )

    def none_like(self, values: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
        """Report each key that is nearly one of these: others' keys are none of our business."""
        for key in values:
            if key not in known and (
                hint := did_you_mean(key.lower().replace("-", ""), known, cutoff=_NEARLY)
            ):
                self.report(
                    f"{where} has {shortened(key)}, which nothing reads", f"Rename it.{hint}"
                )


_NEARLY = 0.8
_ODD = ("Cc", "Cs")
"""Control characters and surrogates."""


def _odd_texts(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Where in a value a character is that no file, argument or request can hold, and which."""
    left = [(value, where)]
    while left:  # no recursion: a value may be as deep as JSON can be read
        value, where = left.pop()
        if isinstance(value, dict):
            left += ((key, where) for key in value)
            left += ((each, f"{where}.{key}") for key, each in value.items())
        elif isinstance(value, list):
            left += ((each, f"{where}[{place}]") for place, each in enumerate(value))
        elif isinstance(value, str) and (odd := [each for each in value if category(each) in _ODD]):
            yield where, odd[0]


def _refuse_pipe(path: Path) -> None:
    """Raise ValueError for what may never end when it is read."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is no regular file")


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no number of JSON")


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large a number")
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
    except (OSError, ValueError, AttributeError) as wrong:
        raise KuberosterError(f"{path}: can't be changed: {wrong}.") from None
    # Whole or not at all: without this file no command of ours works.
    write_whole(path, f"{json.dumps(document, indent=2)}\n".encode())
    return True


def _merge(into: dict[str, object], values: Mapping[str, object]) -> None:
    for key, value in values.items():
        there = into.get(key)
        if isinstance(there, dict) and isinstance(value, Mapping):
            _merge(there, value)
        else:
            into[key] = value
