"""Rosters with waivers, and what is found in them."""

from datetime import date
from pathlib import Path

from kuberoster import Waiver
from kuberoster.model.roster import Roster
from kuberoster.model.settings import ClusterSettings, Settings, StateSettings
from kuberoster.rbac.policy import Policy
from kuberoster.rbac.source import offline
from kuberoster.risk.finding import Finding
from kuberoster.risk.findings import findings
from kuberoster.risk.paths import paths
from kuberoster.risk.waivers import with_waivers

DAY = date(2026, 11, 24)
_SETTINGS = Settings(folder=Path(), cluster=ClusterSettings(), state=StateSettings())


def waiver(rule: str = "read-secrets", expires: str = "2027-03-31") -> Waiver:
    return Waiver(rule, owner="ann", reason="a vault comes", expires=expires)


def judged(roster: Roster, policy: Policy | None = None, day: date = DAY) -> list[Finding]:
    policy = policy or offline(roster, day).policy
    ways = paths(policy, roster, _SETTINGS, guarded=False)
    return with_waivers(findings(ways, roster), policy, roster, day)
