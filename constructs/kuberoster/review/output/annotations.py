"""What of a review stands beside a line of users/, for whoever annotates a pull request."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from kuberoster.model.errors import KuberosterError, Problem, ProblemsError
from kuberoster.model.printable import printable
from kuberoster.model.severity import SEVERITIES, Severity
from kuberoster.review.change.blocks import FINDING, Block
from kuberoster.review.change.review import Review
from kuberoster.risk.finding import Finding, RiskRule

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
    rights = finding.rights
    more = f" and {len(rights) - _NAMED} more" if len(rights) > _NAMED else ""
    return Annotation(
        kind=finding.rule.id,
        title=finding.title,
        text=tuple(
            map(
                printable,
                (f"{finding.rule.reason}.", f"Rights: {'; '.join(rights[:_NAMED])}{more}."),
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
