"""What is risky in who may do what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import NamedTuple

from kuberoster.model.roster import Roster
from kuberoster.model.severity import SEVERITIES, Severity
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.rbac.effective import EffectiveAccess, effective_access
from kuberoster.rbac.policy import Binding, service_account
from kuberoster.risk.finding import Finding, HitsOfUser, RiskRule, implying
from kuberoster.risk.granted import granted_to
from kuberoster.risk.implied import Weighed, head_of, heads, rights
from kuberoster.risk.paths import Paths
from kuberoster.risk.rules import load_rules
from kuberoster.risk.scope import (
    Evidence,
    Need,
    Scope,
    Shape,
    Surroundings,
    UserScope,
    scope_of,
    scopes,
    together,
)


def findings(paths: Paths, roster: Roster) -> list[Finding]:
    """All findings on the roster's users, waived or not, the worst first, with what each implies.

    `paths` are those of this roster by the policy that is judged. Users who are not active are
    judged too, by the bindings that the policy has of them: who starts next month is reviewed
    today. More rights never make fewer findings, those that others imply included.
    """
    alike: dict[Shape, _Alike] = {}
    found = [
        finding
        for entry in roster.teams
        for user in entry.users
        for finding in _of_user(entry.team, user, paths.surroundings, alike)
    ]
    return sorted(found, key=order)


class _Hit(NamedTuple):
    """A hit of a rule on everyone whose bindings have the same roles in a scope."""

    rule: RiskRule
    severity: Severity
    parts: tuple[tuple[int, PolicyRule | None, tuple[Need, ...]], ...]
    """The evidence in order, with the number of the binding among those of the scope."""

    def evidence(self, bindings: Sequence[Binding]) -> tuple[Evidence, ...]:
        """That of a user with these bindings."""
        evidence = tuple(Evidence(bindings[at], part, needs) for at, part, needs in self.parts)
        # What one binding gives is in the same order by whatever name.
        return evidence if len({at for at, *_ in self.parts}) == 1 else together(evidence)


class _Alike(NamedTuple):
    """What everyone has whose bindings have the same roles in a scope."""

    hits: list[_Hit]
    heads: list[int | None]
    """For each hit the one that implies it."""
    standing: list[tuple[int, Weighed]]
    """The hits that none implies, by their numbers."""


def _of_user(
    team: Team, user: User, surroundings: Surroundings, alike: dict[Shape, _Alike]
) -> Iterator[Finding]:
    identity = service_account(team.namespace, user.name)
    access = effective_access(surroundings.policy, identity)
    granted = granted_to(user, team, surroundings.policy)
    for scope in scopes(identity.subjects[0], access, surroundings):
        shape = scope.shape
        known = alike.get(shape)
        if known is None:
            known = alike[shape] = _alike(scope)
        bindings = _bindings(scope)
        own = list(_hits_of_user(scope))
        above = [*known.heads, *(_head(*hit, scope, known) for hit in own)]
        found = [
            Finding(
                rule=rule,
                severity=severity,
                team=team.name,
                user=user.name,
                namespace=scope.namespace,
                evidence=evidence,
                granted=granted,
            )
            for rule, severity, evidence in chain(
                ((hit.rule, hit.severity, hit.evidence(bindings)) for hit in known.hits), own
            )
        ]
        yield from implying(found, above)


def _alike(scope: Scope) -> _Alike:
    numbers = _numbers(scope)
    hits, weighed = [], []
    for rule in load_rules():
        evidence = rule.hits(scope) if rule.hits else []
        if _is_own(evidence, scope):
            ordered = together(evidence)
            severity = rule.severity_in(scope, ordered)
            parts = ((numbers[id(each.binding)], each.rule, each.needs) for each in ordered)
            hits.append(_Hit(rule, severity, tuple(parts)))
            weighed.append(_weighed(rule, severity, ordered, scope, numbers))
    above = heads(weighed)
    standing = [(at, each) for at, each in enumerate(weighed) if above[at] is None]
    return _Alike(hits, above, sorted(standing, key=lambda one: one[1].rank))


def _head(
    rule: RiskRule,
    severity: Severity,
    evidence: tuple[Evidence, ...],
    scope: UserScope,
    known: _Alike,
) -> int | None:
    return head_of(_weighed(rule, severity, evidence, scope, _numbers(scope)), known.standing)


def _weighed(
    rule: RiskRule,
    severity: Severity,
    evidence: Iterable[Evidence],
    scope: Scope,
    numbers: Mapping[int, int],
) -> Weighed:
    """By the numbers of the bindings, which are the same for all who are alike."""
    asked = rights(evidence, scope.surroundings.policy)
    return Weighed(rule.id, severity, {numbers[at]: each for at, each in asked.items()})


def _numbers(scope: Scope) -> dict[int, int]:
    return {id(binding): at for at, binding in enumerate(_bindings(scope))}


def found_by(
    finding: Finding, home: str, access: EffectiveAccess, paths: Paths
) -> frozenset[Evidence]:
    """What the rule of a finding finds there, of a user who lives in `home`, by this access."""
    user = service_account(home, finding.user).subjects[0]
    scope = scope_of(user, finding.namespace, access, paths.surroundings)
    if finding.rule.hits:
        return frozenset(finding.rule.hits(scope))
    steps = [
        right
        for taken in paths.first_steps_by(access, home, finding.user)
        if taken.scope == finding.namespace
        for right in taken.evidence
    ]
    around = paths.surroundings.with_first_steps({(user, finding.namespace): steps})
    hits = finding.rule.hits_of_user
    return frozenset(hits(replace(scope, surroundings=around)) if hits else ())


def _hits_of_user(
    scope: UserScope,
) -> Iterator[tuple[RiskRule, Severity, tuple[Evidence, ...]]]:
    for rule, hits in _rules_of_users():
        evidence = hits(scope)
        if _is_own(evidence, scope):
            ordered = together(evidence)
            yield rule, rule.severity_in(scope, ordered), ordered


@cache
def _rules_of_users() -> list[tuple[RiskRule, HitsOfUser]]:
    return [(rule, rule.hits_of_user) for rule in load_rules() if rule.hits_of_user]


def _bindings(scope: Scope) -> tuple[Binding, ...]:
    return *scope.bindings, *scope.elsewhere


def _is_own(evidence: list[Evidence], scope: Scope) -> bool:
    """Whether there is any that a wider scope has not already."""
    return any(each.binding.namespace == scope.namespace for each in evidence)


def order(finding: Finding) -> tuple[int, str, str, str, str]:
    """By what findings are sorted: the worst first."""
    severity = SEVERITIES.index(finding.severity)
    return severity, finding.team, finding.user, finding.title, finding.namespace
