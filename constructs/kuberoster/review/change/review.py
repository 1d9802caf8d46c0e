"""A review: all that a change of the roster means."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Self

from kuberoster.model.due import Due, upcoming
from kuberoster.operations.dry_run import DryRun
from kuberoster.review.change.blocks import Block, blocks
from kuberoster.review.change.digest import digest, not_approved
from kuberoster.review.change.event import Event
from kuberoster.review.change.paths import path_change
from kuberoster.review.change.people import places
from kuberoster.review.change.side import Side
from kuberoster.review.change.teams import TeamChange, settings_events, team_changes
from kuberoster.review.change.user_change import Findings, UserChange, user_change
from kuberoster.review.plan.entry import NotPlanned, TeamPlan
from kuberoster.risk.finding import Finding, every
from kuberoster.risk.findings import findings
from kuberoster.risk.paths import Paths, paths
from kuberoster.risk.waivers import with_waivers

Result = Literal["blocked", "changes", "unchanged"]

DUE_WITHIN = 14
"""Days ahead of which a review says what falls due."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """What changes between two rosters, both as of one day."""

    day: date
    ground: str
    """What it stands on, in words."""
    settings: tuple[Event, ...]
    """Each setting of cdktf.json that changes."""
    teams: tuple[TeamChange, ...]
    """Each team that changes as a whole."""
    users: tuple[UserChange, ...]
    unchanged: int
    """How many users nothing changes for."""
    standing: tuple[Finding, ...]
    """Those findings that were there before and stay as they were, waived ones included.

    What others imply is with these.
    """
    blocks: tuple[Block, ...]
    due: tuple[Due, ...]
    """What falls due soon, in teams that change or do not."""
    plans: tuple[TeamPlan, ...] = ()
    """What Terraform does, where it was asked."""
    not_planned: tuple[NotPlanned, ...] = ()
    not_checked: tuple[str, ...] = ()
    """What could not be found out, in words."""
    dry_run: tuple[DryRun, ...] | None = None
    """What the API server says of a deploy; None where it was not asked."""

    @property
    def standing_findings(self) -> int:
        """How many findings stay; waived ones don't count."""
        return len(self.standing) - self.standing_waived

    @property
    def standing_waived(self) -> int:
        """How many waived findings stay so."""
        return sum(finding.waived for finding in self.standing)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        changes = self.settings or self.teams or self.users
        return not (changes or any(plan.entries for plan in self.plans))

    @property
    def result(self) -> Result:
        """What it comes to in a word."""
        return "blocked" if self.blocks else "unchanged" if self.is_empty else "changes"

    @property
    def digest(self) -> str:
        """By what it is known again that was approved: `sha256:` and 64 hex digits.

        The same for the same change on another day, beside other users, from other revisions.
        """
        return digest(self._approved())

    def if_approved(self, approved: str) -> Self:
        """The review, with one block more where it has another digest than the approved one."""
        if self.digest == approved:
            return self
        return replace(self, blocks=(not_approved(self.digest, approved), *self.blocks))

    def _approved(self) -> dict[str, Any]:
        """What a reviewer approves; no day is in it, nor anything that does not change."""
        return {
            "settings": [event.document() for event in self.settings],
            "teams": [team.document() for team in self.teams],
            "users": [user.facts() for user in self.users],
        }

    def document(self) -> dict[str, Any]:
        """The review as JSON has it; docs/review.schema.json describes it."""
        return {
            "version": 1,
            "result": self.result,
            "digest": self.digest,
            "day": self.day.isoformat(),
            "ground": self.ground,
            **self._approved(),
            "users": [user.document() for user in self.users],
            "blocks": [block.document() for block in self.blocks],
            "unchanged_users": self.unchanged,
            "standing_findings": self.standing_findings,
            "standing_waived": self.standing_waived,
            "due": [
                {
                    "day": due.day.isoformat(),
                    "team": due.team,
                    "user": due.user or None,
                    "what": due.what,
                }
                for due in self.due
            ],
            "plans": [plan.document() for plan in self.plans],
            "not_planned": [team.document() for team in self.not_planned],
            "not_checked": list(self.not_checked),
            "dry_run": None
            if self.dry_run is None
            else [answer.document() for answer in self.dry_run],
        }


def review(base: Side, head: Side, day: date, ground: str) -> Review:
    """Compare two sides."""
    before, after = places(base, day), places(head, day)
    ways = _paths(base), _paths(head)
    old, new = (_findings(each, along, day) for each, along in zip((base, head), ways, strict=True))
    everyone = sorted(before.keys() | after.keys())
    users = [
        change
        for name in everyone
        if (
            change := user_change(
                name,
                (before.get(name), after.get(name)),
                (old.get(name, {}), new.get(name, {})),
                path_change(name, (before.get(name), after.get(name)), ways),
            )
        )
    ]
    fresh = [finding for user in users for finding in user.new_findings]
    told = {id(each) for user in users for each in (*user.new_findings, *user.waived_findings)}
    everything = [each for found in new.values() for each in found.values()]
    standing = [each for each in everything if not each.implied_by and id(each) not in told]
    waived = [each for each in everything if each.waived]
    return Review(
        day=day,
        ground=ground,
        settings=tuple(settings_events(base.settings, head.settings)),
        teams=tuple(team_changes(base.roster, head.roster, waived)),
        users=tuple(users),
        unchanged=len(everyone) - len(users),
        standing=tuple(standing),
        blocks=tuple(blocks(base, head, fresh)),
        due=tuple(upcoming(head.roster, day, DUE_WITHIN)),
        not_checked=tuple(_unjudged(base, head)),
    )


def _unjudged(base: Side, head: Side) -> Iterator[str]:
    """API groups in which something is newly allowed, where nobody knows whether it exists."""
    if new := sorted(head.unjudged - base.unjudged):
        why = "the cluster does not say" if head.source.is_live else "no cluster was asked"
        yield (
            f"whether what users/ allows in the API groups {', '.join(new)} exists: they are not "
            f"Kubernetes' own, and {why}"
        )


def _paths(side: Side) -> Paths:
    source = side.source
    return paths(source.policy, side.expected, side.settings, guarded=source.guarded)


def _findings(side: Side, along: Paths, day: date) -> dict[str, Findings]:
    given = findings(along, side.expected)
    found: defaultdict[str, Findings] = defaultdict(dict)
    for finding in every(with_waivers(given, along, side.expected, day)):
        found[finding.user][finding.title, finding.namespace] = finding
    return found
