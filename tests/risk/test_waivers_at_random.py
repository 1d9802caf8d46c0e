"""Waivers over random rosters: they take findings away for a reason, and bring none."""

import os
import random
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from kuberoster import ClusterRole, Grant, Role, Team, User, Waiver, edit, view
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.rule_ids import RULE_IDS
from kuberoster.risk.finding import Finding
from kuberoster.risk.granted import Given
from tests.long import sized
from tests.risk.rules.cases import CASES
from tests.risk.waiving import judged, waiver

SEED = int(os.environ.get("KUBEROSTER_SEED") or random.randrange(10**9))  # noqa: S311  # of tests
ROUNDS = sized(6, long=120)
HITS = list(
    {
        grant.role.name: grant
        for cases in CASES.values()
        for case in cases
        for grant in case.hit
        if isinstance(grant.role, Role)
    }.values()
)
"""A grant of each kind that some rule finds, alone or with others."""
SCOPES = [("web",), ("api",), ("web", "api"), ("users-web",), ("kube-system",), None]
LADDER = [view, edit, ClusterRole("monitor"), ClusterRole("cluster-admin")]
EXPIRIES = ["2026-11-23", "2026-11-24", "2027-03-31"]


def _random_access(chance: random.Random, most: int) -> list[Grant]:
    chosen = chance.sample(HITS, chance.randrange(most)) + [
        Grant(role, chance.choice(SCOPES)) for role in LADDER if chance.random() < 0.3
    ]
    return [replace(grant, waivers=_random_waivers(chance)) for grant in chosen]


def _random_waivers(chance: random.Random) -> list[Waiver]:
    share = chance.choice([0, 0.5, 0.9])
    return [
        waiver(rule, chance.choice(EXPIRIES))
        for rule in ["*", *sorted(RULE_IDS)]
        if chance.random() < share
    ]


def _random_roster(seed: int) -> Roster:
    chance = random.Random(f"{SEED}-{seed}")  # noqa: S311
    users = [
        User(name, email="x@example.com", access=_random_access(chance, 9))
        for name in ("ann", "bob", "cleo")
    ]
    team = Team(name="web", access=_random_access(chance, 4))
    return Roster((TeamRoster(team=team, users=tuple(users)),))


def _with_waived(seed: int) -> tuple[Roster, list[Finding]]:
    """A random roster of which something is waived."""
    for turn in range(20):
        roster = _random_roster(seed + turn * ROUNDS)
        if waived := [each for each in judged(roster) if each.waived]:
            return roster, waived
    raise AssertionError(f"nothing is waived of 20 rosters, {SEED}")


def _without(roster: Roster, unwanted: Callable[[Grant], Grant | None]) -> Roster:
    """The roster with each grant as this makes it, or without it."""

    def kept(access: Iterable[Grant]) -> list[Grant]:
        return [grant for grant in map(unwanted, access) if grant]

    (entry,) = roster.teams
    users = tuple(replace(user, access=kept(user.access)) for user in entry.users)
    team = replace(entry.team, access=kept(entry.team.access))
    return Roster((TeamRoster(team=team, users=users),))


def _plain(grant: Grant) -> Grant:
    return replace(grant, waivers=())


def _about_access(given: list[Finding]) -> list[Finding]:
    """Those that are not about a waiver, as they would be without one."""
    return [
        replace(each, waived=False, waivers=())
        for each in given
        if each.rule.id not in ("expired-waiver", "unused-waiver")
    ]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_without_all_waivers_there_is_what_was_waived_and_what_was_not(seed: int) -> None:
    roster = _random_roster(seed)

    given = judged(roster)

    assert _about_access(given) == judged(_without(roster, _plain)), SEED


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_what_is_waived_is_not_there_without_the_grants_that_waive_it(seed: int) -> None:
    roster, waived = _with_waived(seed)
    rules = sorted({each.rule.id for each in waived})

    def accepts(finding: Finding) -> bool:
        return all({*given.grant.waivers} & {*finding.waivers} for given in _givers(finding))

    for rule in random.Random(seed).sample(rules, min(4, len(rules))):  # noqa: S311
        of_rule = [each for each in waived if each.rule.id == rule]
        accepting = {id(given.grant) for each in of_rule for given in _givers(each)}
        assert all(accepts(each) for each in of_rule)

        def unwaived(grant: Grant, accepting: set[int] = accepting) -> Grant | None:
            return None if id(grant) in accepting else grant

        left = judged(_without(roster, unwaived))
        gone = {_place(each) for each in waived if each.rule.id == rule}
        assert not gone & {_place(each) for each in left}, SEED


def _givers(finding: Finding) -> list[Given]:
    """The grants of a finding, and that nothing else makes it."""
    given = [finding.granted.by(each.binding) for each in finding.evidence if finding.granted]
    assert None not in given
    return [each for each in given if each]


def _place(finding: Finding) -> tuple[str, str, str]:
    return finding.user, finding.title, finding.namespace


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_one_more_waiver_never_makes_a_finding_about_access(seed: int) -> None:
    roster = _random_roster(seed)
    chance = random.Random(seed)  # noqa: S311
    fewer = _without(
        roster,
        lambda grant: replace(grant, waivers=[w for w in grant.waivers if chance.random() < 0.5]),
    )

    more = [each for each in judged(roster) if not each.waived]
    less = [each for each in judged(fewer) if not each.waived]

    assert {*_about_access(more)} <= {*_about_access(less)}, SEED
