"""What must not pass unseen."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kuberoster.model.counted import counted
from kuberoster.model.severity import SEVERITIES, Severity, strictest
from kuberoster.review.change.side import Side
from kuberoster.risk.finding import Finding

FINDING = "finding"
"""The kind of a block that stands for findings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One thing that a review stops at."""

    kind: str
    """In kebab case: `team-file-gone`."""
    what: str
    mend: str
    user: str = ""
    """The user whom alone it is about; `what` then starts with the name."""
    about: tuple[str, ...] = ()
    """By what it is known again, whatever its words are: such as its team and user."""
    team: str = ""
    """The team that it is about, where it is one whose file is there."""

    def document(self) -> dict[str, str]:
        """The block as JSON has it."""
        return {"kind": self.kind, "what": self.what, "mend": self.mend}


def blocks(base: Side, head: Side, fresh: Iterable[Finding]) -> Iterator[Block]:
    """What stops a change from one side to the other; `fresh` are the findings that are new.

    A change that lets itself pass by another `block_at` is judged by the one before.
    """
    yield from _teams_gone(base, head)
    limits = (base.settings.review.block_at, head.settings.review.block_at)
    yield from _risks(fresh, strictest(*limits))


def _risks(fresh: Iterable[Finding], limit: Severity | None) -> Iterator[Block]:
    """One block for all risks of a user in one scope."""
    worst = SEVERITIES[: SEVERITIES.index(limit) + 1] if limit else ()
    found: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in fresh:
        if finding.severity in worst:
            found[finding.user, finding.scope].append(finding)
    for (user, where), each in sorted(found.items(), key=_worst):
        rules = ", ".join(map(_told, each))
        yield Block(
            kind=FINDING,
            about=(user, each[0].namespace),
            user=user,
            what=f"{user} gets {counted(len(each), 'risk')} in {where}: {rules}",
            mend="docs/rules.md says of each rule what to do about it. cdktf.json sets from which "
            "severity on a review stops: context.kuberoster.review.block_at.",
        )


def _worst(found: tuple[tuple[str, str], list[Finding]]) -> tuple[int, str, str]:
    """By what they are sorted: the worst first."""
    whose, findings = found
    return min(SEVERITIES.index(each.severity) for each in findings), *whose


def _told(finding: Finding) -> str:
    more = f", implies {len(finding.implied)} more" if finding.implied else ""
    return f"{finding.title} ({finding.severity}{more})"


def _teams_gone(base: Side, head: Side) -> Iterator[Block]:
    stays = {entry.team.name for entry in head.roster.teams}
    for entry in base.roster.teams:
        name = entry.team.name
        if name not in stays and (entry.users or entry.team.access):
            yield Block(
                kind="team-file-gone",
                about=(name,),
                what=f"users/{name}.py is gone, and the roster before gives access by it: no "
                "deploy touches the team any more, and its users keep all that they have",
                mend=f"Put users/{name}.py back with `USERS = []` and no access in TEAM, deploy, "
                "and remove it then.",
            )
