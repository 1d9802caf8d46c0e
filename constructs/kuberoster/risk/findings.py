"""What is risky in who may do what."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

from kuberoster.model.roster import Roster
from kuberoster.model.severity import SEVERITIES
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.rbac.effective import effective_access
from kuberoster.rbac.policy import Binding, service_account
from kuberoster.risk.finding import Finding, HitsOfUser, RiskRule
from kuberoster.risk.granted import granted_to
from kuberoster.risk.paths import Paths
from kuberoster.risk.rules import load_rules
from kuberoster.risk.scope import Evidence, Scope, Shape, Surroundings, UserScope, scopes


def findings(paths: Paths, roster: Roster) -> list[Finding]:
    """All findings on the roster's users, waived or not, the worst first.

    `paths` are those of this roster by the policy that is judged. Users who are not active are
    judged too, by the bindings that the policy has of them: who starts next month is reviewed
    today. More rights never make fewer findings.
    """
    alike: dict[Shape, list[_Hit]] = {}
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
    parts: tuple[tuple[int, PolicyRule | None], ...]
    """The evidence in order, with the number of the binding among those of the scope."""

    def evidence(self, bindings: Sequence[Binding]) -> tuple[Evidence, ...]:
        """That of a user with these bindings."""
        evidence = tuple(Evidence(bindings[at], part) for at, part in self.parts)
        # What one binding gives is in the same order by whatever name.
        return evidence if len({at for at, _ in self.parts}) == 1 else _in_order(evidence)


def _of_user(
    team: Team, user: User, surroundings: Surroundings, alike: dict[Shape, list[_Hit]]
) -> Iterator[Finding]:
    identity = service_account(team.namespace, user.name)
    access = effective_access(surroundings.policy, identity)
    granted = granted_to(user, team, surroundings.policy)
    for scope in scopes(identity.subjects[0], access, surroundings):
        shape = scope.shape
        hits = alike.get(shape)
        if hits is None:
            hits = alike[shape] = list(_hits(scope))
        bindings = _bindings(scope)
        for rule, evidence in chain(
            ((hit.rule, hit.evidence(bindings)) for hit in hits), _hits_of_user(scope)
        ):
            yield Finding(
                rule=rule,
                severity=rule.severity_in(scope, evidence),
                team=team.name,
                user=user.name,
                namespace=scope.namespace,
                evidence=evidence,
                granted=granted,
            )


def _hits(scope: Scope) -> Iterator[_Hit]:
    positions = {id(binding): at for at, binding in enumerate(_bindings(scope))}
    for rule in load_rules():
        evidence = rule.hits(scope) if rule.hits else []
        if _is_own(evidence, scope):
            parts = ((positions[id(each.binding)], each.rule) for each in _in_order(evidence))
            yield _Hit(rule, tuple(parts))


def _hits_of_user(scope: UserScope) -> Iterator[tuple[RiskRule, tuple[Evidence, ...]]]:
    for rule, hits in _rules_of_users():
        evidence = hits(scope)
        if _is_own(evidence, scope):
            yield rule, _in_order(evidence)


@cache
def _rules_of_users() -> list[tuple[RiskRule, HitsOfUser]]:
    return [(rule, rule.hits_of_user) for rule in load_rules() if rule.hits_of_user]


def _bindings(scope: Scope) -> tuple[Binding, ...]:
    return *scope.bindings, *scope.elsewhere


def _is_own(evidence: list[Evidence], scope: Scope) -> bool:
    """Whether there is any that a wider scope has not already."""
    return any(each.binding.namespace == scope.namespace for each in evidence)


def _in_order(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(set(evidence), key=str))


def order(finding: Finding) -> tuple[int, str, str, str, str]:
    """By what findings are sorted: the worst first."""
    severity = SEVERITIES.index(finding.severity)
    return severity, finding.team, finding.user, finding.title, finding.namespace
