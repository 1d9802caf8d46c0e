"""`make test-long`: everything in its largest form, which takes hours."""

import os
from typing import TypeVar

Size = TypeVar("Size")

LONG = bool(os.environ.get("KUBEROSTER_LONG"))


def sized(usual: Size, *, long: Size) -> Size:
    """How much a test does each time, and how much in `make test-long`."""
    return long if LONG else usual
