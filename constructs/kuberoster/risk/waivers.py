"""Which findings are accepted, and which waivers accept nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.waiver import Waiver
from kuberoster.rbac.policy import Binding, Policy, service_account
from kuberoster.risk.finding import Finding, RiskRule
from kuberoster.risk.findings import order
from kuberoster.risk.granted import Given, Granted, granted_to
from kuberoster.risk.scope import Evidence

EXPIRED = RiskRule(
    id="expired-waiver",
    severity="low",
    reason="has a waiver whose last day is over: what it accepted is a finding again",
    source="https://trivy.dev/v0.50/docs/configuration/filtering/",
    mend="Decide again: mend the finding, or renew the waiver; then take the old one away.",
)
UNUSED = RiskRule(
    id="unused-waiver",
    severity="low",
    reason=(
        "has a waiver of a rule that finds nothing in its grant; it would hide what a later "
        "change brings"
    ),
    source="https://eslint.org/docs/latest/use/configure/rules#report-unused-eslint-disable-comments",
    mend="Take it away; a finding that comes later is then looked at anew.",
)


@dataclass(frozen=True, slots=True)
class _User:
    """One user, with what the user and the team were granted, by binding."""

    name: str
    day: date
    """The day as of which waivers are judged: the user's first, for who starts later."""
    bindings: tuple[Binding, ...]
    granted: Granted
    used: set[tuple[str, int, str]]
    """The waivers whose rule finds something in their grant, of all users of the team."""


def with_waivers(
    found: Iterable[Finding], policy: Policy, roster: Roster, day: date
) -> list[Finding]:
    """The findings, those that are waived marked, and one for each waiver that accepts nothing.

    A finding is waived when every binding of its evidence comes from a grant that carries a
    waiver of its rule: so nobody accepts what another grant brings, alone or together with this
    one. Waivers are judged as of the day, and for who starts later as of the first day.
    """
    of_team: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        of_team[finding.team].append(finding)
    judged = [
        finding
        for entry in roster.teams
        for finding in _judged(of_team[entry.team.name], policy, entry, day)
    ]
    return sorted(judged, key=order)


def _judged(
    found: list[Finding], policy: Policy, entry: TeamRoster, day: date
) -> Iterator[Finding]:
    access = chain(entry.team.access, *(user.access for user in entry.users))
    if not any(grant.waivers for grant in access):
        yield from found
        return
    users = _users(policy, entry, day)
    for finding in found:
        yield _marked(finding, users[finding.user])
    for user in users.values():
        yield from _in_vain(user, entry.team.name, policy)


def _users(policy: Policy, entry: TeamRoster, day: date) -> dict[str, _User]:
    team = entry.team
    used: set[tuple[str, int, str]] = set()
    return {
        user.name: _User(
            name=user.name,
            day=user.first_day(day) or day,
            bindings=tuple(policy.bindings_of(service_account(team.namespace, user.name))),
            granted=granted_to(user, team, policy),
            used=used,
        )
        for user in entry.users
    }


def _marked(finding: Finding, user: _User) -> Finding:
    accepting: list[Waiver | None] = []
    for binding in dict.fromkeys(each.binding for each in finding.evidence):
        holder = user.granted.by(binding)
        waiver = holder.waiver(finding.rule.id) if holder else None
        if holder and waiver:
            user.used.add(_use(holder, waiver.rule))
        accepting.append(waiver if waiver and waiver.lives(user.day) else None)
    waivers = tuple(dict.fromkeys(waiver for waiver in accepting if waiver))
    waived = bool(accepting) and None not in accepting
    return replace(finding, waived=True, waivers=waivers) if waived else finding


def _in_vain(user: _User, team: str, policy: Policy) -> Iterator[Finding]:
    """The findings about the waivers themselves."""
    found: defaultdict[tuple[RiskRule, str, str], list[tuple[Waiver, Evidence]]]
    found = defaultdict(list)
    for binding in user.bindings:
        holder = user.granted.by(binding)
        for waiver in holder.grant.waivers if holder else ():
            if holder and (rule := _fault(waiver, holder, user, binding, policy)):
                about = Evidence(binding, None)
                found[rule, binding.namespace, waiver.rule].append((waiver, about))
    for (rule, namespace, _), unsorted in found.items():
        each = sorted(unsorted, key=lambda pair: str(pair[1]))
        yield Finding(
            rule=rule,
            severity=rule.severity,
            team=team,
            user=user.name,
            namespace=namespace,
            evidence=tuple(evidence for _, evidence in each),
            waivers=tuple(dict.fromkeys(waiver for waiver, _ in each)),
            granted=user.granted,
        )


def _fault(
    waiver: Waiver, holder: Given, user: _User, binding: Binding, policy: Policy
) -> RiskRule | None:
    if not waiver.lives(user.day):
        return EXPIRED
    if _use(holder, waiver.rule) in user.used:
        return None
    # What a role allows that is not known offline may well be what the waiver is for.
    is_known = policy.known_groups is None or binding.role in policy.roles
    return UNUSED if is_known else None


def _use(given: Given, rule: str) -> tuple[str, int, str]:
    """By what a waiver is told from one in another grant that looks the same."""
    return given.user, id(given.grant), rule
