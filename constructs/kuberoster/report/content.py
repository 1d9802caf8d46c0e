"""What the report is made of."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.operations.token_ages import TokensOf
from kuberoster.rbac.actions import actions
from kuberoster.rbac.policy import Policy, RoleKey
from kuberoster.rbac.source import Source
from kuberoster.report.accepted import Acceptance, acceptances
from kuberoster.report.person import Held, Person, held_by, shown_tokens, state_of
from kuberoster.risk.finding import Finding, every
from kuberoster.risk.findings import findings
from kuberoster.risk.paths import Paths, paths
from kuberoster.risk.waivers import with_waivers
from kuberoster.risk.words import in_words

HeldTogether = tuple[frozenset[RoleKey], bool]
"""Roles that are held in one scope, and whether that is the whole cluster."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """Who has which access on one day."""

    day: date
    ground: str
    """What it stands on, in words."""
    is_live: bool
    """Whether a cluster was asked, so that ages of tokens are known."""
    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    """Everyone, by team and name."""
    findings: tuple[Finding, ...]
    """Of all users, the worst first; those that are waived left out."""
    waivers: tuple[Acceptance, ...]
    """By team and user."""
    paths: Paths
    """Who can act as whom, waived or not; from their first day on those who start later."""
    unlisted: tuple[str, ...]
    """ServiceAccounts where users live that the roster does not name; none was looked for
    where no cluster was asked."""
    words: Mapping[HeldTogether, str]
    """What roles come to, each alone and all together that somebody holds in one scope."""

    @property
    def unknown_role(self) -> str:
        """What is to be said of a role that is not there."""
        return "there is no such role" if self.is_live else "what it allows is not known offline"


def content(
    settings: Settings, roster: Roster, day: date, source: Source, tokens: TokensOf | None
) -> Content:
    """Put together what is known; `tokens` is None where no cluster was asked.

    Who is active, or starts later, is shown with access and findings: nobody looks again before
    the first day.
    """
    expected = _expected(roster, day, source)
    ways = paths(source.expected, expected, settings, guarded=source.guarded)
    found = with_waivers(findings(ways, expected), ways, expected, day)
    by_user = defaultdict(list)
    for finding in found:
        by_user[finding.user].append(finding)
    with_access = {user.name for user in expected.users}
    people = tuple(
        _person(
            entry.team,
            user,
            day,
            source,
            tokens,
            held=held_by(source, entry.team, user) if user.name in with_access else (),
            judged=user.name in with_access,
            found=tuple(by_user[user.name]),
        )
        for entry in roster.teams
        for user in sorted(entry.users, key=lambda user: user.name)
    )
    return Content(
        day=day,
        ground=source.name,
        is_live=source.is_live,
        teams=tuple(entry.team for entry in roster.teams),
        people=people,
        findings=tuple(finding for finding in found if not finding.waived),
        waivers=tuple(acceptances(roster, [each for each in every(found) if each.waived], day)),
        paths=ways,
        words=dict(_words(source.expected, people)),
        unlisted=source.unlisted,
    )


def _expected(roster: Roster, day: date, source: Source) -> Roster:
    return Roster(
        tuple(
            replace(
                entry,
                users=tuple(
                    user
                    for user in entry.users
                    if user.first_day(day) or source.absence(entry.team, user) is None
                ),
            )
            for entry in roster.teams
        )
    )


def _person(
    team: Team,
    user: User,
    day: date,
    source: Source,
    tokens: TokensOf | None,
    *,
    held: tuple[Held, ...],
    judged: bool,
    found: tuple[Finding, ...],
) -> Person:
    state = state_of(user, day)
    missing = source.absence(team, user)
    secrets = None if tokens is None else tokens.get((team.namespace, user.name), ())
    return Person(
        user=user,
        team=team,
        state="not deployed" if missing and state == "active" else state,
        lingers=state != "active" and missing is None,
        tokens=shown_tokens(user, day, secrets),
        held=held,
        judged=judged,
        findings=tuple(finding for finding in found if not finding.waived),
        waived=tuple(finding for finding in found if finding.waived),
    )


def _words(policy: Policy, people: tuple[Person, ...]) -> Iterator[tuple[HeldTogether, str]]:
    held_together = {
        (roles_in(person, namespace), not namespace)
        for person in people
        for namespace in person.namespaces
    }
    alone = {
        (frozenset({role}), everywhere) for roles, everywhere in held_together for role in roles
    }
    for roles, everywhere in held_together | alone:
        known = [policy.roles[key] for key in roles if key in policy.roles]
        some = actions(rule for role in known for rule in role.rules)
        yield (roles, everywhere), "; ".join(in_words(some, everywhere=everywhere))


def roles_in(person: Person, namespace: str) -> frozenset[RoleKey]:
    """The roles that a user holds in one scope."""
    return frozenset(each.role for each in person.held if each.namespace == namespace)
