"""Programs with the signals of a shell's foreground, wherever the tests themselves run."""

import sys

_HEEDING = """
import os, signal, sys
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(each, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def in_foreground(*arguments: str) -> list[str]:
    """The command that runs Python with these arguments.

    A shell lets what it starts in the background ignore SIGINT, and so would all that is below.
    """
    return [sys.executable, "-c", _HEEDING, *arguments]
