"""Being stopped: SIGTERM and SIGHUP end a command as tidily as an interrupt does.

A command is stopped quietly at any moment: while it loads and when it is over there is nothing to
tidy up, and it dies of the signal; between, `tidily_stopped` makes the signal an exception.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """An interrupt by this signal."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__()


def die_when_interrupted() -> None:
    """Let SIGINT end this process as SIGTERM does, in the place of Python's KeyboardInterrupt.

    For a program's first line: what loads then prints a traceback otherwise. One that the caller
    ignores stays ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def tidily_stopped() -> Iterator[None]:
    """Raise KeyboardInterrupt for what would end this process, so that what is left behind goes.

    Only the first counts, since what follows it tidies up, but for a second interrupt. One that
    the caller ignores, as nohup does, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is told of signals
        return

    def stop(number: int, _: object) -> None:
        for each in ours:
            again = signal.default_int_handler if each is signal.SIGINT else lambda *_: None
            signal.signal(each, again)
        raise Stopped(number)

    ours = [each for each in _SIGNALS if signal.getsignal(each) is signal.SIG_DFL]
    try:
        for each in ours:
            signal.signal(each, stop)
        yield
    finally:
        for each in ours:
            signal.signal(each, signal.SIG_DFL)


@contextmanager
def quietly_stopped() -> Iterator[None]:
    """End this process with the status of what was stopped, and without a word.

    For a program that has something to tidy up while it loads, and when it is over.
    """
    die_when_interrupted()
    try:
        with tidily_stopped():
            yield
    except KeyboardInterrupt as interrupt:
        sys.exit(stopped_status(interrupt))
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what Python does at its exit is short


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
