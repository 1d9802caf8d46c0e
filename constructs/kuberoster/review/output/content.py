"""What a reader of a review is to see, before it is text, markdown or a page.

New content is added here alone: a `Section`, in a `Chapter`, or a `Line` of a user's section.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from kuberoster.model.counted import counted
from kuberoster.model.severity import SEVERITIES
from kuberoster.operations.dry_run import DryRun
from kuberoster.review.change.review import Result, Review
from kuberoster.review.output.changes import lines_of
from kuberoster.review.output.groups import alike, names_of
from kuberoster.review.output.line import Kind, Line
from kuberoster.review.plan.entry import Entry, NotPlanned, TeamPlan
from kuberoster.risk.finding import every

_ORDER = ("drift", "due", "follows", "change", "upgrade")


def plan_title(plan: TeamPlan) -> str:
    """What a plan comes to."""
    if plan.refused:
        return f"no plan of {plan.team}: revoked in the cluster: {', '.join(plan.refused)}"
    counts = Counter(entry.action for entry in plan.entries)
    done = ", ".join(f"{number} to {action}" for action, number in sorted(counts.items()))
    return f"plan of {plan.team}: {done or 'nothing to do'}"


def plan_lines(plan: TeamPlan, shown: int | None) -> Iterator[Line]:
    """A line for each entry and its reasons, those first that no change of the roster explains.

    None shows all of them.
    """
    for entry in sorted(plan.entries, key=_rank)[:shown]:
        why = "; ".join(reason.text for reason in entry.reasons)
        yield Line(text=f"{entry.action} {entry.change.address}{f' ({why})' if why else ''}")
    if shown is not None and len(plan.entries) > shown:
        yield Line(text=f"and {len(plan.entries) - shown:,} more; --full shows all")


def not_planned_titles(teams: tuple[NotPlanned, ...]) -> Iterator[tuple[str, Kind]]:
    """Which teams have no plan, by what is known of them."""
    for changed, said, kind in _NOT_PLANNED:
        if named := [each.team for each in teams if each.changed is changed]:
            yield f"{said}: {', '.join(named)}", kind


_NOT_PLANNED: tuple[tuple[bool | None, str, Kind], ...] = (
    (False, "not planned, since nothing changes in them", "plain"),
    (None, "not planned, since no plan of them was given", "plain"),
    (True, "changed, and no plan of them was given", "risk"),
)


def _rank(entry: Entry) -> tuple[int, str]:
    whys = [_ORDER.index(reason.why) for reason in entry.reasons]
    return min(whys, default=-1), entry.change.address


_NAMED = 3
"""Of more objects with the same answer than these only the first are named."""


def dry_run_lines(answers: Sequence[DryRun]) -> Iterator[str]:
    """How many objects passed, and as what; then, of the others, which and why."""
    counts = Counter(_in_short(answer) for answer in answers)
    said = ", ".join(f"{count:,} {result}" for result, count in sorted(counts.items()))
    yield f"dry run by the API server: {said or 'a deploy would send nothing'}"
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for answer in answers:
        if answer.result != "passed":
            alike[answer.result, answer.why].append(f"{answer.action} {answer.object}")
    for (result, why), named in sorted(alike.items(), reverse=True):
        more = f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else ""
        yield f"{result}: {', '.join(named[:_NAMED])}{more}: {why}"


def _in_short(answer: DryRun) -> str:
    if answer.result != "passed":
        return answer.result
    return "passed as new" if answer.action == "create" else "passed as a change"


RULES_SHOWN = 6
"""More lines of exact RBAC than these are counted, unless all are asked for."""
ENTRIES_SHOWN = 12
"""More entries of one plan than these are counted, unless all are asked for."""


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Chapter:
    """Sections that belong together."""

    title: str = ""
    """Of a list of the sections' titles, where the same lines below several of them are told once.

    Empty where each section stands under a heading of its own.
    """
    in_text: str = "{title}"
    """How a terminal, which has no chapters, writes a section's title."""
    noun: str = ""
    """What one section is, where there is room for their number alone; empty when that tells
    nothing."""
    explains: bool = False
    """Whether who knows all that can do without it."""


BLOCKED = Chapter(title="Must not pass unseen", in_text="BLOCKED ({label}): {title}")
SETTINGS = Chapter(title="cdktf.json", in_text="cdktf.json: {title}", noun="setting")
TEAMS = Chapter(title="Teams", in_text="team {title}", noun="team change")
USERS = Chapter()
RISKS = Chapter(explains=True)
DUE = Chapter(title="Due soon", in_text="due: {title}", noun="due date")
PLANS = Chapter(noun="plan")
NOT_LOOKED_AT = Chapter(title="Not planned, or not checked", noun="note")
DRY_RUN = Chapter()


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A title and the lines below it."""

    chapter: Chapter
    title: str
    label: str = ""
    """One word for what it is, such as a block's kind."""
    subject: str = ""
    """The user whom it is about; the title then goes on from the name."""
    kind: Kind = "plain"
    lines: tuple[Line, ...] = ()

    @property
    def heading(self) -> str:
        """The title as a whole sentence."""
        return f"{self.subject} {self.title}" if self.subject else self.title

    @property
    def folded(self) -> tuple[str, ...]:
        """What the lines that have words come to exactly, each topic on a line before its own."""
        found: list[str] = []
        topic = ""
        for line in self.lines:
            if line.text and line.exact:
                if line.topic and line.topic != topic:
                    topic = line.topic
                    found.append(f"@@ {topic} @@")
                found += line.exact
        return tuple(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """All that a reader sees of a review."""

    result: Result
    verdict: str
    """The result in words."""
    sections: tuple[Section, ...]
    """In the order in which they are read; those of one chapter follow one another."""
    counts: str
    as_of: str
    """The day, and what the review stands on."""
    left_out: str = ""
    """What is not in it although the review has it."""

    @property
    def chapters(self) -> list[tuple[Chapter, list[Section]]]:
        """The sections by chapter."""
        by_chapter = groupby(self.sections, key=lambda each: each.chapter)
        return [(chapter, list(sections)) for chapter, sections in by_chapter]


def content(review: Review, *, full: bool = False) -> Content:
    """The content of a review; with `full`, every line of exact RBAC and of a plan."""
    waived = f", {review.standing_waived:,} waived" if review.standing_waived else ""
    return Content(
        result=review.result,
        verdict=_verdict(review),
        sections=tuple(_sections(review, full=full)),
        counts=f"{counted(len(review.users), 'user')} with changes, {review.unchanged:,} without; "
        f"{counted(review.standing_findings, 'finding')} as before{waived}",
        as_of=f"as of {review.day}; {review.ground}",
    )


def _verdict(review: Review) -> str:
    results: dict[Result, str] = {
        "blocked": f"blocked: {counted(len(review.blocks), 'thing')} must not pass unseen",
        "changes": "something changes, and nothing blocks",
        "unchanged": "nothing changes",
    }
    return results[review.result]


def _sections(review: Review, *, full: bool) -> Iterator[Section]:
    for block in review.blocks:
        yield Section(
            chapter=BLOCKED,
            label=block.kind,
            subject=block.user,
            title=block.what.removeprefix(f"{block.user} ") if block.user else block.what,
            kind="block",
            lines=(Line(text=block.mend),),
        )
    for event in review.settings:
        yield Section(chapter=SETTINGS, title=str(event), kind="heading")
    for each in review.teams:
        for what in (*each.events, *each.waivers):
            yield Section(chapter=TEAMS, title=f"{each.team} {what}", kind="heading")
    for group in alike(review.users):
        lines = tuple(lines_of(group, None if full else RULES_SHOWN))
        yield Section(chapter=USERS, title=names_of(group), kind="heading", lines=lines)
    yield from _reasons(review, full=full)
    for plan in review.plans:
        lines = tuple(plan_lines(plan, None if full else ENTRIES_SHOWN))
        yield Section(chapter=PLANS, title=plan_title(plan), kind="heading", lines=lines)
    for title, kind in not_planned_titles(review.not_planned):
        yield Section(chapter=NOT_LOOKED_AT, title=title, kind=kind)
    for what in review.not_checked:
        yield Section(chapter=NOT_LOOKED_AT, title=f"not checked: {what}")
    for due in review.due:
        yield Section(chapter=DUE, title=str(due))
    if review.dry_run is not None:
        title, *said = dry_run_lines(review.dry_run)
        yield Section(chapter=DRY_RUN, title=title, lines=tuple(Line(text=each) for each in said))


def _reasons(review: Review, *, full: bool) -> Iterator[Section]:
    """What each rule means that somebody newly meets; with `full`, what it implies too."""
    told = [
        finding for user in review.users for finding in (*user.new_findings, *user.waived_findings)
    ]
    found = list(every(told)) if full else told
    worst: dict[str, int] = {}
    for finding in found:
        severity = SEVERITIES.index(finding.severity)
        worst[finding.rule.id] = min(severity, worst.get(finding.rule.id, severity))
    rules = {finding.rule.id: finding.rule for finding in found}
    if found:
        lines = (
            Line(text=f"{rule}: {rules[rule].reason}. {rules[rule].mend}")
            for _, rule in sorted((severity, rule) for rule, severity in worst.items())
        )
        yield Section(
            chapter=RISKS,
            title="what a user of these risks can do",
            lines=tuple(lines),
        )
