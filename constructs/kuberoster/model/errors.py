"""What goes wrong in a way that its reader can mend."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kuberoster.model.counted import counted
from kuberoster.model.printable import printable


class KuberosterError(Exception):
    """A message for a person: what, where, what is allowed, how to mend it.

    The command line prints it without a traceback and exits 1; nothing has changed by then.
    """


class Fault(NamedTuple):
    """What is wrong with one value, before it is known whose value it is."""

    wrong: str
    """What is wrong, with the value: `name has 'A', '_'`."""
    mend: str
    """What is allowed and what to do, in whole sentences."""


def unreadable(error: OSError) -> Fault:
    """What is wrong with a file or folder that the system does not give."""
    return Fault(
        f"can't be read: {error.strerror}",
        "Whoever runs this has to be able to read it: ls -l says who may.",
    )


NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What the system says where nothing more can be written."""


def how_to_write(error: OSError) -> str:
    """What mends that the system refused to write."""
    if error.errno in NO_ROOM:
        return "Make room there (df, ulimit -f), and run this again."
    return "Whoever runs this has to be able to write there: ls -ld says who may."


def unwritable(file: Path, error: OSError) -> KuberosterError:
    """That the system did not let a file be written."""
    return KuberosterError(f"{file}: can't be written: {error.strerror}.\n{how_to_write(error)}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A fault and the place in the roster where it stands."""

    file: str
    """The file as a person would name it: `users/web.py`."""
    subject: str
    """What in the file: `user 'ann'`, `TEAM`, or empty for the file itself."""
    fault: Fault

    def __str__(self) -> str:
        """Two lines: where and what; then what is allowed and how to mend it."""
        where = f"{self.file}: {self.subject}: " if self.subject else f"{self.file}: "
        # A file's name and an exception's text may hold what moves a terminal's cursor.
        return f"{printable(f'{where}{self.fault.wrong}.')}\n{printable(self.fault.mend)}"


PRINTED = 100
"""The problems that are printed; more help nobody, and their text could fill a disk."""


class ProblemsError(KuberosterError):
    """Everything that is wrong with a folder's files, at once, sorted by file.

    `at_last` stands below them: what mends several at once.
    """

    def __init__(self, problems: Sequence[Problem], *, at_last: str = "") -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.file))
        shown = list(map(str, self.problems[:PRINTED]))
        if left := self.problems[PRINTED:]:
            files = len({problem.file for problem in left})
            shown.append(f"{counted(len(left), 'more problem')} in {counted(files, 'file')}.")
        if at_last:
            shown.append(at_last)
        super().__init__("\n\n".join(shown))


class RosterError(ProblemsError):
    """Everything that is wrong with a roster."""


class SettingsError(ProblemsError):
    """Everything that is wrong with cdktf.json."""
