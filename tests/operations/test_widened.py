"""`kuberoster drift --cluster-roles`: what a cluster adds to Kubernetes' own roles."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kuberoster import ClusterRole, Role, Rule, Team, User, view
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.operations.drift import Difference
from kuberoster.operations.drift.widened import not_compared, widened_bindings, widened_roles
from kuberoster.rbac.aggregation import with_aggregated_rules
from kuberoster.rbac.defaults import load_defaults
from tests.operations.planting import close_default_account
from tests.project import Object, Project, until

ANN = 'User("wide-ann", email="a@example.com", access=[view("web")])'


def _by_name(kind: str) -> dict[str, Any]:
    return {
        item["metadata"]["name"]: dict(item)
        for item in with_aggregated_rules(load_defaults().objects)
        if item["kind"] == kind
    }


def test_the_defaults_are_no_wider_than_themselves_and_less_is_not_told() -> None:
    roles = _by_name("ClusterRole")
    assert list(widened_roles(roles, set(roles))) == []
    for role in roles.values():
        role["rules"] = role["rules"][1:]
    assert list(widened_roles(roles, set(roles))) == []
    assert list(widened_bindings(_by_name("ClusterRoleBinding"))) == []


def test_a_default_role_that_nobody_was_granted_is_left_out() -> None:
    roles = _by_name("ClusterRole")
    roles["system:node"]["rules"] = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
    assert list(widened_roles(roles, {"view"})) == []
    assert [each.object for each in widened_roles(roles, {"system:node"})] == [
        "ClusterRole system:node"
    ]


def test_a_binding_for_everyone_with_another_role_or_more_subjects_is_told() -> None:
    bindings = _by_name("ClusterRoleBinding")
    own = bindings["system:basic-user"]
    own["subjects"] = [*own["subjects"], {"kind": "Group", "name": "system:serviceaccounts"}]
    bindings["system:discovery"]["roleRef"] = {"kind": "ClusterRole", "name": "edit"}
    assert list(widened_bindings(bindings)) == [
        Difference(
            "ClusterRoleBinding system:basic-user",
            "wider",
            "reaches Group system:serviceaccounts too",
        ),
        Difference(
            "ClusterRoleBinding system:discovery",
            "wider",
            "gives the ClusterRole edit and not system:discovery",
        ),
    ]


@pytest.fixture
def widening(project: Project) -> Iterator[Project]:
    project.write("wide", ANN)
    project.create()
    off = '{"automountServiceAccountToken": false}'
    project.kubectl("patch", "serviceaccount", "default", "-n", "users-wide", "-p", off)
    project.token("wide-ann")
    (was,) = _user_role(project)
    yield project
    project.kubectl("delete", "clusterrole", "wide-more", "--ignore-not-found")
    patch = json.dumps({"rules": was["rules"]})
    project.kubectl("patch", "clusterrole", "system:basic-user", "--type=merge", "-p", patch)


def _user_role(project: Project) -> list[Object]:
    return [
        each
        for each in project.objects("clusterroles")
        if each["metadata"]["name"] == "system:basic-user"
    ]


def _wider(project: Project) -> dict[str, str]:
    shown = project.run_any("drift", "wide", "--cluster-roles", "--format", "json")
    found = json.loads(shown.output)["differences"]
    assert shown.status == (2 if found else 0), shown.errors
    return {each["object"]: each["what"] for each in found if each["state"] == "wider"}


def test_what_a_cluster_adds_to_default_roles_is_shown_where_it_is_asked_for(
    widening: Project,
) -> None:
    project = widening
    assert _wider(project) == {}
    labels = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    rule = {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}
    role: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "wide-more", "labels": labels},
        "rules": [rule],
    }
    project.kubectl("create", "-f", "-", given=role)
    (own,) = _user_role(project)
    rules = [*own["rules"], {**rule, "resources": ["nodes"]}]
    patch = json.dumps({"rules": rules})
    project.kubectl("patch", "clusterrole", "system:basic-user", "--type=merge", "-p", patch)
    token = project.token("wide-ann")
    for _ in until(20):
        if project.status(token, "/api/v1/namespaces/web/secrets/none") == 404:
            break

    found = _wider(project)

    assert found["ClusterRole view"] == "takes up ClusterRole wide-more, which allows: get secrets"
    assert found["ClusterRole system:basic-user"] == "beyond Kubernetes 1.36 allows: get nodes"
    plain = project.run_any("drift", "wide")
    assert plain.status == 0
    assert "not looked at: default roles that give more than Kubernetes'" in plain.output


def test_a_role_of_the_clusters_own_is_named_as_not_compared(project: Project) -> None:
    """Whoever widens it gives the roster's users more, and nothing of the roster differs."""
    own = Role("own", rules=[Rule(["get"], ["nodes"])]).cluster_wide()
    monitor = ClusterRole("wide-monitor")
    ann = User("m", email="m@example.com", access=[view("web"), monitor("web"), own])
    roster = Roster((TeamRoster(team=Team(name="t"), users=(ann,)),))
    (only,) = not_compared(roster)
    assert only.object == "ClusterRole wide-monitor"

    ann_too = 'User("wide-m", email="m@example.com", access=[ClusterRole("wide-monitor")("web")])'
    project.write("wide-m", ann_too)
    project.kubectl("create", "clusterrole", "wide-monitor", "--verb=*", "--resource=*.*")
    project.create()
    close_default_account(project, "users-wide-m")
    project.token("wide-m")
    try:
        for option in ([], ["--cluster-roles"]):
            shown = project.run_any("drift", "wide-m", *option)
            assert shown.status == 0
            assert "as the roster says, as far as it was compared\n" in shown.output
            assert (
                "not compared: ClusterRole wide-monitor is granted, and neither in users/ nor "
                "Kubernetes' own: what it allows is not known here\n"
            ) in shown.output
        given = json.loads(project.run_any("drift", "wide-m", "--format", "json").output)
        assert [each["object"] for each in given["not_compared"]] == ["ClusterRole wide-monitor"]
    finally:
        project.kubectl("delete", "clusterrole", "wide-monitor")
