"""The waivers of a roster, and what each accepts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from kuberoster.model.access import Grant
from kuberoster.model.roster import Roster
from kuberoster.model.waived import waivers_in
from kuberoster.model.waiver import Waiver
from kuberoster.risk.finding import Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class Acceptance:
    """A waiver beside a grant."""

    waiver: Waiver
    grant: Grant
    team: str
    user: str | None
    """None for a grant of the whole team."""
    expired: bool
    accepted: tuple[Finding, ...]
    """What it accepts, today or from the first day of whose it is on."""

    @property
    def users(self) -> tuple[str, ...]:
        """Those with a finding that it accepts."""
        return tuple(sorted({finding.user for finding in self.accepted}))


def acceptances(roster: Roster, waived: Sequence[Finding], day: date) -> Iterator[Acceptance]:
    """Every waiver by team and user, with whom of these waived findings it concerns."""
    for entry in roster.teams:
        team = entry.team
        for user in (None, *sorted(entry.users, key=lambda user: user.name)):
            name = user.name if user else None
            for grant, waiver in waivers_in(user.access if user else team.access):
                yield Acceptance(
                    waiver=waiver,
                    grant=grant,
                    team=team.name,
                    user=name,
                    expired=not waiver.lives(day),
                    accepted=tuple(_accepted(waived, waiver, grant, team.name, name)),
                )


def _accepted(
    waived: Iterable[Finding], waiver: Waiver, grant: Grant, team: str, user: str | None
) -> Iterator[Finding]:
    for finding in waived:
        if (
            finding.team == team
            and user in (None, finding.user)
            and waiver in finding.waivers
            and (grant.namespaces is None or finding.namespace in grant.namespaces)
        ):
            yield finding
