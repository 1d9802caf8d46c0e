"""A finding implies another one where its rights do, and what is implied is never lost."""

import itertools
import random
from collections.abc import Iterable

import pytest

from kuberoster import ClusterRole, Grant, Role, Rule, Team, User, admin, edit, view
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.severity import SEVERITIES
from kuberoster.rbac.policy import Policy
from kuberoster.rbac.source import offline
from kuberoster.risk.finding import Finding, every
from kuberoster.risk.findings import findings
from kuberoster.risk.paths import paths
from tests.risk.rules.cases import CASES
from tests.risk.rules.test_rules import SETTINGS, enough_for, random_roster
from tests.risk.waiving import DAY

ADMIN = ClusterRole("cluster-admin")


def role(verbs: str, resources: str, group: str = "", name: str = "made") -> Role:
    return Role(name, rules=[Rule(verbs.split(), resources.split(), api_groups=[group])])


def roster_of(access: Iterable[Grant], team: Iterable[Grant] = ()) -> Roster:
    ann = User("ann", email="ann@example.com", access=[*access])
    bob = User("bob", email="bob@example.com", access=[view("web")])
    return Roster((TeamRoster(team=Team(name="web", access=[*team]), users=(ann, bob)),))


def told(*access: Grant, team: Iterable[Grant] = ()) -> dict[tuple[str, str], set[str]]:
    """What ann is told to have, by title and namespace, with what each implies."""
    roster = roster_of(access, team)
    given = findings(paths(offline(roster, DAY).policy, roster, SETTINGS, guarded=False), roster)
    return {
        (each.title, each.namespace): {one.title for one in each.implied}
        for each in given
        if each.user == "ann"
    }


@pytest.mark.parametrize("where", ["", "web", "kube-system", "users-web", "kuberoster-state"])
def test_a_role_that_allows_everything_is_one_finding(where: str) -> None:
    grant = ADMIN(where) if where else ADMIN.cluster_wide()

    ((title, implied),) = told(grant).items()

    assert title == ("cluster-admin", where)
    assert {"lower-pod-security", "write-any-role", "read-secrets", "wildcard-verbs"} <= implied


@pytest.mark.parametrize("ladder", [edit, admin])
def test_edit_and_admin_where_users_live_are_one_finding(ladder: ClusterRole) -> None:
    for grant, where in ((ladder.cluster_wide(), ""), (ladder("users-web"), "users-web")):
        ((title, implied),) = told(grant).items()

        assert title == ("edit-users-namespace", where)
        assert {"act-as-user", "read-users-tokens", "exec-pods"} <= implied


@pytest.mark.parametrize(
    ("verbs", "resources", "group", "head", "implied"),
    [
        ("get", "secrets", "", "read-secrets", {"read-users-tokens", "read-state", "act-as-user"}),
        ("*", "*", "apps", "wildcard-resources", {"wildcard-verbs", "delete-workloads"}),
        ("create", "serviceaccounts/token", "", "request-tokens", {"request-users-tokens"}),
    ],
)
def test_what_a_right_comes_to_is_with_the_widest_that_is_as_bad(
    verbs: str, resources: str, group: str, head: str, implied: set[str]
) -> None:
    given = told(role(verbs, resources, group).cluster_wide())

    assert implied <= given[head, ""]


def test_what_is_worse_stands_by_itself() -> None:
    given = told(role("*", "*", "apps").cluster_wide())

    assert {("create-workloads", ""), ("change-workloads", "")} <= given.keys()


def test_two_rights_of_one_rule_do_not_imply_each_other() -> None:
    given = told(role("get create", "secrets")("web"))

    assert given == {("read-secrets", "web"): set(), ("write-secrets", "web"): set()}


def test_two_rights_of_one_wildcard_do_not_imply_each_other() -> None:
    given = told(role("*", "secrets")("web"))

    assert {("read-secrets", "web"), ("write-secrets", "web")} <= given.keys()


def test_what_another_binding_adds_to_is_not_implied() -> None:
    reader = role("get list watch patch delete deletecollection", "secrets")
    alone = told(ADMIN("web"))
    beside = told(ADMIN("web"), reader("web"))

    assert "read-secrets" in alone["cluster-admin", "web"]
    assert "read-secrets" not in beside["cluster-admin", "web"]
    assert ("read-secrets", "web") in beside


def test_a_right_over_the_whole_cluster_implies_nothing_of_a_namespace_s_own_grant() -> None:
    given = told(ADMIN.cluster_wide(), edit("web"))

    assert ("exec-pods", "web") in given
    assert ("cluster-admin", "") in given


def test_whoever_may_do_anything_is_told_so_beside_any_role() -> None:
    assert ("cluster-admin", "") in told(ADMIN.cluster_wide(), team=[edit.cluster_wide()])


def test_a_role_that_is_not_known_neither_implies_nor_is_implied() -> None:
    given = told(ClusterRole("monitor")("web"), ADMIN("web"))

    assert given["unknown-role", "web"] == set()


def _all_of(policy: Policy, roster: Roster) -> list[Finding]:
    return findings(paths(policy, roster, SETTINGS, guarded=False), roster)


def _by_cases(seed: int) -> tuple[Policy, Roster]:
    chance = random.Random(seed)  # noqa: S311  # no secret depends on it
    parts = [
        grant
        for cases in CASES.values()
        for case in cases
        for grant in case.hit
        if isinstance(grant.role, Role)
    ]
    made = {each.role.name: each for each in chance.sample(parts, 9)}
    wide = chance.choice([edit.cluster_wide(), ADMIN("web"), edit("users-web"), view("api")])
    roster = roster_of([*made.values(), wide])
    return offline(roster, DAY).policy, roster


def _by_policy(seed: int) -> tuple[Policy, Roster]:
    objects, roster = random_roster(seed)
    return Policy(objects), roster


RANDOM = [(make, seed) for make in (_by_cases, _by_policy) for seed in range(8)]
each_random = pytest.mark.parametrize(("make", "seed"), RANDOM)


@pytest.mark.parametrize("seed", range(8))
def test_what_a_finding_implies_is_no_worse_and_made_by_the_same_rights(seed: int) -> None:
    policy, roster = _by_cases(seed)
    found = [
        each
        for each in _all_of(policy, roster)
        if each.implied and each.user == "ann" and all(one.rule for one in each.evidence)
    ]
    for head in random.Random(seed).sample(found, min(5, len(found))):  # noqa: S311
        made = _all_of(enough_for(head), roster)
        again = {_key(each): each.severity for each in every(made)}
        for each in head.implied:
            assert (each.user, each.namespace) == (head.user, head.namespace)
            assert each.implied_by == head.title
            assert not each.implied
            assert _rank(head) <= _rank(each)
            if each.rule.hits:
                assert SEVERITIES.index(again[_key(each)]) <= _rank(each)


@each_random
def test_nothing_is_told_twice_and_nothing_lost(make: object, seed: int) -> None:
    policy, roster = make(seed)  # type: ignore[operator]
    found = _all_of(policy, roster)

    keys = [_key(each) for each in every(found)]

    assert len(keys) == len(set(keys))
    for one, other in itertools.permutations(found, 2):
        same = (one.user, one.namespace) == (other.user, other.namespace)
        assert not (same and one.implied and _key(other) in {_key(each) for each in one.implied})


@each_random
def test_whoever_mends_a_finding_mends_what_it_implies(make: object, seed: int) -> None:
    policy, roster = make(seed)  # type: ignore[operator]
    found = [each for each in _all_of(policy, roster) if each.implied]
    for head in random.Random(seed).sample(found, min(5, len(found))):  # noqa: S311
        gone = {(each.binding.namespace, each.binding.name) for each in head.evidence}
        left = Policy([], known_groups=policy.known_groups)
        left.roles = policy.roles
        for binding in policy.bindings:
            if (binding.namespace, binding.name) not in gone:
                left._add(binding)
        again = {_key(each) for each in every(_all_of(left, roster))}
        mended = [each for each in head.implied if each.rule.hits]
        assert not {_key(each) for each in mended} & again


def _key(finding: Finding) -> tuple[str, str, str, str]:
    return finding.team, finding.user, finding.title, finding.namespace


def _rank(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)
