"""A review as a comment of a pull request, on GitHub or GitLab."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby

from kuberoster.model.printable import printable
from kuberoster.review.change.review import Review
from kuberoster.review.output.brevity import alike_told_once, shorter_and_shorter
from kuberoster.review.output.content import Content, Section

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


LIMIT = 65_536
"""Of what a comment may have; `size` measures it.

GitHub refuses more characters than these, GitLab more than 1,000,000.
"""


def as_markdown(review: Review, *, full: bool = False) -> str:
    """A comment of at most `LIMIT`: what does not fit is summarised, and said to be left out.

    What blocks is in it always; with `full`, every line of exact RBAC when there is room.
    """
    digest = review.digest
    for content in shorter_and_shorter(review, full=full):
        # The last of them has a few lines, whatever the review.
        if body := _fitting(_lines(content, digest)):
            return body
    raise AssertionError("the shortest content does not fit")


def _fitting(lines: Iterable[str]) -> str | None:
    """The lines as one body; None as soon as they are too many."""
    kept = []
    room = LIMIT
    for line in lines:
        room -= size(f"{line}\n")
        if room < 0:
            return None
        kept.append(line)
    return "\n".join(kept)


def size(body: str) -> int:
    """The size in bytes of UTF-8, with two for each end of a line.

    At least as much as there are characters, or units of UTF-16, in whichever way a site counts.
    """
    return len(body.encode()) + body.count("\n")


def _lines(content: Content, digest: str) -> Iterator[str]:
    yield f"<!-- kuberoster review {digest} -->"
    yield ""
    yield f"**{literal(content.verdict)}**; {literal(content.counts)}"
    yield ""
    if content.left_out:
        yield (
            f"Left out to fit into a comment: {content.left_out}. "
            "`kuberoster review --format text --full` shows everything."
        )
        yield ""
    for chapter, sections in content.chapters:
        if chapter.title:
            yield f"### {chapter.title}"
            yield ""
            yield from _list(alike_told_once(sections))
        else:
            for section in sections:
                yield from _explanation(section) if chapter.explains else _section(section)
    yield literal(content.as_of)
    yield ""
    yield f"digest `{digest}`"
    yield ""


def _list(sections: Iterable[Section]) -> Iterator[str]:
    """Titles as a list, and what is said below several of them said once."""
    for lines, same in groupby(sections, key=lambda each: each.lines):
        for section in same:
            label = f"**{literal(section.label)}**: " if section.label else ""
            yield f"- {label}{literal(section.heading)}"
        yield ""
        for line in lines:
            for text in line.shown:
                yield literal(text)
                yield ""
        yield from _folded(section)


def _section(section: Section) -> Iterator[str]:
    yield f"### {literal(section.heading)}"
    yield ""
    yield from _items(section)
    yield from _folded(section)


def _folded(section: Section) -> Iterator[str]:
    if folded := [printable(line) for line in section.folded]:
        fence = fence_for(folded)
        yield from _details("exact RBAC", [f"{fence}diff", *folded, fence, ""])


def _explanation(section: Section) -> Iterator[str]:
    yield from _details(literal(section.heading), _items(section))


def _items(section: Section) -> Iterator[str]:
    for line in section.lines:
        yield from (f"- {literal(text)}" for text in line.shown)
    yield ""


def _details(summary: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"<details><summary>{summary}</summary>"
    yield ""
    yield from lines
    yield "</details>"
    yield ""
