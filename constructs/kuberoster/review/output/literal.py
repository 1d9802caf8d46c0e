"""Text of others in markdown: it is shown as it is, and does nothing."""

import re
from collections.abc import Iterator
from functools import cache

from kuberoster.model.printable import printable

_WORD = re.compile(r"""[("']?[^\W_]+(?:['.,-][^\W_]+)*["']?[.,;:)]*""")
"""Letters and digits, which mean nothing in markdown, to GitHub and to GitLab.

Every character that starts a link, a mention, a reference, HTML or formatting is left out.
"""
_LINKED = re.compile(r"\b(?:www\.|gh-\d|[0-9a-f]{7,}\b)", re.IGNORECASE)
"""What GitHub takes for a link without such a character: www.example.com, GH-12, a commit."""
_NUMBERING = re.compile(r"\d+[.)]")
_WRITTEN = {"+": r"\+", "-": r"\-", "->": "\N{RIGHTWARDS ARROW}", "...": "...", "...)": "...)"}
_IN_PARENTHESES = re.compile(r"(\()([^()]+)(\)[.,;:]?)")
_BEFORE_A_STOP = re.compile(r"()(.*?[^.,;:])([.,;:]?)")
_BACKTICKS = re.compile(r"`+")


def literal(text: str) -> str:
    """One line of markdown that shows a text: plain words as they are, all else as code.

    In code nothing is a link, a mention or a reference. Escapes would not do: GitHub and GitLab
    look for mentions and references in the text that markdown leaves.
    """
    return " ".join(_spans(printable(text)))


def fence_for(lines: list[str]) -> str:
    """The fence of a block of code that no line of it can close."""
    return "`" * max(3, _longest(lines) + 1)


def _spans(text: str) -> Iterator[str]:
    """Words and spans of code; words beside one another that have to be code are one span."""
    code: list[str] = []
    for word in text.split():
        if _is_plain(word):
            if code:
                yield _code(" ".join(code))
                code = []
            yield _WRITTEN.get(word, word)
        else:
            code.append(word)
    if code:
        yield _code(" ".join(code))


@cache
def _is_plain(word: str) -> bool:
    if word in _WRITTEN:
        return True
    acts = _LINKED.search(word) or _NUMBERING.fullmatch(word)
    return bool(_WORD.fullmatch(word) and not acts)


def _code(text: str) -> str:
    before, inside, after = _taken_apart(text)
    ticks = "`" * (_longest([inside]) + 1)
    pad = " " if inside.startswith("`") or inside.endswith("`") else ""
    return f"{before}{ticks}{pad}{inside}{pad}{ticks}{after}"


def _taken_apart(text: str) -> tuple[str, str, str]:
    """A text without the punctuation of the sentence around it."""
    parts = _IN_PARENTHESES.fullmatch(text) or _BEFORE_A_STOP.fullmatch(text)
    return (parts[1], parts[2], parts[3]) if parts else ("", text, "")


def _longest(texts: list[str]) -> int:
    return max((len(run) for text in texts for run in _BACKTICKS.findall(text)), default=0)
