"""A review as annotations of a pull request: workflow commands of GitHub Actions.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from kuberoster.model.counted import counted
from kuberoster.model.printable import printable
from kuberoster.review.output.annotations import Annotation, Level, Spot
from kuberoster.review.output.groups import shortlist

_COMMANDS: dict[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}
SHOWN = 10
"""Of each command GitHub shows so many of one step, and drops the rest without a word."""
_LINES = 12
"""More sentences than these of one line of users/ are counted."""
_ESCAPED = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_ESCAPED_IN_PROPERTIES = {**_ESCAPED, ":": "%3A", ",": "%2C"}


def as_workflow_commands(said: Iterable[Annotation], *, inside: str = "") -> Iterator[str]:
    """A command for each line and level, of what the change brings and nobody accepts.

    `inside` is the folder of the paths in the repository: `access/`.
    """
    alike: defaultdict[Level, defaultdict[tuple[Spot, ...], list[Annotation]]]
    alike = defaultdict(lambda: defaultdict(list))
    for each in said:
        if each.is_new and not each.accepted:
            # What belongs to no line is each a thing of its own.
            where = each.spots[:1] if each.rule else (*each.spots, Spot(file=each.fingerprint))
            alike[each.level][where].append(each)
    for level, found in alike.items():
        groups = list(found.values())
        shown = len(groups) if len(groups) <= SHOWN else SHOWN - 1
        for group in groups[:shown]:
            yield _command(level, group, inside)
        if rest := groups[shown:]:
            more = counted(sum(map(len, rest)), f"more {level}")
            yield f"::{_COMMANDS[level]}::{more}; the review has all of them"


def _command(level: Level, group: Sequence[Annotation], inside: str) -> str:
    titles = list(dict.fromkeys(each.title for each in group))
    found = (each.severity for each in group if each.rule and each.severity)
    severities = ", ".join(dict.fromkeys(found))
    properties = {"title": f"{f'{severities} risk: ' if severities else ''}{shortlist(titles)}"}
    for spot in group[0].spots[:1]:
        line = {"line": str(spot.line)} if spot.line else {}
        properties = {"file": f"{inside}{spot.file}", **line, **properties}
    mends = list(dict.fromkeys(line for each in group for line in each.mends))
    text = "\n".join((*_first(list(_told(group))), *_first(mends)))
    shown = ",".join(f"{key}={_in_property(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[level]} {shown}::{_in_text(text)}"


def _told(group: Iterable[Annotation]) -> Iterator[str]:
    """Whom it is about on a line of its own, before what is said of them."""
    for about, each in groupby(group, key=lambda one: one.about):
        if about:
            yield f"{about}:"
        for one in each:
            yield f"- {one.title}: {' '.join(one.text)}" if about else " ".join(one.text)


def _first(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_LINES]
    if more := lines[_LINES:]:
        yield f"and {len(more):,} more; the review has all of them"


def _in_text(text: str) -> str:
    return "".join(_ESCAPED.get(char, char) for char in text)


def _in_property(text: str) -> str:
    return "".join(_ESCAPED_IN_PROPERTIES.get(char, char) for char in printable(text))
