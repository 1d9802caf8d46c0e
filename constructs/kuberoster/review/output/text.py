"""A review for a terminal, or for whatever reads its output."""

from collections.abc import Callable, Iterator

from kuberoster.model.printable import printable
from kuberoster.review.output.content import Content, Section
from kuberoster.review.output.line import Kind

Paint = Callable[[str, Kind], str]
"""Give a line the colour of its kind."""


def plain(text: str, _: Kind) -> str:
    """No colour."""
    return text


def as_text(content: Content, *, paint: Paint = plain) -> Iterator[str]:
    """The lines of a review, what blocks first."""
    for section in content.sections:
        yield from _section(section, paint)
    if content.result == "unchanged":
        yield content.verdict
    yield content.counts
    yield printable(content.as_of)


def _section(section: Section, paint: Paint) -> Iterator[str]:
    title = section.chapter.in_text.format(label=section.label, title=section.heading)
    yield paint(printable(title), section.kind)
    for line in section.lines:
        if line.text:
            yield paint(f"  {printable(line.text)}", line.kind)
        yield from (f"      {printable(exact)}" for exact in line.exact)
