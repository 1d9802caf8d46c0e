"""Rosters with waivers, and what is found in them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from kuberoster import Waiver
from kuberoster.model.roster import Roster
from kuberoster.model.settings import ClusterSettings, Settings, StateSettings
from kuberoster.rbac.policy import Policy
from kuberoster.rbac.source import offline
from kuberoster.risk.finding import Finding, every
from kuberoster.risk.findings import findings, order
from kuberoster.risk.paths import paths
from kuberoster.risk.waivers import with_waivers

DAY = date(2026, 11, 24)
_SETTINGS = Settings(folder=Path(), cluster=ClusterSettings(), state=StateSettings())


def waiver(rule: str = "read-secrets", expires: str = "2027-03-31") -> Waiver:
    return Waiver(rule, owner="ann", reason="a vault comes", expires=expires)


def judged(
    roster: Roster, policy: Policy | None = None, day: date = DAY, *, guarded: bool = False
) -> list[Finding]:
    """All findings, those that others imply among the others."""
    return flat(told(roster, policy, day, guarded=guarded))


def flat(found: Iterable[Finding]) -> list[Finding]:
    """The findings without which of them implies which, the worst first."""
    return sorted((replace(each, implied=(), implied_by="") for each in every(found)), key=order)


def told(
    roster: Roster, policy: Policy | None = None, day: date = DAY, *, guarded: bool = False
) -> list[Finding]:
    """The findings that stand by themselves, each with those that it implies."""
    policy = policy or offline(roster, day).policy
    ways = paths(policy, roster, _SETTINGS, guarded=guarded)
    return with_waivers(findings(ways, roster), ways, roster, day)
