"""What of a review stands beside a line of users/: SARIF, GitHub's commands, GitLab's JSON."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal
from urllib.parse import quote

from kuberoster.model.counted import counted
from kuberoster.model.errors import KuberosterError, Problem, ProblemsError
from kuberoster.model.printable import printable
from kuberoster.model.severity import SEVERITIES, Severity
from kuberoster.review.change.blocks import FINDING, Block
from kuberoster.review.change.review import Review
from kuberoster.review.output.groups import shortlist
from kuberoster.risk.finding import Finding, RiskRule, few

_NAMED = 4
"""Of more grants that bring one finding than these only the first are named."""
Level = Literal["error", "warning", "note"]
_LEVELS: dict[Severity, Level] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A line, or a file as a whole."""

    file: str
    """Relative to the folder of cdktf.json."""
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Annotation:
    """Something that is said of a line, of a file, or of the change as a whole."""

    kind: str
    """The id of a risk rule, or the kind of something else that stops a review."""
    title: str
    text: tuple[str, ...]
    """What is said, in sentences, the gist first; fit to be shown, as are the mends."""
    mends: tuple[str, ...]
    """What to do about it, in sentences."""
    about: str = ""
    """Of whom and where it is said: `ann (web), in namespace web`; empty where the text says it."""
    spots: tuple[Spot, ...]
    """Where it stands, and then whatever makes it together with this; empty for nowhere."""
    fingerprint: str
    """The same for the same thing on another line: hex digits."""
    severity: Severity | None = None
    """None for what stops a review whatever is allowed there."""
    rule: RiskRule | None = None
    """None for what no risk rule says."""
    accepted: tuple[str, ...] = ()
    """Why it is accepted, where waivers do."""
    is_new: bool = True
    """Whether the change brings it."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that is said."""
        about = f"{self.about}: " if self.about else ""
        return f"{about}{self.text[0]}", *self.text[1:], *self.mends

    @property
    def level(self) -> Level:
        """How bad it is, in three steps."""
        return _LEVELS[self.severity] if self.severity else "error"


def annotations(review: Review) -> list[Annotation]:
    """All that a review stops at or finds, the worst first, and what it could not look at.

    What it no longer finds is left out; what findings block is said by the findings themselves.
    """
    new = [
        finding for user in review.users for finding in (*user.new_findings, *user.waived_findings)
    ]
    said = [
        *(_of_block(block) for block in review.blocks if block.kind != FINDING),
        *(_of_finding(finding, is_new=True) for finding in new),
        *(_of_finding(finding, is_new=False) for finding in review.standing),
        *(_not_checked(what) for what in review.not_checked),
    ]
    return sorted(said, key=_rank)


def annotations_of_error(error: KuberosterError) -> list[Annotation]:
    """Why a review came to no end."""
    if isinstance(error, ProblemsError):
        return list(map(_of_problem, error.problems))
    gist, *mend = filter(None, str(error).split("\n"))
    return [_made("error", gist, mend, ())]


def _of_finding(finding: Finding, *, is_new: bool) -> Annotation:
    spots = tuple(map(_spot, finding.places)) or (_file_of(finding.team),)
    return Annotation(
        kind=finding.rule.id,
        title=finding.title,
        text=tuple(
            map(
                printable,
                (f"{finding.rule.reason}.", f"Rights: {few(finding.rights, _NAMED)}."),
            )
        ),
        mends=tuple(map(printable, finding.mends)),
        about=f"{finding.user} ({finding.team}), in {finding.scope}",
        spots=spots,
        fingerprint=_digest(finding.title, finding.team, finding.user, finding.namespace),
        severity=finding.severity,
        rule=finding.rule,
        accepted=tuple(
            printable(f"{each.reason} ({each.owner}, until {each.last_day})")
            for each in finding.waivers
            if finding.waived
        ),
        is_new=is_new,
    )


def _of_block(block: Block) -> Annotation:
    spots = (_file_of(block.team),) if block.team else ()
    return _made(block.kind, f"{block.what}.", [block.mend], spots, block.about)


def _not_checked(what: str) -> Annotation:
    mend = "It is neither good nor bad: ask it where it can be seen."
    return replace(_made("not-checked", f"{what}.", [mend], ()), severity="low")


def _of_problem(problem: Problem) -> Annotation:
    fault, subject = problem.fault, f"{problem.subject}: " if problem.subject else ""
    return _made("error", f"{subject}{fault.wrong}.", [fault.mend], (_spot(problem.file),))


def _made(
    kind: str,
    gist: str,
    mends: Iterable[str],
    spots: tuple[Spot, ...],
    about: tuple[str, ...] = (),
) -> Annotation:
    return Annotation(
        kind=kind,
        title=kind,
        text=(printable(gist),),
        mends=tuple(map(printable, mends)),
        spots=spots,
        fingerprint=_digest(kind, *(spot.file for spot in spots), *(about or (gist,))),
    )


def _spot(place: str) -> Spot:
    file, colon, line = place.rpartition(":")
    return Spot(file=file, line=int(line)) if colon and line.isdecimal() else Spot(file=place)


def _file_of(team: str) -> Spot:
    return Spot(file=f"users/{team}.py")


def _rank(annotation: Annotation) -> int:
    """What stops a review whatever it allows, and then the worst."""
    return SEVERITIES.index(annotation.severity) if annotation.severity else -1


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(
    said: Sequence[Annotation], *, inside: str = "", whole: bool = True, about: Mapping[str, str]
) -> dict[str, Any]:
    """The log of one run; `inside` is the folder of the paths in the repository: `access/`.

    `whole` is False for a review that came to no end; `about` is what else is said of it.
    """
    rules = {each.kind: each for each in said}
    numbers = {kind: number for number, kind in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "kuberoster", "rules": list(map(_rule, rules.values()))}},
        "automationDetails": {"id": "kuberoster/"},
        "invocations": [{"executionSuccessful": whole}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, numbers[each.kind], inside) for each in said],
        "properties": dict(about),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(annotation: Annotation) -> dict[str, Any]:
    """What is said of all results of a kind, told by the first of them."""
    rule = annotation.rule
    if rule is None:
        return {
            "id": annotation.kind,
            "shortDescription": {"text": annotation.kind},
            "help": {"text": _plain(annotation.mends)},
            "defaultConfiguration": {"level": annotation.level},
        }
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.id},
        "fullDescription": {"text": f"Whoever has it {rule.reason}."},
        "help": {"text": rule.mend},
        "helpUri": rule.source,
        "defaultConfiguration": {"level": annotation.level},
        "properties": {"tags": ["security", "rbac"]},
    }


def _result(annotation: Annotation, number: int, inside: str) -> dict[str, Any]:
    first, others = annotation.spots[:1], annotation.spots[1:]
    return {
        "ruleId": annotation.kind,
        "ruleIndex": number,
        "level": annotation.level,
        "message": {"text": _plain(annotation.sentences)},
        "locations": [_location(spot, inside) for spot in first],
        "relatedLocations": [_location(spot, inside) for spot in others],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{annotation.fingerprint[:16]}:1",
            "kuberoster/v1": annotation.fingerprint,
        },
        "baselineState": "new" if annotation.is_new else "unchanged",
        "suppressions": [
            {"kind": "inSource", "status": "accepted", "justification": why}
            for why in annotation.accepted
        ],
        "properties": {"severity": annotation.severity or "blocks"},
    }


def _location(spot: Spot, inside: str) -> dict[str, Any]:
    where: dict[str, Any] = {
        "artifactLocation": {"uri": quote(f"{inside}{spot.file}"), "uriBaseId": "%SRCROOT%"}
    }
    if spot.line:
        where["region"] = {"startLine": spot.line}
    return {"physicalLocation": where}


def _plain(sentences: Iterable[str]) -> str:
    """A message in which nothing is a link: SARIF takes `[a](b)` for one."""
    return "\n".join(sentences).replace("](", "] (")


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


_SEVERITIES: dict[Severity | None, str] = {
    None: "blocker",
    "critical": "critical",
    "high": "major",
    "medium": "minor",
    "low": "info",
}
_WHOLE = Spot(file="cdktf.json")
"""Where stands what belongs to no file: GitLab takes nothing without one."""


def as_code_quality(said: Iterable[Annotation], *, inside: str = "") -> list[dict[str, Any]]:
    """An issue for each that is not accepted; `inside` is the folder of the paths: `access/`."""
    return [_issue(each, inside) for each in said if not each.accepted]


def _issue(annotation: Annotation, inside: str) -> dict[str, Any]:
    spot = next(iter(annotation.spots), _WHOLE)
    return {
        "description": " ".join((f"{annotation.title}:", *annotation.sentences)),
        "check_name": annotation.kind,
        "fingerprint": annotation.fingerprint,
        "severity": _SEVERITIES[annotation.severity],
        "location": {"path": f"{inside}{spot.file}", "lines": {"begin": spot.line or 1}},
    }
