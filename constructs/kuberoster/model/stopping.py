"""Being stopped: SIGTERM and SIGHUP end a command as tidily as an interrupt does."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """An interrupt by another signal than SIGINT."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__()


@contextmanager
def tidily_stopped() -> Iterator[None]:
    """Raise KeyboardInterrupt for SIGTERM and SIGHUP too, so that what is left behind goes.

    Only the first of them counts, since what follows it tidies up. One that the caller ignores,
    as nohup does, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is told of signals
        return

    def stop(number: int, _: object) -> None:
        for each in ours:
            signal.signal(each, lambda *_: None)
        raise Stopped(number)

    ours = [each for each in _SIGNALS if signal.getsignal(each) is signal.SIG_DFL]
    for each in ours:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each in ours:
            signal.signal(each, signal.SIG_DFL)


def stopped_status(interrupt: KeyboardInterrupt) -> int:
    """The exit status of what was stopped, as a shell has it: 130, 143 or 129."""
    return 128 + (interrupt.number if isinstance(interrupt, Stopped) else signal.SIGINT)


def say_notes(interrupt: KeyboardInterrupt) -> None:
    """Print what `noting` and others have said with an interrupt."""
    for note in getattr(interrupt, "__notes__", ()):
        print(note, file=sys.stderr)


@contextmanager
def noting(note: str) -> Iterator[None]:
    """Say with an interrupt what it left half done, and how to get on."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(note)
        raise
