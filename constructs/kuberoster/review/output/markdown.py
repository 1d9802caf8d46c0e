"""A review as a comment of a pull request, on GitHub or GitLab."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from kuberoster.review.change.review import Review
from kuberoster.review.output.brevity import alike_told_once, shorter_and_shorter
from kuberoster.review.output.content import Content, Section
from kuberoster.review.output.literal import fence_for, literal, printable

LIMIT = 65_536
"""Of what a comment may have; `size` measures it.

GitHub refuses more characters than these, GitLab more than 1,000,000.
"""


def as_markdown(review: Review, *, full: bool = False) -> str:
    """A comment of at most `LIMIT`: what does not fit is summarised, and said to be left out.

    What blocks is in it always; with `full`, every line of exact RBAC when there is room.
    """
    body = ""
    for content in shorter_and_shorter(review, full=full):
        body = "\n".join(_lines(content))
        if size(body) <= LIMIT:
            break
    return body


def size(body: str) -> int:
    """The size in bytes of UTF-8, with two for each end of a line.

    At least as much as there are characters, or units of UTF-16, in whichever way a site counts.
    """
    return len(body.encode()) + body.count("\n")


def _lines(content: Content) -> Iterator[str]:
    yield f"<!-- kuberoster review {content.digest} -->"
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
                yield from _section(section)
    yield literal(content.as_of)
    yield ""
    yield f"digest `{content.digest}`"
    yield ""


def _list(sections: Iterable[Section]) -> Iterator[str]:
    """Titles as a list, and what is said below several of them said once."""
    for lines, same in groupby(sections, key=lambda each: each.lines):
        for section in same:
            label = f"**{literal(section.label)}**: " if section.label else ""
            yield f"- {label}{literal(section.heading)}"
        yield ""
        for line in lines:
            yield literal(line.text)
            yield ""


def _section(section: Section) -> Iterator[str]:
    yield f"### {literal(section.heading)}"
    yield ""
    for line in section.lines:
        for text in line.shown:
            yield f"- {literal(text)}"
    yield ""
    if folded := [printable(line) for line in section.folded]:
        fence = fence_for(folded)
        yield "<details><summary>exact RBAC</summary>"
        yield ""
        yield f"{fence}diff"
        yield from folded
        yield fence
        yield ""
        yield "</details>"
        yield ""
