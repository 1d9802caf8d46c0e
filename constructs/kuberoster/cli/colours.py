"""Colours on a terminal, and nowhere else."""

import os
import sys

from kuberoster.review.output.line import Kind
from kuberoster.review.output.text import Paint, plain

_CODES: dict[Kind, int] = {
    "heading": 1,
    "block": 31,
    "loss": 31,
    "risk": 31,
    "gain": 32,
    "mended": 32,
}


def on_a_terminal() -> Paint:
    """Paint where stdout is a terminal and NO_COLOR is not set (https://no-color.org)."""
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        return _painted
    return plain


def _painted(text: str, kind: Kind) -> str:
    code = _CODES.get(kind)
    return f"\x1b[{code}m{text}\x1b[0m" if code else text
