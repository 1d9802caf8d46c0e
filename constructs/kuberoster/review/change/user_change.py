"""All that changes for one user."""

from dataclasses import dataclass
from typing import Any

from kuberoster.review.change.access import ScopeChange, access_change
from kuberoster.review.change.people import Place, TokenChange, events, token_changes
from kuberoster.review.risk import Finding
from kuberoster.review.words import in_words

Findings = dict[tuple[str, str], Finding]
"""Of one user, by rule and namespace."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UserChange:
    """All that changes for one user."""

    user: str
    team: str
    """The team after the change, or before it for who is removed."""
    events: tuple[str, ...]
    tokens: tuple[TokenChange, ...]
    access: tuple[ScopeChange, ...]
    new_findings: tuple[Finding, ...]
    mended_findings: tuple[Finding, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (
            self.events or self.tokens or self.access or self.new_findings or self.mended_findings
        )

    def document(self) -> dict[str, Any]:
        """The change as JSON has it."""
        return {
            "user": self.user,
            "team": self.team,
            "events": list(self.events),
            "tokens": [token.document() for token in self.tokens],
            "access": [
                {
                    **scope.document(),
                    "gained_in_words": in_words(scope.gained),
                    "lost_in_words": in_words(scope.lost),
                }
                for scope in self.access
            ],
            "new_findings": [finding.document() for finding in self.new_findings],
            "mended_findings": [finding.document() for finding in self.mended_findings],
        }


def user_change(
    name: str,
    places: tuple[Place | None, Place | None],
    found: tuple[Findings, Findings],
) -> UserChange | None:
    """What changes from the first place and findings to the second; None when nothing does."""
    (before, after), (old, new) = places, found
    place = after or before
    change = UserChange(
        user=name,
        team=place.team.name if place else "",
        events=tuple(events(before, after)),
        tokens=tuple(token_changes(before, after)),
        access=access_change(
            name, before.if_expected if before else None, after.if_expected if after else None
        ),
        new_findings=tuple(each for key, each in new.items() if key not in old),
        mended_findings=tuple(each for key, each in old.items() if key not in new),
    )
    return None if change.is_empty else change
