"""Whatever the roster alone says of access, a live answer says too, over random clusters.

KUBEROSTER_SEED=N repeats a run.
"""

import os
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kuberoster import ClusterRole, Grant, Role, Rule, Team, User
from kuberoster.model.manifests import Manifest, team_manifests
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.settings import ClusterSettings, Settings, StateSettings
from kuberoster.rbac.aggregation import with_aggregated_rules
from kuberoster.rbac.answer import can, who_can
from kuberoster.rbac.defaults import load_defaults
from kuberoster.rbac.effective import Right
from kuberoster.rbac.question import read_question
from kuberoster.rbac.source import RBAC, Source, of_cluster, offline
from kuberoster.report.content import Content, content
from tests.long import sized
from tests.risk.waiving import DAY

SEED = int(os.environ.get("KUBEROSTER_SEED") or random.randrange(10**9))  # noqa: S311  # of tests
ROUNDS = sized(15, long=400)
SETTINGS = Settings(folder=Path(), cluster=ClusterSettings(), state=StateSettings())
LIVES: list[dict[str, Any]] = [
    {},
    {"starts": "2026-12-11"},
    {"expires": "2026-11-23"},
    {"suspended": "on leave"},
]
SCOPES = [("web",), ("web", "api"), None]
ROLES: list[ClusterRole | Role] = [
    ClusterRole("view"),
    ClusterRole("edit"),
    ClusterRole("cluster-admin"),
    Role("reader", rules=[Rule(["get", "list"], ["secrets"])]),
]
QUESTIONS = [("get", "secrets", "web"), ("get", "secrets", ""), ("create", "pods", "api")]


def _access(chance: random.Random) -> list[Grant]:
    return [Grant(role, chance.choice(SCOPES)) for role in ROLES if chance.random() < 0.4]


def _roster(chance: random.Random) -> Roster:
    teams = []
    for team in ("ops", "web"):
        users = [
            User(f"{team}-{name}", email="x@y.de", access=_access(chance), **chance.choice(LIVES))
            for name in ("ann", "bob", "cleo")
        ]
        access = _access(chance) if chance.random() < 0.5 else []
        teams.append(TeamRoster(team=Team(name=team, access=access), users=tuple(users)))
    return Roster(tuple(teams))


def _cluster(chance: random.Random, roster: Roster) -> Iterator[Manifest]:
    """What of a roster some deploy left, or somebody changed or added by hand."""
    for entry in roster.teams:
        for manifest in team_manifests(entry):
            if chance.random() < 0.4:
                continue
            changed = dict(manifest)
            if manifest["kind"] in RBAC and chance.random() < 0.3:
                if "rules" in manifest:
                    changed["rules"] = [{"verbs": ["get"], "apiGroups": [""], "resources": ["x"]}]
                elif chance.random() < 0.5:
                    changed["roleRef"] = {**manifest["roleRef"], "kind": "ClusterRole", "name": "x"}
                else:
                    changed["subjects"] = [{"kind": "User", "name": "mallory"}]
            yield changed


def _live(seed: int) -> tuple[Roster, Source]:
    chance = random.Random(f"{SEED}-{seed}")  # noqa: S311
    roster = _roster(chance)
    there = list(_cluster(chance, roster))
    bound = [each for each in there if each["kind"] in RBAC]
    objects = [dict(each) for each in with_aggregated_rules([*load_defaults().objects, *bound])]
    accounts = {
        (each["metadata"]["namespace"], each["metadata"]["name"])
        for each in there
        if each["kind"] == "ServiceAccount"
    }
    return roster, of_cluster(objects, accounts, roster.from_day(DAY), DAY, "a test")


def _said(shown: Content) -> set[tuple[object, ...]]:
    """Each role that a user has or gets, and each finding."""
    held = {
        ("role", person.name, each.namespace, each.role, each.by)
        for person in shown.people
        for each in person.held
    }
    found = {
        ("finding", each.user, each.rule.id, each.namespace)
        for person in shown.people
        for each in (*person.findings, *person.waived)
    }
    return held | found


def _plain(rights: Iterable[Right]) -> set[tuple[object, ...]]:
    return {(each.binding.namespace, each.binding.name, each.rule.plain) for each in rights}


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_live_report_has_every_role_and_finding_of_one_from_the_roster_alone(seed: int) -> None:
    roster, source = _live(seed)

    alone = content(SETTINGS, roster, DAY, offline(roster.from_day(DAY), DAY), None)
    live = content(SETTINGS, roster, DAY, source, {})

    assert _said(alone) - _said(live) == set(), f"KUBEROSTER_SEED={SEED}"
    judged = {person.name for person in alone.people if person.judged}
    assert judged <= {person.name for person in live.people if person.judged}


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_live_answer_has_every_right_that_the_roster_gives(seed: int) -> None:
    roster, source = _live(seed)
    alone = offline(roster.from_day(DAY), DAY)
    for verb, resource, namespace in QUESTIONS:
        question = read_question(verb, resource, load_defaults(), namespace=namespace)
        named = {each.subject for each in who_can(source, roster, question)}
        for entry in roster.from_day(DAY).teams:
            for user in entry.users:
                says = can(alone, entry.team, user, question)
                live = can(source, entry.team, user, question)
                missing = _plain(says.rights) - _plain((*live.rights, *live.later))
                assert missing == set(), f"KUBEROSTER_SEED={SEED}: {user.name}"
                assert not says.rights or (user.name in named and live.state != "no")
