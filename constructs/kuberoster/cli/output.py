"""What becomes of a command's output changes neither what the command does nor how it ends."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TextIO, cast


@dataclass(slots=True)
class Printed:
    """What is known of a command's output once it is over."""

    lost: OSError | None = None
    """Why some of it could not be written; None also where only its reader left."""

    def status(self, verdict: int) -> int:
        """The exit status of a command with this verdict.

        0 stands for 'fine', and nobody has read that where output was lost, so it becomes 1.
        Each other verdict stops whoever asked, and says more than 1.
        """
        return 1 if self.lost and verdict == 0 else verdict


@contextmanager
def lasting_output() -> Iterator[Printed]:
    """Let `print` never fail below this: a command goes on when nobody reads it any more.

    What an encoding lacks is escaped. Once a stream fails the rest of it is dropped.
    """
    _fill_standard_files()
    before = sys.stdout, sys.stderr
    printed = Printed()
    out, err = (_Lasting(stream, printed) for stream in before)
    # Each has what is used of a stream here: write, flush, isatty, fileno and encoding.
    sys.stdout, sys.stderr = cast("TextIO", out), cast("TextIO", err)
    try:
        yield printed
    finally:
        out.flush()
        if printed.lost:
            lost = printed.lost
            err.write(f"{lost.filename or 'output'}: {lost.strerror or lost}.\n")
        err.flush()
        sys.stdout, sys.stderr = before


class _Lasting:
    """A stream that may fail, and nobody notices but its `Printed`."""

    def __init__(self, stream: TextIO | None, printed: Printed) -> None:
        self._stream = stream  # None where the caller closed it
        self._printed = printed
        self.encoding = stream.encoding if stream else "utf-8"
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        with self._noting():
            if self._stream:
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._noting():
            if self._stream:
                self._stream.flush()

    def isatty(self) -> bool:
        return bool(self._stream and self._stream.isatty())

    def fileno(self) -> int:
        if self._stream is None:
            raise io.UnsupportedOperation("fileno")
        return self._stream.fileno()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except (BrokenPipeError, ConnectionResetError):
            self._discard()  # whoever read it has seen enough
        except OSError as error:
            self._printed.lost = self._printed.lost or error
            self._discard()

    def _discard(self) -> None:
        """Lead the rest nowhere, what is in a buffer and what Python writes at its exit too."""
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)


def _fill_standard_files() -> None:
    """Open what the caller closed, so that no file or connection of ours gets its number.

    A child of ours, or a library, would write its messages there.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
