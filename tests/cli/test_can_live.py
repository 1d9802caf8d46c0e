"""`kuberoster can --live` and `who-can --live`: what the cluster says, not what the roster says."""

import json
from itertools import count
from typing import Any

import pytest

from tests.project import Project

_numbers = count()

ROSTER = """
    User("{0}-ann", email="a@example.com", access=[edit("web"), view("api")]),
    User("{0}-mon", owner="{0}-ann", access=[ClusterRole("{0}-monitor")("web")]),
    User("{0}-late", owner="{0}-ann", access=[edit("web")]),
"""


@pytest.fixture
def asked(project: Project) -> tuple[Project, str]:
    """A project with three users in the cluster, and its team."""
    team = f"live{next(_numbers)}"
    project.write(team, ROSTER.format(team), team_is='Team(access=[view("api")])')
    project.create()
    return project, team


def live(project: Project, *question: str) -> tuple[int, Any]:
    shown = project.run_any(*question, "--live", "--format", "json")
    return shown.status, json.loads(shown.output)


QUESTIONS = [
    ("get pods -n web", "get pods -n web"),
    ("get secrets -n api", "get secrets -n api"),
    ("create pods -n web --subresource exec", "create pods -n web --subresource exec"),
    ("get deployments.apps/x -n web", "get deployments.apps/x -n web"),
    ("list nodes", "list nodes"),
    ("get /version", "get /version"),
    ("get /metrics", "get /metrics"),
    ("list pods", "list pods -A"),
    ("get configmaps -n api", "get configmaps -n api"),
]


def test_it_says_what_kubectl_auth_can_i_says(asked: tuple[Project, str]) -> None:
    project, team = asked
    namespace = f"users-{team}"
    answers = []
    for ours, theirs in QUESTIONS:
        status, document = live(project, "can", f"{team}-ann", *ours.split())
        said = project.kubectl(
            *("auth", "can-i", *theirs.split()),
            *("--as", f"system:serviceaccount:{namespace}:{team}-ann"),
            *("--as-group", "system:serviceaccounts"),
            *("--as-group", f"system:serviceaccounts:{namespace}"),
            *("--as-group", "system:authenticated"),
            fails=status != 0,
        )
        answers.append(document["answer"])
        assert said.splitlines()[-1] == ("yes" if document["answer"] == "yes" else "no"), ours
    assert {"yes", "no", "partly"} == set(answers)


def test_a_role_that_only_the_cluster_has_is_known_live(asked: tuple[Project, str]) -> None:
    project, team = asked
    question = ("can", f"{team}-mon", "get", "secrets", "-n", "web")

    assert project.run_any(*question).status == 3
    assert live(project, *question)[0] == 2  # the role does not exist, so it gives nothing
    project.kubectl("create", "clusterrole", f"{team}-monitor", "--verb=get", "--resource=secrets")
    status, document = live(project, *question)
    assert status == 0
    assert document["because"][0]["role"] == {"kind": "ClusterRole", "name": f"{team}-monitor"}


def test_a_binding_by_hand_counts_live_and_not_offline(asked: tuple[Project, str]) -> None:
    project, team = asked
    question = ("can", f"{team}-ann", "get", "secrets", "-n", "api")
    assert project.run_any(*question).status == 2
    project.kubectl(
        *("create", "rolebinding", f"by-hand-{team}", "--clusterrole=edit", "-n", "api"),
        f"--user=system:serviceaccount:users-{team}:{team}-ann",
    )

    assert project.run_any(*question).status == 2
    status, document = live(project, *question)
    assert status == 0
    assert document["because"][0]["binding"]["name"] == f"by-hand-{team}"
    assert document["source"].startswith("live: ")


def test_who_is_suspended_has_a_credential_until_it_is_gone(asked: tuple[Project, str]) -> None:
    project, team = asked
    suspended = ROSTER.replace('late", ', 'late", suspended="on leave", ')
    project.write(team, suspended.format(team), team_is='Team(access=[view("api")])')
    question = ("can", f"{team}-late", "get", "secrets", "-n", "web")

    assert project.run_any(*question).output.startswith("no credential: ")
    assert live(project, *question)[1]["answer"] == "yes"
    project.kubectl("delete", "serviceaccount", f"{team}-late", "-n", f"users-{team}")
    status, document = live(project, *question)
    assert (status, document["answer"]) == (2, "no credential")
    assert document["absence"] == "suspended: on leave"


def test_who_is_not_deployed_has_no_credential(asked: tuple[Project, str]) -> None:
    project, team = asked
    more = ROSTER + 'User("{0}-new", owner="{0}-ann", access=[edit("web")])'
    project.write(team, more.format(team), team_is='Team(access=[view("api")])')
    question = ("can", f"{team}-new", "get", "pods", "-n", "web")

    assert project.run_any(*question).status == 0
    status, document = live(project, *question)
    assert (status, document["absence"]) == (2, "not deployed")


def test_who_can_live_lists_users_and_every_other_subject(asked: tuple[Project, str]) -> None:
    project, team = asked
    for kind, name in (("user", "mallory"), ("group", "ops"), ("serviceaccount", "web:robot")):
        project.kubectl(
            *("create", "rolebinding", f"{kind}-{team}", "--clusterrole=edit", "-n", "web"),
            f"--{kind}={name}-{team}",
        )
    _, document = live(project, "who-can", "get", "secrets", "-n", "web")

    subjects = {each["subject"]: each["answer"] for each in document["subjects"]}
    assert subjects[f"{team}-ann"] == "yes"
    assert {
        f"User mallory-{team}",
        f"Group ops-{team}",
        f"ServiceAccount web/robot-{team}",
        "Group system:masters",
    } <= subjects.keys()
    assert f"ServiceAccount users-{team}/{team}-ann" not in subjects
    assert f"{team}-mon" not in subjects
    assert set(subjects.values()) == {"yes"}


def test_a_name_in_the_cluster_steers_no_terminal(asked: tuple[Project, str]) -> None:
    project, team = asked
    name = f"{team}\n\x1b[1A\x1b[2Kno"
    project.kubectl(
        *("create", "-f", "-"),
        given={
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": name, "namespace": "api"},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "edit",
            },
            "subjects": [
                {"kind": "ServiceAccount", "namespace": f"users-{team}", "name": f"{team}-ann"}
            ],
        },
    )
    question = ("get", "secrets", "-n", "api", "--live")
    for command in (("can", f"{team}-ann"), ("who-can",)):
        shown = project.run_any(command[0], *command[1:], *question).output
        assert f"{team}\\n\\x1b[1A" in shown
        assert all(line.isprintable() for line in shown.splitlines())


def test_what_users_gives_and_is_not_there_yet_is_said(asked: tuple[Project, str]) -> None:
    project, team = asked
    more = ROSTER.replace('access=[edit("web"), view("api")]', 'access=[edit("web"), edit("api")]')
    later = 'User("{0}-next", owner="{0}-ann", access=[edit("web")], starts="2099-12-11"),'
    project.write(team, (more + later).format(team), team_is='Team(access=[view("api")])')

    status, document = live(project, "can", f"{team}-ann", "get", "secrets", "-n", "api")
    assert (status, document["answer"], document["because"]) == (2, "not yet", [])
    assert document["later"][0]["binding"]["name"] == f"{team}:{team}-ann:edit"
    question = ("get", "secrets", "-n", "web")
    shown = project.run_any("can", f"{team}-next", *question, "--live").output
    assert shown.startswith(f"no credential: {team}-next: starts on 2099-12-11\n")
    assert f"would be allowed by RoleBinding web/{team}:{team}-next:edit" in shown
    subjects = {
        each["subject"]: each for each in live(project, "who-can", *question)[1]["subjects"]
    }
    assert subjects[f"{team}-next"]["answer"] == "no credential"
    listed = project.run_any("who-can", "get", "secrets", "-n", "api", "--live").output
    assert f"will be allowed, once users/ is deployed, by RoleBinding api/{team}:" in listed


def test_a_namespace_that_is_not_there_is_doubted(asked: tuple[Project, str]) -> None:
    project, team = asked
    for namespace, said in (
        ("webb", "neither users/ nor the cluster has a namespace 'webb'. Did you mean 'web'?"),
        ("qqqqqq", "neither users/ nor the cluster has a namespace 'qqqqqq'.\n"),
        ("kube-public", ""),
    ):
        for command in (["can", f"{team}-ann"], ["who-can"]):
            shown = project.run_any(*command, "get", "pods", "-n", namespace, "--live")
            assert said in shown.errors
            assert ("warning: neither" in shown.errors) is bool(said)
