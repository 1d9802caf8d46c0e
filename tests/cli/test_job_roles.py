"""`kuberoster job-roles`, without a cluster."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from kuberoster.cli import main
from kuberoster.operations.job_roles import JOBS

Write = Callable[[Mapping[str, str]], Path]
Captured = pytest.CaptureFixture[str]
Printed = Callable[..., list[dict[str, Any]]]

ROSTER = """\
reader = Role("reader", rules=[Rule(["get"], ["pods"])])
USERS = [
    User("ann", email="a@example.com", access=[edit("web"), view("api")]),
    User("bob", email="b@example.com", access=[reader("own")], suspended="on leave"),
]
"""
PLAIN = 'USERS = [User("ann", email="a@example.com", access=[view("api")])]\n'


@pytest.fixture
def printed(capsys: Captured) -> Printed:
    def run(folder: Path, *arguments: str) -> list[dict[str, Any]]:
        assert main(["-C", str(folder), "job-roles", *arguments, "--user", "ci"]) == 0
        return list(yaml.safe_load_all(capsys.readouterr().out))

    return run


def _rights(manifests: list[dict[str, Any]], verb: str) -> dict[str, list[str]]:
    """By namespace, on what objects a verb is allowed."""
    return {
        each["metadata"].get("namespace", "*"): [
            name
            for rule in each["rules"]
            if verb in rule["verbs"]
            for name in rule.get("resourceNames", ["any"])
        ]
        for each in manifests
        if any(verb in rule["verbs"] for rule in each.get("rules", []))
    }


def test_bind_is_for_the_roles_that_are_granted_in_a_namespace_whoever_is_active(
    write_project: Write, printed: Printed
) -> None:
    found = printed(write_project({"web": ROSTER}), "deploy")

    assert _rights(found, "bind") == {
        "api": ["view"],
        "web": ["edit"],
        "own": ["web:bob:role=reader"],
    }


def test_escalate_is_only_where_the_roster_has_a_role_of_its_own(
    write_project: Write, printed: Printed
) -> None:
    assert list(_rights(printed(write_project({"web": ROSTER}), "deploy"), "escalate")) == ["own"]


def test_without_roles_of_its_own_the_deployer_only_lists_roles_and_the_whole_clusters_bindings(
    write_project: Write, printed: Printed
) -> None:
    found = printed(write_project({"web": PLAIN}), "deploy")

    assert _rights(found, "escalate") == {}
    rules = [rule for each in found for rule in each.get("rules", [])]
    for resource in ("roles", "clusterrolebindings"):
        assert [rule["verbs"] for rule in rules if resource in rule["resources"]] == [["list"]]


@pytest.mark.parametrize("job", JOBS)
def test_each_job_has_roles_and_as_many_bindings(
    job: str, write_project: Write, printed: Printed
) -> None:
    kinds = [each["kind"] for each in printed(write_project({"web": ROSTER}), job)]

    assert kinds
    assert kinds[1::2] == [f"{kind}Binding" for kind in kinds[::2]]


@pytest.mark.parametrize("job", ["review", "plan", "drift"])
def test_a_job_that_reads_can_write_nothing(
    job: str, write_project: Write, printed: Printed
) -> None:
    for each in printed(write_project({"web": ROSTER}), job):
        for rule in each.get("rules", []):
            assert set(rule["verbs"]) <= {"get", "list"}


def test_with_a_state_elsewhere_only_the_mark_is_read_and_needs_no_namespace(
    write_project: Write, printed: Printed
) -> None:
    folder = write_project({"web": PLAIN})
    settings = {"state": {"backend": "pg", "schema_name": "k_{team}"}}
    (folder / "cdktf.json").write_text(json.dumps({"context": {"kuberoster": settings}}))

    role, binding = printed(folder, "review")

    assert (role["kind"], binding["kind"]) == ("ClusterRole", "ClusterRoleBinding")
    rights = [(rule["verbs"], rule["resourceNames"]) for rule in role["rules"]]
    assert rights == [(["get"], ["revoked-users"]), (["get"], ["kube-system"])]


def test_a_namespace_that_the_deploy_makes_gets_no_role_before_it_is_there(
    write_project: Write, printed: Printed
) -> None:
    folder = write_project({"web": PLAIN.replace('"api"', '"users-web"')})

    found = printed(folder, "deploy")

    assert {each["metadata"].get("namespace") for each in found} == {None, "kuberoster-state"}
    assert _rights(found, "bind") == {"*": ["view"]}


def test_all_users_of_a_job_are_bound_and_nothing_looks_like_the_rosters_own(
    write_project: Write, printed: Printed
) -> None:
    found = printed(write_project({"web": PLAIN}), "drift", "--user", "other")

    for each in found:
        assert "app.kubernetes.io/managed-by" not in each["metadata"]["labels"]
        if "subjects" in each:
            assert {subject["name"] for subject in each["subjects"]} == {"ci", "other"}


def test_a_user_of_the_roster_deploys_it_not(write_project: Write, capsys: Captured) -> None:
    user = "system:serviceaccount:users-web:ann"

    arguments = ["job-roles", "deploy", "--user", user]
    assert main(["-C", str(write_project({"web": PLAIN})), *arguments]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"user '{user}' is one of team 'web'.\n")


def test_another_day_that_is_asked_for_changes_nothing_and_that_is_said(
    write_project: Write, printed: Printed, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    folder = write_project({"web": ROSTER.replace('suspended="on leave"', 'expires="2026-12-31"')})
    today = printed(folder, "deploy")
    monkeypatch.setenv("KUBEROSTER_TODAY", "2031-01-01")
    assert printed(folder, "deploy") == today
    assert main(["-C", str(folder), "job-roles", "deploy", "--user", "ci"]) == 0
    said = capsys.readouterr().err
    assert "as of 2031-01-01, and not of " in said
    assert "KUBEROSTER_TODAY asks for it; it changes nothing here: the roles do for each" in said
    monkeypatch.setenv("KUBEROSTER_TODAY", "tomorrow")
    assert main(["-C", str(folder), "job-roles", "deploy", "--user", "ci"]) == 1
    assert "KUBEROSTER_TODAY is 'tomorrow'." in capsys.readouterr().err
