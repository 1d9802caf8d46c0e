"""What each risk rule finds, and what all of them together never do."""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kuberoster import ClusterRole, Grant, Role, Team, User, admin, edit, view
from kuberoster.model.manifests import rule_manifest, team_manifests
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.settings import ClusterSettings, Settings, StateSettings
from kuberoster.model.severity import SEVERITIES
from kuberoster.rbac.aggregation import with_aggregated_rules
from kuberoster.rbac.authorizer import ResourceAttributes
from kuberoster.rbac.defaults import load_defaults
from kuberoster.rbac.effective import effective_access
from kuberoster.rbac.policy import Binding, Policy, RoleKey, reference, service_account
from kuberoster.rbac.source import offline, offline_policy
from kuberoster.risk.finding import Finding
from kuberoster.risk.findings import findings, order
from kuberoster.risk.paths import paths
from kuberoster.risk.right import CHANGE, SHOWN
from kuberoster.risk.rules import load_rules
from tests.project import Object
from tests.rbac.random_policy import ACCOUNTS, NAMESPACES, random_objects
from tests.risk.rules.cases import CASES, WHO, Case, api, can, cluster, web
from tests.risk.waiving import flat

DAY = date(2026, 11, 24)
SETTINGS = Settings(folder=Path(), cluster=ClusterSettings(), state=StateSettings())
PAIRS = [(rule, case) for rule, cases in CASES.items() for case in cases]
IDS = [f"{rule} {number}" for rule, cases in CASES.items() for number, _ in enumerate(cases)]
each_case = partial(pytest.mark.parametrize, ids=IDS)


def roster_of(*access: Grant, team: Team | None = None) -> Roster:
    """Ann with this access, and Bob, who may view `web`."""
    ann = User("ann", email="ann@example.com", access=access)
    bob = User("bob", email="bob@example.com", access=[view("web")])
    return Roster((TeamRoster(team=team or Team(name="web"), users=(ann, bob)),))


def judged(policy: Policy, roster: Roster, settings: Settings) -> list[Finding]:
    return flat(findings(paths(policy, roster, settings, guarded=settings.guard), roster))


def found(*access: Grant, settings: Settings = SETTINGS) -> list[Finding]:
    roster = roster_of(*access)
    policy = offline(roster, DAY).policy
    return [each for each in judged(policy, roster, settings) if each.user == "ann"]


def ids(given: list[Finding]) -> set[str]:
    return {each.rule.id for each in given}


def test_every_rule_has_a_case_of_its_own() -> None:
    assert sorted(CASES) == [rule.id for rule in load_rules()]


@each_case(("rule", "case"), PAIRS)
def test_a_rule_finds_what_it_is_for(rule: str, case: Case) -> None:
    severities = {each.severity for each in found(*case.hit) if each.rule.id == rule}

    assert severities == {case.severity}


@each_case(("rule", "case"), PAIRS)
def test_a_rule_does_not_find_what_is_only_alike(rule: str, case: Case) -> None:
    assert rule not in ids(found(*case.miss))


@each_case(("rule", "case"), PAIRS)
def test_the_rights_of_a_finding_are_the_users_own(rule: str, case: Case) -> None:
    roster = roster_of(*case.hit)
    policy = offline(roster, DAY).policy
    own = effective_access(policy, service_account("users-web", "ann"))
    rules = {(right.binding.name, verb) for right in own.rights() for verb in right.rule.verbs}

    for finding in found(*case.hit):
        assert finding.evidence
        for evidence in finding.evidence:
            binding, part = evidence.binding, evidence.rule
            assert binding.name in {each.name for each in own.bindings}
            assert part is None or {(binding.name, verb) for verb in part.verbs} <= rules


@each_case(("rule", "case"), PAIRS)
def test_the_rights_of_a_finding_are_enough_to_make_it(rule: str, case: Case) -> None:
    for finding in found(*case.hit):
        if finding.rule.id == rule:
            again = judged(enough_for(finding), roster_of(*case.hit), SETTINGS)

            assert key(finding) in set(map(key, again))


def enough_for(finding: Finding) -> Policy:
    """A policy that gives ann the rights of a finding alone, and bob what he has."""
    return Policy([*_default_roles(), *_objects_of(finding), *_objects_of_bob()])


def _default_roles() -> list[Mapping[str, Any]]:
    """What binding a role by its name comes to hangs on the role."""
    defaults = with_aggregated_rules(load_defaults().objects)
    return [each for each in defaults if each["kind"] == "ClusterRole"]


def _objects_of(finding: Finding) -> Iterator[Object]:
    """The bindings of a finding, with roles that have nothing but what it shows of them."""
    rules: dict[RoleKey, list[Object]] = {}
    for evidence in finding.evidence:
        binding, part = evidence.binding, evidence.rule
        rules.setdefault(binding.role, []).extend([part.written()] if part else [])
        yield _binding(binding, "system:serviceaccount:users-web:ann")
    if finding.rule.id != "unknown-role":
        for role, parts in rules.items():
            yield {"kind": role.kind, "metadata": reference(role), "rules": parts}


def _objects_of_bob() -> Iterator[Object]:
    for binding in offline(roster_of(), DAY).policy.bindings:
        if ":bob:" in binding.name:
            yield _binding(binding, "system:serviceaccount:users-web:bob")


def _binding(binding: Binding, user: str) -> Object:
    return {
        "kind": binding.kind,
        "metadata": reference(binding),
        "roleRef": reference(binding.role),
        "subjects": [{"kind": "User", "name": user}],
    }


def test_a_user_with_nothing_but_the_default_bindings_has_no_findings() -> None:
    assert found() == []


def test_view_in_a_namespace_of_an_application_has_no_findings() -> None:
    assert found(view("web")) == []


@pytest.mark.parametrize("role", [edit, admin])
def test_edit_and_admin_are_high_or_worse_only_beyond_an_application(role: ClusterRole) -> None:
    assert {each.severity for each in found(role("web"))} == {"medium", "low"}
    assert "critical" in {each.severity for each in found(role("users-web"))}
    assert "critical" in {each.severity for each in found(role("kuberoster-state"))}
    assert "critical" in {each.severity for each in found(role.cluster_wide())}


def test_a_finding_says_who_where_and_by_which_rights() -> None:
    (finding,) = found(*web("list watch bind", "secrets configmaps"))

    assert (finding.rule.id, finding.team, finding.user) == ("read-secrets", "web", "ann")
    assert (finding.severity, finding.scope) == ("medium", "namespace web")
    (evidence,) = map(str, finding.evidence)
    assert re.fullmatch(
        r"RoleBinding web/web:ann:role=r\d+ -> Role web/web:ann:role=r\d+: list, watch secrets",
        evidence,
    )
    (right,) = finding.document()["rights"]
    assert right["binding"] == reference(finding.evidence[0].binding)
    assert right["binding"]["kind"] == "RoleBinding"
    assert right["rule"] == {
        "verbs": ["list", "watch"],
        "apiGroups": [""],
        "resources": ["secrets"],
    }


def test_two_harmless_grants_are_found_together_over_user_and_team() -> None:
    (writing,) = web("create", "rolebindings", "rbac.authorization.k8s.io")
    (binding,) = cluster("bind", "clusterroles", "rbac.authorization.k8s.io")
    roster = roster_of(writing, team=Team(name="web", access=[binding]))

    given = judged(offline(roster, DAY).policy, roster, SETTINGS)

    (finding,) = (each for each in given if each.rule.id == "grant-any-role")
    assert (finding.user, finding.namespace) == ("ann", "web")
    assert {each.binding.namespace for each in finding.evidence} == {"", "web"}


def test_two_grants_in_different_namespaces_are_not_taken_together() -> None:
    writing = web("create", "rolebindings", "rbac.authorization.k8s.io")
    binding = api("bind", "roles", "rbac.authorization.k8s.io")

    assert "grant-any-role" not in ids(found(*writing, *binding))


def test_custom_resources_of_groups_that_are_not_known_are_said_once() -> None:
    given = found(*web("create", "a", "a.com"), *web("patch", "b c", "b.com"))

    assert [each.rule.id for each in given] == ["unknown-custom-resources"]


def test_what_counts_everywhere_is_not_found_again_in_each_namespace() -> None:
    given = found(*cluster("get", "secrets"), view("web"))

    assert {each.namespace for each in given} == {""}


def test_a_user_who_starts_later_is_judged_today() -> None:
    roster = roster_of(edit("web"))
    (entry,) = roster.teams
    ann, bob = entry.users
    later = Roster((replace(entry, users=(replace(ann, starts="2027-01-01"), bob)),))

    given = judged(offline(later, DAY).policy, later, SETTINGS)

    assert given == judged(offline(roster, DAY).policy, roster, SETTINGS)
    assert given


@pytest.mark.parametrize("rule", ["read-state", "write-state"])
def test_state_outside_the_cluster_has_no_namespace_to_guard(rule: str) -> None:
    elsewhere = replace(SETTINGS, state=StateSettings(backend="local"))
    moved = replace(SETTINGS, state=StateSettings(namespace="other-state"))

    assert rule in ids(found(edit("kuberoster-state")))
    assert rule not in ids(found(edit("kuberoster-state"), settings=elsewhere))
    assert rule not in ids(found(edit("kuberoster-state"), settings=moved))
    assert rule in ids(found(edit("other-state"), settings=moved))


def test_findings_are_sorted_from_the_worst() -> None:
    given = found(edit.cluster_wide())
    order = [SEVERITIES.index(each.severity) for each in given]

    assert order == sorted(order)
    assert len(set(order)) > 2


def key(finding: Finding) -> tuple[str, str, str, str]:
    return finding.rule.id, finding.severity, finding.user, finding.namespace


def at_least(given: list[Finding]) -> set[tuple[str, str, str, str]]:
    """The keys of findings, and those that they would have if they were less bad."""
    return {
        key(replace(each, severity=severity))
        for each in given
        for severity in SEVERITIES[SEVERITIES.index(each.severity) :]
    }


@pytest.mark.parametrize("seed", range(8))
def test_more_access_never_makes_fewer_findings(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # no secret depends on it
    parts = [grant for cases in CASES.values() for case in cases for grant in case.hit]
    access: list[Grant] = []
    before: list[Finding] = []
    for grant in chance.sample(parts, 12):
        if any(_clash(grant, other) for other in access):
            continue
        access.append(grant)
        after = found(*access)
        assert set(map(key, before)) <= at_least(after)
        before = after
    assert before


def _clash(one: Grant, other: Grant) -> bool:
    """Whether a roster would refuse the two beside each other."""
    return not isinstance(one.role, Role) and one.namespaces == other.namespaces


@pytest.mark.parametrize("seed", range(6))
def test_more_bindings_never_make_fewer_findings(seed: int) -> None:
    objects, roster = random_roster(seed)
    bindings = [each for each in objects if each["kind"].endswith("Binding")]
    roles = [each for each in objects if each not in bindings]

    fewer = judged(Policy(roles + bindings[::2]), roster, SETTINGS)
    more = judged(Policy(objects), roster, SETTINGS)

    assert set(map(key, fewer)) <= at_least(more)
    assert len(fewer) < len(more)


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_users_roles_and_bindings_does_not_matter(seed: int) -> None:
    objects, roster = random_roster(seed)
    expected = [each.document() for each in judged(Policy(objects), roster, SETTINGS)]
    chance = random.Random(seed)  # noqa: S311  # no secret depends on it
    chance.shuffle(objects)
    teams = [replace(each, users=each.users[::-1]) for each in roster.teams]
    chance.shuffle(teams)

    given = judged(Policy(objects), Roster(tuple(teams)), SETTINGS)

    assert [each.document() for each in given] == expected
    assert expected


TAKE, USE = ClusterRole("take"), ClusterRole("use")
NEARLY_ALIKE = {
    "in-web": [edit("web")],
    "in-system": [edit("kube-system")],
    "in-state": [edit("kuberoster-state")],
    "at-home": [edit("users-web")],
    "both-in-web": [edit("web"), USE("web")],
    "one-everywhere": [edit.cluster_wide(), USE("web")],
    "take-and-use": [TAKE("web"), USE("api")],
    "take-alone": [TAKE("web"), view("api")],
}
"""Users whose roles are the same, but for where they are bound or what is bound elsewhere."""


@pytest.mark.parametrize("turn", [1, -1])
def test_users_of_nearly_the_same_roles_are_judged_as_each_of_them_alone(turn: int) -> None:
    users = [User(n, email="x@example.com", access=given) for n, given in NEARLY_ALIKE.items()]
    entry = TeamRoster(team=Team(name="web"), users=tuple(users[::turn]))
    roles = {
        "take": can("impersonate:serviceaccount", "serviceaccounts", WHO),
        "use": can("impersonate-on:serviceaccount:get", "secrets"),
    }
    written = [
        {"kind": "ClusterRole", "metadata": {"name": name}, "rules": [rule_manifest(rule)]}
        for name, rule in roles.items()
    ]
    policy = offline_policy([*written, *team_manifests(entry)])

    assert_judged_as_alone(policy, Roster((entry,)))


@pytest.mark.parametrize("seed", range(6))
def test_users_of_any_roles_are_judged_as_each_of_them_alone(seed: int) -> None:
    objects, roster = random_roster(seed)

    assert_judged_as_alone(Policy(objects), roster)


def assert_judged_as_alone(policy: Policy, roster: Roster) -> None:
    along = paths(policy, roster, SETTINGS, guarded=False)
    alone = [
        finding
        for entry in roster.teams
        for user in entry.users
        for finding in findings(along, Roster((replace(entry, users=(user,)),)))
    ]

    together = findings(along, roster)

    assert [each.document() for each in together] == [
        each.document() for each in sorted(alone, key=order)
    ]
    assert together


ALIKE = {
    "read-secrets": [ResourceAttributes(verb=verb, resource="secrets") for verb in SHOWN.split()],
    "delete-users-tokens": [
        ResourceAttributes(verb=verb, resource="secrets", name=name)
        for verb, name in (("delete", ""), ("deletecollection", ""))
    ],
    "change-nodes": [
        ResourceAttributes(verb=verb, resource="nodes", subresource=subresource, name=name)
        for verb in CHANGE.split()
        for subresource in ("", "status")
        for name in ("", "x", "y", "sar-0", "*")
        if not name or (verb != "deletecollection" and (verb, subresource) != ("create", ""))
    ],
}
"""Rules that a few questions to the authorizer say in another way."""


@pytest.mark.parametrize("rule", ALIKE)
@pytest.mark.parametrize("seed", range(6))
def test_a_rule_agrees_with_what_the_authorizer_allows(rule: str, seed: int) -> None:
    objects, roster = random_roster(seed)
    policy = Policy(objects)
    given = judged(policy, roster, SETTINGS)
    expected = {
        (home, name, namespace)
        for home, name in ACCOUNTS
        for namespace in ("", *NAMESPACES)
        for asked in ALIKE[rule]
        for right in effective_access(policy, service_account(home, name)).allowing(
            replace(asked, namespace=namespace if rule != "change-nodes" else "")
        )
        if right.binding.namespace == namespace
    }

    assert {
        (each.team.removeprefix("team-"), each.user, each.namespace)
        for each in given
        if each.rule.id == rule
    } == expected


def random_roster(seed: int) -> tuple[list[Object], Roster]:
    teams = tuple(
        TeamRoster(
            team=Team(name=f"team-{namespace}", namespace=namespace),
            users=tuple(
                User(name, email="x@example.com") for home, name in ACCOUNTS if home == namespace
            ),
        )
        for namespace in NAMESPACES
    )
    chance = random.Random(seed)  # noqa: S311  # no secret depends on it
    return list(random_objects(chance)), Roster(teams)
