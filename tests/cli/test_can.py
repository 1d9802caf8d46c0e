"""`kuberoster can` and `who-can`, from the roster alone."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kuberoster.cli import main

Write = Callable[[Mapping[str, str]], Path]
Captured = pytest.CaptureFixture[str]

OFFLINE = (
    "offline: users/ and the default roles and bindings of Kubernetes 1.36; "
    "what else a cluster has is not known"
)
WEB = """
from kuberoster import ClusterRole, Token
reader = Role("reader", rules=[Rule(["get"], ["secrets"], resource_names=["tls"])])
scraper = Role("scraper", rules=[Rule(["get"], non_resource_urls=["/metrics*"])])
TEAM = Team(access=[view("shared")])
USERS = [
    User("ann", email="a@example.com", access=[edit("web"), view("api"), reader("api")]),
    User("bob", email="b@example.com", access=[view.cluster_wide(), scraper.cluster_wide()]),
    User("mon", owner="ann", access=[ClusterRole("monitor")("web")]),
    User("lena", email="l@example.com", access=[edit("web")], suspended="on leave"),
]
"""
OPS = """
from kuberoster import ClusterRole
USERS = [User("root", email="r@example.com", access=[ClusterRole("cluster-admin").cluster_wide()])]
"""


@pytest.fixture
def ask(write_project: Write, capsys: Captured) -> Callable[..., tuple[int, list[str]]]:
    """Ask; exit status, and the lines of the answer."""
    folder = str(write_project({"web": WEB, "ops": OPS}))

    def run(*arguments: str) -> tuple[int, list[str]]:
        status = main(["-C", folder, *arguments])
        return status, capsys.readouterr().out.splitlines()

    return run


Ask = Callable[..., tuple[int, list[str]]]


def test_yes_is_0_and_names_binding_role_and_rule(ask: Ask) -> None:
    assert ask("can", "ann", "get", "secrets", "-n", "web") == (
        0,
        [
            "yes: ann may get secrets in namespace web",
            "  RoleBinding web/web:ann:edit -> ClusterRole edit: get secrets",
            OFFLINE,
        ],
    )


def test_no_is_2(ask: Ask) -> None:
    assert ask("can", "ann", "get", "secrets", "-n", "api") == (
        2,
        ["no: ann may not get secrets in namespace api", OFFLINE],
    )


def test_a_role_of_the_roster_s_own_is_known(ask: Ask) -> None:
    status, lines = ask("can", "ann", "get", "secrets/tls", "-n", "api")

    assert status == 0
    assert lines[1] == (
        "  RoleBinding api/web:ann:role=reader -> Role api/web:ann:role=reader: "
        "get secrets named tls"
    )
    assert ask("can", "ann", "get", "secrets/other", "-n", "api")[0] == 2


def test_what_the_team_has_each_user_has(ask: Ask) -> None:
    status, lines = ask("can", "mon", "list", "pods", "-n", "shared")

    assert status == 0
    assert lines[1] == "  RoleBinding shared/web:TEAM:view -> ClusterRole view: list pods"
    assert ask("can", "root", "list", "pods", "-n", "shared")[1][1] == (
        "  ClusterRoleBinding ops:root:cluster-admin -> ClusterRole cluster-admin: * *.*"
    )


def test_without_a_namespace_it_says_where(ask: Ask) -> None:
    status, lines = ask("can", "ann", "create", "pods")

    assert status == 2
    assert lines[0] == "partly: ann may create pods in web and not in all namespaces"
    assert ask("can", "bob", "get", "pods")[0] == 0
    assert ask("can", "bob", "create", "pods")[0] == 2


def test_urls_and_what_everybody_has_count(ask: Ask) -> None:
    assert ask("can", "bob", "get", "/metrics/x")[0] == 0
    assert ask("can", "ann", "get", "/metrics/x")[0] == 2
    assert ask("can", "ann", "get", "/version")[0] == 0
    assert ask("can", "ann", "create", "selfsubjectaccessreviews")[0] == 0


def test_a_role_that_is_not_known_offline_is_3_and_never_no(ask: Ask) -> None:
    assert ask("can", "mon", "get", "pods", "-n", "web") == (
        3,
        [
            "unknown: whether mon may get pods in namespace web",
            "  RoleBinding web/web:mon:monitor: ClusterRole monitor is not known offline",
            OFFLINE,
        ],
    )
    assert ask("can", "mon", "get", "secrets")[0] == 3
    assert "monitor is not known" in ask("can", "mon", "get", "pods")[1][2]
    # Where it can't count, nothing depends on it.
    assert ask("can", "mon", "get", "secrets", "-n", "api")[0] == 2
    assert ask("can", "mon", "list", "nodes")[0] == 2
    assert ask("can", "mon", "get", "pods", "-n", "shared")[0] == 0


def test_custom_resources_that_an_aggregated_role_may_take_up_are_unknown(ask: Ask) -> None:
    status, lines = ask("can", "ann", "get", "widgets.example.com", "-n", "api")

    assert status == 3
    assert lines[1] == (
        "  RoleBinding api/web:ann:view: what ClusterRole view takes up from other ClusterRoles "
        "is not known offline"
    )
    assert ask("can", "root", "get", "widgets.example.com", "-n", "api")[0] == 0
    assert ask("can", "root", "get", "*")[0] == 0


def test_who_is_not_active_has_no_credential(ask: Ask) -> None:
    assert ask("can", "lena", "get", "secrets", "-n", "web") == (
        2,
        [
            "no credential: lena: suspended: on leave",
            "  would be allowed by RoleBinding web/web:lena:edit -> ClusterRole edit: get secrets",
            OFFLINE,
        ],
    )


def test_json_has_whole_rules(ask: Ask) -> None:
    status, lines = ask("can", "ann", "get", "secrets/tls", "-n", "api", "--format", "json")
    document: dict[str, Any] = json.loads("\n".join(lines))

    assert status == 0
    own = {"namespace": "api", "name": "web:ann:role=reader"}
    assert document == {
        "question": "get secrets named tls in namespace api",
        "subject": "ann",
        "answer": "yes",
        "absence": None,
        "later": [],
        "because": [
            {
                "binding": {"kind": "RoleBinding", **own},
                "role": {"kind": "Role", **own},
                "rule": {
                    "verbs": ["get"],
                    "apiGroups": [""],
                    "resources": ["secrets"],
                    "resourceNames": ["tls"],
                },
            }
        ],
        "unknown": [],
        "source": OFFLINE,
    }


def test_who_can_lists_every_user_who_may_might_or_could(ask: Ask) -> None:
    assert ask("who-can", "create", "pods", "-n", "web") == (
        0,
        [
            "yes            root  ClusterRoleBinding ops:root:cluster-admin -> "
            "ClusterRole cluster-admin: * *.*",
            "yes            ann   RoleBinding web/web:ann:edit -> ClusterRole edit: create pods",
            "unknown        mon   RoleBinding web/web:mon:monitor: ClusterRole monitor is not "
            "known offline",
            "no credential  lena  suspended: on leave",
            "no credential  lena  would be allowed by RoleBinding web/web:lena:edit -> "
            "ClusterRole edit: create pods",
            "2 users may create pods in namespace web",
            OFFLINE,
        ],
    )


def test_who_can_without_a_namespace_lists_who_may_in_some(ask: Ask) -> None:
    status, lines = ask("who-can", "get", "secrets")

    assert status == 0
    assert [line.split()[:2] for line in lines[:2]] == [["yes", "root"], ["partly", "ann"]]
    assert lines[-2] == "2 users may get secrets in all namespaces or in some"


def test_who_can_as_json(ask: Ask) -> None:
    document = json.loads("\n".join(ask("who-can", "get", "secrets", "--format", "json")[1]))

    assert [(each["subject"], each["answer"]) for each in document["subjects"]] == [
        ("root", "yes"),
        ("ann", "partly"),
        ("mon", "unknown"),
        ("lena", "no credential"),
    ]


def test_nobody_is_no_error(ask: Ask) -> None:
    status, lines = ask("who-can", "impersonate", "users")
    assert (status, lines[-2]) == (0, "1 user may impersonate users")


def test_doubts_are_warnings(write_project: Write, capsys: Captured) -> None:
    folder = str(write_project({"web": WEB}))

    assert main(["-C", folder, "can", "ann", "get", "pods/log", "-n", "web"]) == 0
    assert capsys.readouterr().err == (
        "warning: this asks for pods of the name 'log'. For the subresource, write "
        "pods --subresource=log.\n"
    )


@pytest.mark.parametrize(
    "wrong",
    [["can", "anne", "get", "pods"], ["can", "ann", "get", "pdos"], ["who-can", "x", "po1"]],
)
def test_what_is_not_understood_is_1(
    wrong: list[str], write_project: Write, capsys: Captured
) -> None:
    assert main(["-C", str(write_project({"web": WEB})), *wrong]) == 1
    assert "no such" in capsys.readouterr().err


@pytest.mark.parametrize("asked", [("can", "ann"), ("who-can",)])
def test_a_namespace_that_is_nearly_one_of_users_is_doubted(
    asked: tuple[str, ...], write_project: Write, capsys: Captured
) -> None:
    folder = str(write_project({"web": WEB, "ops": OPS}))
    for namespace, warning in (
        ("webb", "warning: users/ speaks of no namespace 'webb'. Did you mean 'web'?\n"),
        ("shred", "warning: users/ speaks of no namespace 'shred'. Did you mean 'shared'?\n"),
        ("web", ""),
        ("users-web", ""),
        ("elsewhere", ""),
    ):
        main(["-C", folder, *asked, "get", "pods", "-n", namespace])
        assert capsys.readouterr().err == warning
