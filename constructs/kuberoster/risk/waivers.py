"""Which findings are accepted, and which waivers accept nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.waiver import EVERY, Waiver
from kuberoster.rbac.effective import EffectiveAccess
from kuberoster.rbac.policy import Binding, Policy, service_account
from kuberoster.risk.finding import Finding, RiskRule, every
from kuberoster.risk.findings import found_by, order
from kuberoster.risk.granted import Given, Granted, granted_to
from kuberoster.risk.implied import Weighed, rights
from kuberoster.risk.paths import Paths
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

    home: str
    """The namespace that the user lives in."""
    day: date
    """The day as of which waivers are judged: the user's first, for who starts later."""
    bindings: tuple[Binding, ...]
    granted: Granted
    used: set[tuple[str, int, str]]
    """The waivers that are of something in their grant, of all users of the team."""

    def waivers(self, binding: Binding) -> list[Waiver]:
        """Those beside the grant of a binding that live."""
        given = self.granted.by(binding)
        return [each for each in (given.grant.waivers if given else ()) if each.lives(self.day)]

    def waiver(self, rule: str, binding: Binding) -> Waiver | None:
        """That of a rule, which is then of something in the grant."""
        self.use(rule, binding)
        return next((each for each in self.waivers(binding) if each.rule == rule), None)

    def use(self, rule: str, binding: Binding) -> None:
        """Note that a waiver of a rule is of something in the grant of a binding."""
        if given := self.granted.by(binding):
            self.used.add(_use(given, rule))


def with_waivers(
    found: Iterable[Finding], paths: Paths, roster: Roster, day: date
) -> list[Finding]:
    """The findings, those that are waived marked, and one for each waiver that accepts nothing.

    A finding is waived when every binding of its evidence comes from a grant that carries a
    waiver of its rule, or of everything that this grant makes by itself; and when another one that
    implies it is waived, and made of the same grants. So nobody accepts what another grant brings,
    alone or together with this one. Waivers are judged as of the day, and for who starts later as
    of the first day.
    """
    of_team: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        of_team[finding.team].append(finding)
    judged = [
        finding
        for entry in roster.teams
        for finding in _judged(of_team[entry.team.name], paths, entry, day)
    ]
    return sorted(judged, key=order)


def _judged(found: list[Finding], paths: Paths, entry: TeamRoster, day: date) -> Iterator[Finding]:
    access = chain(entry.team.access, *(user.access for user in entry.users))
    if not any(grant.waivers for grant in access):
        yield from found
        return
    policy = paths.surroundings.policy
    users = _users(policy, entry, day)
    scopes: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in found:
        scopes[finding.user, finding.namespace].append(finding)
    for (user, _), here in scopes.items():
        yield from _marked(here, users[user], paths)
    for name, member in users.items():
        yield from _in_vain(name, member, entry.team.name, policy)


def _users(policy: Policy, entry: TeamRoster, day: date) -> dict[str, _User]:
    team = entry.team
    used: set[tuple[str, int, str]] = set()
    return {
        user.name: _User(
            home=team.namespace,
            day=user.first_day(day) or day,
            bindings=tuple(policy.bindings_of(service_account(team.namespace, user.name))),
            granted=granted_to(user, team, policy),
            used=used,
        )
        for user in entry.users
    }


def _marked(found: list[Finding], user: _User, paths: Paths) -> Iterator[Finding]:
    """The findings of one scope; one that is not waived stands, whatever implies it is."""
    grants = {each.binding for finding in every(found) for each in finding.evidence}
    if not any(given.grant.waivers for given in map(user.granted.by, grants) if given):
        yield from found
        return
    judge = _Judge(user, paths, list(every(found)))
    for finding in found:
        head = judge.marked(finding)
        implied = [judge.marked(each) for each in finding.implied]
        apart = [each for each in implied if head.waived and not each.waived]
        yield replace(head, implied=tuple(each for each in implied if each not in apart))
        yield from (replace(each, implied_by="") for each in apart)


class _Judge:
    """What of one user's findings in one scope is accepted, and by what."""

    def __init__(self, user: _User, paths: Paths, found: list[Finding]) -> None:
        self._user = user
        self._paths = paths
        self._found = {each.rule.id: each for each in found}
        self._weighed = {rule: self._weigh(each) for rule, each in self._found.items()}
        self._own = {each.rule.id: self._by_own(each) for each in found}

    def marked(self, finding: Finding) -> Finding:
        """The finding with the waivers that accept it, if they do."""
        given = _all_of(self._given(finding, each) for each in _bindings(finding))
        waivers = self._own[finding.rule.id] or self._by_implying(finding) or given
        return replace(finding, waived=True, waivers=waivers) if waivers else finding

    def _by_own(self, finding: Finding) -> tuple[Waiver, ...]:
        """The waivers of its rule, where each of its grants has one."""
        return _all_of([self._user.waiver(finding.rule.id, each) for each in _bindings(finding)])

    def _by_implying(self, finding: Finding) -> tuple[Waiver, ...]:
        """Those of another finding that implies it, and is made of the same grants."""
        weighed = self._weighed[finding.rule.id]
        implying = (
            waivers
            for rule, waivers in self._own.items()
            if waivers
            and self._weighed[rule].implies(weighed)
            and self._is_made_by(finding, _bindings(self._found[rule]))
        )
        return next(implying, ())

    def _given(self, finding: Finding, binding: Binding) -> Waiver | None:
        """The waiver beside one of its grants, where this makes by itself what it gives to it."""
        user, rule = self._user, finding.rule.id
        if waiver := user.waiver(rule, binding):
            return waiver
        wider = [each for each in user.waivers(binding) if self._is_wider(each, finding, binding)]
        if not wider or not self._is_made_by(finding, [binding]):
            return None
        for each in wider:
            user.use(each.rule, binding)
        return wider[0]

    def _is_wider(self, waiver: Waiver, finding: Finding, binding: Binding) -> bool:
        """Whether it is of all that a grant makes, or of what implies a part of a finding there."""
        if waiver.rule == EVERY:
            return True
        other = self._found.get(waiver.rule)
        if other is None:
            return False
        one, part = (self._weighed[each.rule.id].of(id(binding)) for each in (other, finding))
        return one.implies(part) and self._is_made_by(other, [binding])

    def _is_made_by(self, finding: Finding, bindings: Collection[Binding]) -> bool:
        """Whether what these bindings give to a finding is found without any other binding."""
        given = {each for each in finding.evidence if each.binding in bindings}
        own = tuple(each for each in self._user.bindings if each in bindings)
        access = EffectiveAccess(self._paths.surroundings.policy, own)
        return given <= found_by(finding, self._user.home, access, self._paths)

    def _weigh(self, finding: Finding) -> Weighed:
        asked = rights(finding.evidence, self._paths.surroundings.policy)
        return Weighed(finding.rule.id, finding.severity, asked)


def _all_of(waivers: Iterable[Waiver | None]) -> tuple[Waiver, ...]:
    """Each once; none where one is missing."""
    every_one = [*waivers]
    return () if None in every_one else tuple(dict.fromkeys(filter(None, every_one)))


def _bindings(finding: Finding) -> list[Binding]:
    return list(dict.fromkeys(each.binding for each in finding.evidence))


def _in_vain(name: str, user: _User, team: str, policy: Policy) -> Iterator[Finding]:
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
            user=name,
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
