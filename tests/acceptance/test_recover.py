"""`kuberoster recover`: lost and old states, locks, and what it never touches."""

import json
import socket
from typing import Any

import pytest

from tests.acceptance.states import forget_state, locked, roll_back, saved_state, state_text
from tests.project import Project, pods, until

TWO = """
    User("{0}-ann", email="a@example.com", access=[edit("web"), view("api")]),
    User("{0}-bob", email="b@example.com", tokens=["x", "y"], access=[
        Role("pods", rules=[Rule(["list"], ["pods"])])("web"), view.cluster_wide()]),
"""
TOGETHER = "state and cluster are together; nothing to do\n"


@pytest.mark.parametrize("backend", ["kubernetes", "local"])
def test_a_lost_state_costs_nobody_their_access(project: Project, backend: str) -> None:
    team = f"lost-{backend}"
    project.configure(state={"backend": backend})
    project.write(team, TWO.format(team), team_is='Team(access=[view("api")])')
    project.apply(team)
    tokens = [project.token(f"{team}-ann"), project.token(f"{team}-bob", "y")]
    if backend == "local":
        (project.folder / f"terraform.{team}.tfstate").unlink()
    else:
        forget_state(project, team)
    said = project.terraform(team, "apply", "-no-color", "-auto-approve", fails=True)
    assert "already exists" in said

    shown = project.kuberoster("recover", team, fails=True)
    assert "nothing was done" in shown
    assert "need a new kubeconfig" not in shown
    assert project.kuberoster("recover", team, "--yes").startswith(
        shown.partition("not confirmed")[0]
    )
    assert project.changes(team) == {}
    assert [project.status(token, pods("web")) for token in tokens] == [200, 200]
    assert project.token(f"{team}-ann") == tokens[0]
    for token in tokens:
        assert token not in state_text(project, team)
        assert token.split(".")[1] not in state_text(project, team)
    assert project.kuberoster("recover", team) == TOGETHER
    assert "0 added, 0 changed, 0 destroyed" in project.cdktf("deploy", team)


def test_an_import_of_a_secret_would_bring_its_token_into_state(project: Project) -> None:
    """What `recover` must not do; were this to pass, it could."""
    project.write("naive", 'User("naive-nia", email="n@example.com")')
    project.apply("naive")
    token = project.token("naive-nia")
    name = project.secrets("naive-nia")["main"]
    project.terraform("naive", "state", "rm", "kubernetes_secret_v1.naive-nia_main")
    project.terraform(
        "naive", "import", "-no-color", "kubernetes_secret_v1.naive-nia_main", f"users-naive/{name}"
    )
    assert token in state_text(project, "naive")
    # Other tests look for tokens in every state of this control plane.
    project.kubectl("delete", "secret", "-n", "kuberoster-state", "tfstate-default-naive-users")
    project.outputs.clear()


def test_of_two_secrets_for_one_token_both_go_and_the_user_is_named(project: Project) -> None:
    project.write("double", 'User("double-dot", email="d@example.com", access=[view("web")])')
    project.apply("double")
    name = project.secrets("double-dot")["main"]
    token = project.token("double-dot")
    (found,) = project.objects(
        "secrets", "-n", "users-double", "-l", "kuberoster.io/user=double-dot"
    )
    twin = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": found["type"],
        "metadata": {
            "generateName": "double-dot-main-",
            "labels": found["metadata"]["labels"],
            "annotations": {"kubernetes.io/service-account.name": "double-dot"},
        },
    }
    project.kubectl("create", "-n", "users-double", "-f", "-", given=twin)
    _wait_for_uids(project, "users-double", 2)
    forget_state(project, "double")

    shown = project.kuberoster("recover", "double", "--yes")
    assert f"delete Secret users-double/{name}" in shown
    assert "need a new kubeconfig if theirs is from a Secret that goes: double-dot\n" in shown
    project.apply("double")
    assert project.reaches(token, pods("web"), 401, within=15) < 15
    assert project.status(project.token("double-dot"), pods("web")) == 200


PLANTED: dict[str, Any] = {
    "another account's": {"annotations": {"kubernetes.io/service-account.name": "{0}-bob"}},
    "of a chosen name": {"name": "{0}-ann-main-mine"},
    "of a longer name": {"name": "{0}-ann-main-abcdef"},
    "without the labels": {"labels": {"kuberoster.io/user": "{0}-ann"}},
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_secret_is_never_adopted(project: Project, kind: str) -> None:
    team = f"plant{list(PLANTED).index(kind)}"
    project.write(team, TWO.format(team))
    project.apply(team)
    user = f"{team}-ann"
    (found,) = project.objects("secrets", "-n", f"users-{team}", "-l", f"kuberoster.io/user={user}")
    metadata = {
        "name": f"{user}-main-abcde",
        "labels": found["metadata"]["labels"],
        "annotations": {"kubernetes.io/service-account.name": user},
    } | json.loads(json.dumps(PLANTED[kind]).replace("{0}", team))
    project.kubectl("delete", "secret", found["metadata"]["name"], "-n", f"users-{team}")
    planted = {"apiVersion": "v1", "kind": "Secret", "type": found["type"], "metadata": metadata}
    project.kubectl("create", "-n", f"users-{team}", "-f", "-", given=planted)
    _wait_for_uids(project, f"users-{team}", 3)
    forget_state(project, team)

    shown = project.kuberoster("recover", team, "--yes")
    assert f"delete Secret users-{team}/{metadata['name']}" in shown
    assert f"kubernetes_secret_v1.{user}_main" not in shown
    project.apply(team)
    assert metadata["name"] not in state_text(project, team)
    assert project.secrets(user)["main"] != metadata["name"]


def test_a_secret_that_was_turned_to_another_user_goes(project: Project) -> None:
    """Its name and its place in the state are as before, and it holds the token of another."""
    team = "turned"
    users = 'User("{0}-ann", email="a@example.com"), User("{0}-bob", email="b@example.com")'
    project.write(team, users.format(team))
    project.apply(team)
    project.token(f"{team}-bob")
    name = project.secrets(f"{team}-bob")["main"]
    (ann,) = project.objects("serviceaccounts", "-n", f"users-{team}", "-l", _user(f"{team}-ann"))
    of_ann = {
        "kubernetes.io/service-account.name": f"{team}-ann",
        "kubernetes.io/service-account.uid": ann["metadata"]["uid"],
    }
    patch = json.dumps({"metadata": {"annotations": of_ann}, "data": {"token": None}})
    place = ("secret", name, "-n", f"users-{team}")
    project.kubectl("patch", *place, "--type=merge", "-p", patch)
    stolen = project.token(f"{team}-bob")
    assert project.reaches(stolen, "/api", 200, within=15) < 15

    said = project.kuberoster("recover", team, "--yes")

    assert f"is to hold a token of '{team}-ann' and not of '{team}-bob'" in said
    assert project.reaches(stolen, "/api", 401, within=15) < 15
    assert project.changes(team) == {f"kubernetes_secret_v1.{team}-bob_main": ["create"]}


def _user(name: str) -> str:
    return f"kuberoster.io/user={name}"


def _wait_for_uids(project: Project, namespace: str, number: int) -> None:
    for _ in until(30):
        uids = [
            "kubernetes.io/service-account.uid" in secret["metadata"]["annotations"]
            for secret in project.objects("secrets", "-n", namespace)
        ]
        if uids.count(True) == number:
            return
    raise AssertionError(f"{uids}")


def test_an_account_that_somebody_else_made_is_not_taken(project: Project) -> None:
    project.write("foreign", "")
    project.apply("foreign")
    project.kubectl("create", "serviceaccount", "foreign-tia", "-n", "users-foreign")
    stolen = project.kubectl("create", "token", "foreign-tia", "-n", "users-foreign").strip()
    project.write("foreign", 'User("foreign-tia", email="t@example.com", access=[view("web")])')

    said = project.kuberoster("recover", "foreign", "--yes", fails=True)
    assert "ServiceAccount users-foreign/foreign-tia" in said
    assert "did not make" in said
    project.kubectl("delete", "serviceaccount", "foreign-tia", "-n", "users-foreign")
    project.apply("foreign")
    assert project.reaches(stolen, pods("web"), 401, within=15) < 15
    assert project.status(project.token("foreign-tia"), pods("web")) == 200


def test_what_a_dead_deploy_made_and_the_roster_no_longer_has_is_deleted(project: Project) -> None:
    project.write("revert", TWO.format("revert"))
    project.apply("revert")
    token = project.token("revert-bob", "x")
    by_others = ["rolebinding", "others", "-n", "web", "--ignore-not-found"]
    project.kubectl(
        "create", "rolebinding", "others", "--clusterrole=view", "--user=z", "-n", "web"
    )
    forget_state(project, "revert")
    project.write("revert", 'User("revert-ann", email="a@example.com", access=[edit("web")])')

    shown = project.kuberoster("recover", "revert", "--yes")
    assert "delete ServiceAccount users-revert/revert-bob" in shown
    assert "delete RoleBinding web/revert:revert-bob:role=pods" in shown
    assert "delete Role web/revert:revert-bob:role=pods" in shown
    assert "delete ClusterRoleBinding revert:revert-bob:view" in shown
    assert "others" not in shown
    assert project.reaches(token, pods("web"), 401, within=15) < 15
    project.apply("revert")
    assert project.changes("revert") == {}
    assert project.objects("rolebindings", "-n", "web", "--field-selector=metadata.name=others")
    project.kubectl("delete", *by_others)


def test_a_replacement_that_died_half_way_is_finished(project: Project) -> None:
    """The state knows the binding that went, and not the one that came at its address."""
    project.write("half", 'User("half-hal", email="h@example.com", access=[edit("web")])')
    project.apply("half")
    old = saved_state(project, "half")
    project.write("half", 'User("half-hal", email="h@example.com", access=[view("web")])')
    project.apply("half")
    roll_back(project, "half", old)
    said = project.terraform("half", "apply", "-no-color", "-auto-approve", fails=True)
    assert "already exists" in said

    project.kuberoster("recover", "half", "--yes")
    assert project.changes("half") == {}


def test_the_lock_of_a_dead_terraform_of_this_host_is_released(project: Project) -> None:
    project.write("dead", "")
    project.apply("dead")
    with locked(project, "dead", f"root@{socket.gethostname()}"):
        said = project.terraform("dead", "apply", "-no-color", "-auto-approve", fails=True)
        assert "Error acquiring the state lock" in said
        shown = project.kuberoster("recover", "dead", "--yes")
        assert f"release the lock held by root@{socket.gethostname()} since 2026-11-20" in shown
        project.apply("dead")
        assert project.kuberoster("recover", "dead") == TOGETHER


def test_the_lock_of_another_host_is_released_only_by_force(project: Project) -> None:
    project.write("afar", "")
    project.apply("afar")
    with locked(project, "afar", "ci@runner-7"):
        said = project.kuberoster("recover", "afar", "--yes", fails=True)
        assert "held by ci@runner-7 since 2026-11-20" in said
        assert "--force" in said
        project.terraform("afar", "apply", "-no-color", "-auto-approve", fails=True)
        assert "release the lock held by ci@" in project.kuberoster(
            "recover", "afar", "--yes", "--force"
        )
        project.apply("afar")
