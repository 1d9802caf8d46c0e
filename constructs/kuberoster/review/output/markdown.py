"""A review as a comment of a pull request, on GitHub or GitLab."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from kuberoster.model.printable import printable
from kuberoster.review.change.review import Review
from kuberoster.review.output.brevity import alike_told_once, shorter_and_shorter
from kuberoster.review.output.content import Content, Section
from kuberoster.review.output.literal import fence_for, literal

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
