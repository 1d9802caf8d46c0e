"""What a person at a terminal sees while a command waits."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def waiting_for(what: str) -> Iterator[Callable[[float], None]]:
    """Show on a terminal how many seconds something is being waited for, from two on."""
    shown = False

    def show(seconds: float) -> None:
        nonlocal shown
        if seconds >= 2 and sys.stderr.isatty():
            shown = True
            print(f"\rwaiting for {what}: {seconds:.0f} s", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if shown:
            print(file=sys.stderr)


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being done at the moment; nothing of it stays."""
    shown = 0

    def show(what: str) -> None:
        nonlocal shown
        if sys.stderr.isatty():
            print(f"\r{what} ...".ljust(shown), end="", file=sys.stderr, flush=True)
            shown = len(what) + 5

    try:
        yield show
    finally:
        if shown:
            print("\r".ljust(shown) + "\r", end="", file=sys.stderr, flush=True)
