"""All that changes for one user."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kuberoster.review.change.access import ScopeChange, access_change
from kuberoster.review.change.event import Event
from kuberoster.review.change.people import Place, TokenChange, events, token_changes
from kuberoster.review.change.waivers import WaiverChange, waiver_changes
from kuberoster.review.change.ways import PathChange
from kuberoster.risk.finding import Finding
from kuberoster.risk.words import in_words

Findings = dict[tuple[str, str], Finding]
"""Of one user, by title and namespace."""


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
    """Those that are not waived, and were not there before or were waived."""
    waived_findings: tuple[Finding, ...]
    """Those that are waived, and were not there before or were not waived."""
    mended_findings: tuple[Finding, ...]
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
    fresh = [
        finding
        for key, finding in new.items()
        if key not in old or key in paths.widened or old[key].waived != finding.waived
    ]
    change = UserChange(
        user=name,
        team=place.team.name if place else "",
        events=tuple(events(before, after)),
        tokens=tuple(token_changes(before, after)),
        access=access_change(
            name, before.if_expected if before else None, after.if_expected if after else None
        ),
        waivers=waiver_changes(
            before.user.access if before else (), after.user.access if after else ()
        ),
        new_findings=tuple(each for each in fresh if not each.waived),
        waived_findings=tuple(each for each in fresh if each.waived),
        mended_findings=tuple(each for key, each in old.items() if key not in new),
        paths=paths,
    )
    return None if change.is_empty else change
