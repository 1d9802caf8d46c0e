"""What is risky in who may do what."""

from collections.abc import Iterator

from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.model.severity import SEVERITIES
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.review.access import effective_access
from kuberoster.review.paths import Paths, paths
from kuberoster.review.policy import Policy, service_account
from kuberoster.review.risk import Finding
from kuberoster.review.rules import load_rules
from kuberoster.review.scope import Evidence, Scope, Surroundings, scopes


def findings(policy: Policy, roster: Roster, settings: Settings) -> list[Finding]:
    """All findings on the roster's users, waived or not, the worst first.

    Users who are not active are judged too, by the bindings that the policy has of them: who
    starts next month is reviewed today. More rights never make fewer findings.
    """
    return findings_along(paths(policy, roster, settings), roster)


def findings_along(paths: Paths, roster: Roster) -> list[Finding]:
    """The findings where the paths of a roster are known already."""
    found = [
        finding
        for entry in roster.teams
        for user in entry.users
        for finding in _of_user(entry.team, user, paths.surroundings)
    ]
    return sorted(found, key=order)


def _of_user(team: Team, user: User, surroundings: Surroundings) -> Iterator[Finding]:
    identity = service_account(team.namespace, user.name)
    access = effective_access(surroundings.policy, identity)
    for scope in scopes(identity.subjects[0], access, surroundings):
        for rule in load_rules():
            hits = rule.hits(scope)
            if hits and (evidence := _own(hits, scope)):
                yield Finding(
                    rule=rule,
                    severity=rule.severity_in(scope),
                    team=team.name,
                    user=user.name,
                    namespace=scope.namespace,
                    evidence=evidence,
                )


def _own(evidence: list[Evidence], scope: Scope) -> tuple[Evidence, ...]:
    """The evidence in a stable order; nothing where a wider scope has all of it already."""
    if not any(each.binding.namespace == scope.namespace for each in evidence):
        return ()
    return tuple(sorted(set(evidence), key=str))


def order(finding: Finding) -> tuple[int, str, str, str, str]:
    """By what findings are sorted: the worst first."""
    severity = SEVERITIES.index(finding.severity)
    return severity, finding.team, finding.user, finding.title, finding.namespace
