"""Ask before something that can't be taken back."""

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from kuberoster.model.errors import KuberosterError
from kuberoster.model.printable import printable

Found = TypeVar("Found")


def confirm(what: str, word: str, *, yes: bool) -> None:
    """Return only when a person typed the word, or said --yes; else KuberosterError."""
    if yes:
        return
    if not sys.stdin or not sys.stdin.isatty():
        raise KuberosterError(
            "not confirmed, and there is no terminal to ask on; nothing was done.\n"
            "Where nobody can answer, say --yes."
        )
    print(f"{what}\nType {word} to go on: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != word:
        raise KuberosterError("not confirmed; nothing was done.")


def confirm_and_look_again(
    found: Found,
    look: Callable[[], Found],
    facts: Callable[[Found], Sequence[str]],
    *,
    what: str,
    word: str,
    yes: bool,
) -> Found:
    """Ask, and look again, since a colleague may have deployed while the question stood there.

    Returns what is found then. Raises KuberosterError where its facts, a line for each, are not
    those that were shown. With --yes nobody was waited for, and `found` is taken as it is.
    """
    confirm(what, word, yes=yes)
    if yes:
        return found
    again = look()
    before, now = facts(found), facts(again)
    if before != now:
        gone = [f"- {printable(line.strip())}" for line in before if line not in now]
        new = [f"+ {printable(line.strip())}" for line in now if line not in before]
        raise KuberosterError(
            "something has changed since it was shown; nothing was done:\n"
            + "\n".join([*gone, *new] or ["the same in another order"])
            + "\nLook at it, and run this again."
        )
    return again
