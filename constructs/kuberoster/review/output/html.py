"""A review as one page: no script, no network, readable on paper and by a screen reader."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from kuberoster.model.printable import printable
from kuberoster.review.change.review import Review
from kuberoster.review.output.brevity import alike_told_once
from kuberoster.review.output.content import Content, Section, content
from kuberoster.review.output.line import Line
from kuberoster.review.output.tally import TeamTally, by_team

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin: 1.5em 0 0.3em; }
ul { margin: 0; padding-left: 1.2rem; }
li, p, h2, pre { overflow-wrap: anywhere; }
pre { white-space: pre-wrap; margin: 0.3rem 0 0.3rem 1.2rem; }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: bold; }
th, td { border: 1px solid; padding: 0.2rem 0.6rem; text-align: right; }
th:first-child { text-align: left; }
.block, .risk, .loss { color: light-dark(#a40000, #ff9d94); }
.gain, .mended { color: light-dark(#0b5d1e, #7ee2a8); }
@media print {
  body { margin: 0; max-width: none; }
  li, h2 { break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEAD = f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" \
content="default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>kuberoster review</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>What the change means</h1>"""
_COLUMNS = (
    "team",
    "users with changes",
    "can do more",
    "can do less",
    "tokens issued",
    "tokens revoked",
    "new risks",
)


def as_html(review: Review, *, full: bool = False) -> Iterator[str]:
    """The lines of the page; with `full`, every line of exact RBAC is in it."""
    shown = content(review, full=full)
    yield _HEAD
    yield _element("p", f"{shown.verdict}; {shown.counts}", "block" if review.blocks else "plain")
    if review.users:
        yield from _table(by_team(review.users))
    yield from _chapters(shown)
    yield "<footer>"
    yield _element("p", shown.as_of)
    yield _element("p", f"digest {review.digest}")
    yield "</footer>\n</main>\n</body>\n</html>"


def _table(teams: Iterable[TeamTally]) -> Iterator[str]:
    yield "<table>\n<caption>Users with changes, by team</caption>"
    yield "<thead><tr>" + "".join(f'<th scope="col">{each}</th>' for each in _COLUMNS)
    yield "</tr></thead>\n<tbody>"
    for each in teams:
        numbers = (each.users, each.gain, each.lose, each.issued, each.revoked, each.risks)
        cells = "".join(f"<td>{number:,}</td>" for number in numbers)
        yield f'<tr><th scope="row">{_text(each.team)}</th>{cells}</tr>'
    yield "</tbody>\n</table>"


def _chapters(shown: Content) -> Iterator[str]:
    for chapter, sections in shown.chapters:
        if chapter.title:
            yield _element("h2", chapter.title)
            yield from _list(alike_told_once(sections))
        else:
            for section in sections:
                yield _element("h2", section.heading)
                yield from _lines(section.lines)
                yield from _folded(section)


def _list(sections: Iterable[Section]) -> Iterator[str]:
    """Titles as a list, and what is said below several of them said once."""
    for lines, same in groupby(sections, key=lambda each: each.lines):
        yield "<ul>"
        for each in same:
            label = f"{each.label}: " if each.label else ""
            yield _element("li", f"{label}{each.heading}", each.kind)
        yield "</ul>"
        yield from (_element("p", text) for line in lines for text in line.shown)
        yield from _folded(each)


def _lines(lines: Iterable[Line]) -> Iterator[str]:
    yield "<ul>"
    for line in lines:
        for text in line.shown:
            yield _element("li", text, line.kind)
    yield "</ul>"


def _folded(section: Section) -> Iterator[str]:
    if exact := "\n".join(map(_text, section.folded)):
        yield f"<details><summary>exact RBAC</summary>\n<pre>{exact}</pre>\n</details>"


def _element(name: str, text: str, kind: str = "plain") -> str:
    coloured = f' class="{kind}"' if kind not in ("plain", "heading") else ""
    return f"<{name}{coloured}>{_text(text)}</{name}>"


def _text(text: str) -> str:
    return escape(printable(text))
