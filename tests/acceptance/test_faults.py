"""What goes wrong around a deploy: each ends in a clear message, and heals."""

import json
from collections.abc import Callable
from pathlib import Path

from controlplane import ControlPlane
from tests.acceptance.killing import CountingProxy, Moment, recover
from tests.acceptance.leaks import leaks
from tests.project import Project, pods

APPLY = ["apply", "-no-color", "-input=false", "-auto-approve"]


def prepare(project: Project, team: str, count: int, labels: list[str]) -> list[str]:
    """Write so many users, each with these tokens, and synthesise; the command that deploys."""
    users = (
        f'User("{team}-{index}", email="u@example.com", access=[view("web")], tokens={labels})'
        for index in range(count)
    )
    project.write(team, ", ".join(users))
    project.synth()
    project.terraform(team, "version")  # init
    return ["terraform", f"-chdir={project.stack(team)}", *APPLY]


def secrets(project: Project, team: str) -> int:
    return len(project.objects("secrets", "-n", f"users-{team}"))


def drift(project: Project, team: str) -> list[str]:
    """The objects that differ."""
    shown = project.run_any("drift", team, "--format", "json")
    differences = json.loads(shown.output)["differences"]
    assert shown.status == (2 if differences else 0)
    return [difference["object"] for difference in differences]


def test_without_recovery_a_rotation_that_died_leaves_tokens_that_nobody_tracks(
    project: Project, team: str
) -> None:
    prepare(project, team, 10, ["a"])
    project.terraform(team, *APPLY)
    command = prepare(project, team, 10, ["a", "b"])
    with CountingProxy(project.control_plane, project.folder) as proxy:
        proxy.kill(project, command, Moment(number=8, arrives=True))
    made = secrets(project, team) - 10
    assert made > 0
    # What people try first, and what they try then.
    refused = project.terraform(team, *APPLY, fails=True)
    assert "Error acquiring the state lock" in refused
    project.terraform(team, *APPLY, "-lock=false")
    assert secrets(project, team) == 20 + made
    assert project.changes(team) == {}
    assert len(drift(project, team)) == 2 * made

    project.run(*recover(team))
    assert secrets(project, team) == 20
    assert drift(project, team) == []


def test_an_api_server_that_stops_in_the_middle_of_a_deploy(tmp_path: Path, team: str) -> None:
    with ControlPlane(tmp_path / "cluster") as cluster:
        (tmp_path / "project").mkdir()
        project = Project(tmp_path / "project", cluster)
        project.kubectl("create", "namespace", "web")
        project.write(team, "")
        project.kuberoster("bootstrap")
        command = prepare(project, team, 20, ["a"])
        with CountingProxy(cluster, project.folder) as proxy:

            def stop() -> None:
                cluster.stop_api_server()
                proxy.close()

            ended = proxy.interrupt(project, command, Moment(number=30, arrives=False), stop)
        assert ended.status == 1
        assert "connection refused" in ended.output
        assert "Error releasing the state lock" in ended.output
        cluster.start_api_server()
        project.run(*recover(team))
        assert "Apply complete" in project.cdktf("deploy")
        assert drift(project, team) == []
        assert secrets(project, team) == 20
        token = project.token(f"{team}-7", "a")
        assert project.reaches(token, pods("web"), 200, within=5) < 5
        assert leaks(project, token) == []


def test_a_disk_that_is_full_when_local_state_is_written(project: Project, team: str) -> None:
    project.configure(state={"backend": "local"})
    prepare(project, team, 10, ["a"])
    project.terraform(team, *APPLY)
    old = project.token(f"{team}-3", "a")
    state = project.folder / f"terraform.{team}.tfstate"
    command = prepare(project, team, 10, ["a", "b"])
    # No file may grow beyond this, in blocks of 512 bytes: room for some of the new Secrets.
    limit = state.stat().st_size // 512 + 4
    said = project.run("sh", "-c", f'ulimit -f {limit} && exec "$@"', "sh", *command, fails=True)
    assert "Failed to write state" in said
    assert "file too large" in said
    assert secrets(project, team) == 20
    assert "Unsupported state file format" in project.run(*command, fails=True)

    project.run(*recover(team))
    project.terraform(team, *APPLY)
    assert drift(project, team) == []
    assert secrets(project, team) == 20
    tokens = [old, project.token(f"{team}-3", "b")]
    assert [project.status(token, pods("web")) for token in tokens] == [200, 200]
    assert leaks(project, old) == []


def test_of_two_people_who_deploy_at_once_one_is_told_who_does(
    new_project: Callable[[str], Project], team: str
) -> None:
    ann, bob = new_project("ann"), new_project("bob")
    command = prepare(ann, team, 10, ["a"])
    prepare(bob, team, 10, ["a"])
    refused: list[str] = []

    def meanwhile() -> None:
        refused.append(bob.cdktf("deploy", fails=True))
        # Nor does a recovery take the lock away from a deploy that lives.
        refused.append(bob.run(*recover(team), fails=True))

    with CountingProxy(ann.control_plane, ann.folder) as proxy:
        ended = proxy.interrupt(ann, command, Moment(number=12, arrives=True), meanwhile)
    assert ended.status == 0, ended.output
    deploy, recovery = refused
    assert "Error acquiring the state lock" in deploy
    assert "OperationTypeApply" in deploy
    assert "Terraform is at work on this machine" in recovery
    for person in (ann, bob):
        assert "No changes" in person.cdktf("deploy")
    assert drift(ann, team) == []
    assert secrets(ann, team) == 10


def test_access_that_somebody_edits_between_plan_and_apply(project: Project) -> None:
    user = (
        'User("between-zoe", email="z@example.com", access=[view("web"), '
        'Role("reader", rules=[Rule({verbs}, ["secrets"])])("web")])'
    )
    project.write("between", user.format(verbs=["list"]))
    project.apply("between")
    project.write("between", user.format(verbs=["list", "get"]))
    project.plan("between")
    intruder = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "mallory"}
    widened = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    for kind, name, field, value in (
        ("rolebinding", "between:between-zoe:view", "/subjects/-", intruder),
        ("role", "between:between-zoe:role=reader", "/rules/-", widened),
    ):
        patch = json.dumps([{"op": "add", "path": field, "value": value}])
        project.kubectl("patch", kind, name, "-n", "web", "--type=json", "-p", patch)

    project.terraform("between", "apply", "-no-color", "-input=false", "plan")
    assert "RoleBinding web/between:between-zoe:view" in drift(project, "between")
    project.terraform("between", *APPLY)
    assert drift(project, "between") == []
    token = project.token("between-zoe")
    secrets_of_web = "/api/v1/namespaces/web/secrets"
    assert project.status(token, secrets_of_web) == 200
    assert project.status(token, secrets_of_web, create={"metadata": {"name": "x"}}) == 403


def test_a_clock_that_is_a_day_ahead_costs_a_new_credential_and_revives_no_old_one(
    project: Project,
) -> None:
    right_day, wrong_day = "2026-12-03", "2026-12-04"
    project.write(
        "clock",
        f'User("gast", email="g@example.com", access=[view("web")], expires="{right_day}"),'
        'User("robot", owner="gast", access=[view("web")], '
        f'tokens=["main", Token("old", until="{right_day}")])',
    )

    def deploy_on(day: str) -> None:
        project.environment["KUBEROSTER_TODAY"] = day
        project.apply("clock")

    def held() -> list[str]:
        return [project.token("gast"), project.token("robot", "old")]

    deploy_on(right_day)
    first, stays = held(), project.token("robot")
    deploy_on(wrong_day)
    for token in first:
        assert project.reaches(token, pods("web"), 401, within=15) < 15
    project.environment["KUBEROSTER_TODAY"] = right_day
    assert "ServiceAccount users-clock/gast" in drift(project, "clock")
    deploy_on(right_day)
    second = held()
    assert [project.status(token, pods("web")) for token in [*second, stays]] == [200] * 3
    deploy_on(wrong_day)
    for token in [*first, *second]:
        assert project.reaches(token, pods("web"), 401, within=15) < 15
    assert project.status(stays, pods("web")) == 200
    assert drift(project, "clock") == []
