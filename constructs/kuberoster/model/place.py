"""Where in users/ a user or a grant is written, for whoever reviews that line."""

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

_PLACE = re.compile(r"(?!/)[^:\x00-\x1f]+:[1-9]\d{0,8}")
_IMPORT = "<frozen importlib"
"""How the names of those files begin that Python's own importing is written in."""


class _Reading:
    """The file of users/ that runs now."""

    def __init__(self, path: Path, shown: str) -> None:
        self._above = f"{path.parent.parent.resolve()}/"
        self._folder = f"{path.parent.resolve()}/"
        self._names: dict[str, str] = {shown: shown}
        # With the code itself: an id is another's as soon as its object is gone.
        self._lines: dict[int, tuple[CodeType, list[int], list[int]]] = {}

    def place(self) -> str | None:
        """The innermost line of users/ that led here; None where an import is nearer."""
        frame: FrameType | None = sys._getframe(3)  # who made what asks
        while frame:
            code = frame.f_code
            name = self._names.get(code.co_filename)
            if name is None:
                name = self._names[code.co_filename] = self._named(code.co_filename)
            if name:
                return None if name == _IMPORT else f"{name}:{self._line(code, frame.f_lasti)}"
            frame = frame.f_back
        return None

    def _named(self, file: str) -> str:
        """How a file of users/ is named; empty for one that lies elsewhere."""
        if file.startswith(_IMPORT):
            return _IMPORT
        return file.removeprefix(self._above) if file.startswith(self._folder) else ""

    def _line(self, code: CodeType, instruction: int) -> int:
        """The line of an instruction: Python's own `f_lineno` looks through the file each time."""
        known = self._lines.get(id(code))
        if known is None:
            spans = [each for each in code.co_lines() if each[2]]
            starts, lines = [each[0] for each in spans], [each[2] or 0 for each in spans]
            known = self._lines[id(code)] = code, starts, lines
        _, starts, lines = known
        return lines[bisect_right(starts, instruction) - 1]


_reading: _Reading | None = None


@contextmanager
def places_in(path: Path, shown: str) -> Iterator[None]:
    """While a file of users/ runs, let what it makes know its line; `shown` is how it is named."""
    global _reading  # noqa: PLW0603  # what a file makes is not told which file that is
    _reading = _Reading(path, shown)
    try:
        yield
    finally:
        _reading = None


def here() -> str | None:
    """Where in users/ this is called from, as `users/web.py:12`; None elsewhere."""
    return _reading.place() if _reading else None


def as_place(value: object) -> str | None:
    """A place that came from a file's process, if it is one: a file may say anything."""
    return value if isinstance(value, str) and _PLACE.fullmatch(value) else None
