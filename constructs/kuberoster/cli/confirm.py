"""Ask before something that can't be taken back."""

import sys

from kuberoster.model.errors import KuberosterError


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
