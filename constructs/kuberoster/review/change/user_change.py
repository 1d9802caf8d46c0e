"""All that changes for one user."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from kuberoster.model.severity import SEVERITIES
from kuberoster.review.change.access import ScopeChange, access_change
from kuberoster.review.change.event import Event
from kuberoster.review.change.paths import PathChange
from kuberoster.review.change.people import Place, TokenChange, events, token_changes
from kuberoster.review.change.waivers import WaiverChange, waiver_changes
from kuberoster.risk.finding import Finding
from kuberoster.risk.words import in_words

Findings = dict[tuple[str, str], Finding]
"""Of one user, by title and namespace, those that others imply included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UserChange:
    """All that changes for one user."""

    user: str
    team: str
    """The team after the change, or before it for who is removed."""
    events: tuple[Event, ...]
    tokens: tuple[TokenChange, ...]
    access: tuple[ScopeChange, ...]
    waivers: tuple[WaiverChange, ...]
    new_findings: tuple[Finding, ...]
    """Those that are not waived, and were not there before, were waived or less bad.

    What another one implies is not new by itself, but where it leads to more users than before.
    """
    waived_findings: tuple[Finding, ...]
    """Those that are waived, and were not there before or were not waived."""
    mended_findings: tuple[Finding, ...]
    """Those that are no longer there, but for what was implied by one that stays."""
    paths: PathChange

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (
            self.events
            or self.tokens
            or self.access
            or self.waivers
            or self.new_findings
            or self.waived_findings
            or self.mended_findings
            or self.paths
        )

    def document(self) -> dict[str, Any]:
        """The change as JSON has it."""
        return self._with(Finding.document)

    def facts(self) -> dict[str, Any]:
        """What is approved with it."""
        return self._with(Finding.facts)

    def _with(self, told: Callable[[Finding], dict[str, Any]]) -> dict[str, Any]:
        return {
            "user": self.user,
            "team": self.team,
            "events": [event.document() for event in self.events],
            "tokens": [token.document() for token in self.tokens],
            "access": [
                {
                    **scope.document(),
                    "words": {
                        "gained": list(in_words(scope.gained, everywhere=not scope.namespace)),
                        "lost": list(in_words(scope.lost, everywhere=not scope.namespace)),
                    },
                }
                for scope in self.access
            ],
            "waivers": [waiver.document() for waiver in self.waivers],
            "new_findings": [told(finding) for finding in self.new_findings],
            "waived_findings": [told(finding) for finding in self.waived_findings],
            "mended_findings": [told(finding) for finding in self.mended_findings],
            **self.paths.document(),
        }


def user_change(
    name: str,
    places: tuple[Place | None, Place | None],
    found: tuple[Findings, Findings],
    paths: PathChange,
) -> UserChange | None:
    """What changes from the first place and findings to the second; None when nothing does.

    A finding is new too where it stays and its right leads to more users than before.
    """
    (before, after), (old, new) = places, found
    place = after or before
    fresh = list(_fresh(old, new, paths))
    change = UserChange(
        user=name,
        team=place.team.name if place else "",
        events=tuple(events(before, after)),
        tokens=tuple(token_changes(before, after)),
        access=access_change(
            name, before.if_expected if before else None, after.if_expected if after else None
        ),
        waivers=waiver_changes(
            before.user.access if before else (),
            after.user.access if after else (),
            [each for each in new.values() if each.waived],
            name,
        ),
        new_findings=tuple(each for each in fresh if not each.waived),
        waived_findings=tuple(each for each in fresh if each.waived),
        mended_findings=tuple(_mended(old, new)),
        paths=paths,
    )
    return None if change.is_empty else change


def _fresh(old: Findings, new: Findings, paths: PathChange) -> Iterator[Finding]:
    told = set()
    for (title, where), finding in new.items():
        was = old.get((title, where))
        if (title, where) in paths.widened:
            if (finding.implied_by, where) not in told:
                yield finding
        elif not finding.implied_by and (
            was is None or was.waived != finding.waived or _is_worse(finding, was)
        ):
            told.add((title, where))
            yield finding


def _is_worse(finding: Finding, other: Finding) -> bool:
    return SEVERITIES.index(finding.severity) < SEVERITIES.index(other.severity)


def _mended(old: Findings, new: Findings) -> Iterator[Finding]:
    for (title, where), finding in old.items():
        if not finding.implied_by and (title, where) not in new:
            gone = (each for each in finding.implied if (each.title, where) not in new)
            yield replace(finding, implied=tuple(gone))
