"""After `kuberoster revoke`: no deploy gives access back until the roster or a person says so."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.project import Object, Project, pods, until

ONE = 'User("{0}", email="{0}@example.com", access=[view("web")]{1})'


@contextmanager
def _deploy_that_holds_the_lock(project: Project, team: str) -> Iterator[None]:
    """A real apply that waits for its confirmation, and gets it in the end."""
    project.synth()
    project.terraform(team, "version")
    apply = subprocess.Popen(
        ["terraform", f"-chdir={project.stack(team)}", "apply", "-no-color"],
        env=project.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert apply.stdin
    assert apply.stdout
    seen = ""
    while "Only 'yes' will be accepted" not in seen:
        line = apply.stdout.readline()
        assert line, seen
        seen += line
    try:
        yield
    finally:
        apply.communicate("yes\n")


def _requested(project: Project, team: str, user: str) -> str:
    return project.kubectl("create", "token", user, "-n", f"users-{team}").strip()


def _marked(project: Project, user: str) -> bool:
    found: Object = json.loads(
        project.kubectl("get", "configmap", "revoked-users", "-n", "kuberoster-state", "-o", "json")
    )
    return user in found.get("data", {})


def test_a_revoked_user_stays_out_until_suspended_and_comes_back_only_when_lifted(
    project: Project,
) -> None:
    team, user = "vault", "kim"
    other = ONE.format("lee", "")
    project.write(team, f"{ONE.format(user, '')}, {other}")
    project.apply(team)
    dead = [project.token(user), _requested(project, team, user)]
    lee = project.token("lee")
    assert [project.status(token, pods("web")) for token in dead] == [200, 200]

    # While a deploy holds the lock, and wants to give the user a second token.
    project.write(team, ", ".join([ONE.format(user, ', tokens=["main", "more"]'), other]))
    with _deploy_that_holds_the_lock(project, team):
        assert "Error acquiring the state lock" in project.cdktf("deploy", fails=True)
        said = project.kuberoster("revoke", user, "--yes")
        assert "2 tokens tried, the last one refused" in said
        assert [project.status(token, pods("web")) for token in dead] == [401, 401]
    # Its Secret is for a ServiceAccount that is not there, so Kubernetes takes it away again.
    assert any(not project.secrets(user) for _ in until(20))

    stopped = " ".join(project.cdktf("deploy", fails=True).replace("│", " ").split())
    assert f"Revoked in the cluster: {user}." in stopped
    assert "kuberoster revoke USER --lift" in stopped
    assert project.secrets(user) == {}
    drift = project.run_any("drift", team)
    assert drift.status == 2
    assert f"revoked     User {user} " in drift.output
    assert 'suspend the user (suspended="why")' in drift.output

    project.write(team, ", ".join([ONE.format(user, ', suspended="stolen laptop"'), other]))
    project.apply(team)
    assert project.run_any("drift", team).status == 0
    assert project.secrets(user) == {}
    assert project.status(lee, pods("web")) == 200

    # Resumed without a word to the cluster: the mark still holds.
    project.write(team, f"{ONE.format(user, '')}, {other}")
    assert "Revoked in the cluster: kim." in project.cdktf("deploy", fails=True)
    assert "lifted" in project.kuberoster("revoke", user, "--lift", "--yes")
    project.cdktf("deploy")
    new = project.token(user)
    assert project.reaches(new, pods("web"), 200, within=5) < 5
    assert [project.status(token, pods("web")) for token in dead] == [401, 401]
    assert project.status(lee, pods("web")) == 200
    assert project.changes(team) == {}


def test_it_works_without_any_state_and_without_the_state_s_namespace(project: Project) -> None:
    team, user, space = "exile", "exile-pia", "state-of-exile"
    project.configure(roster="exile", state={"namespace": space})
    project.write(team, ONE.format(user, ""))
    project.kuberoster("bootstrap")
    project.apply(team)
    dead = [project.token(user), _requested(project, team, user)]
    assert [project.status(token, pods("web")) for token in dead] == [200, 200]
    project.kubectl("delete", "namespace", space, "--wait")

    project.kuberoster("revoke", user, "--yes")

    assert [project.status(token, pods("web")) for token in dead] == [401, 401]
    # The namespace is back, with the mark in it, and the deploy starts from no state.
    stopped = project.cdktf("deploy", fails=True)
    assert f"Revoked in the cluster: {user}." in " ".join(stopped.replace("│", " ").split())
    assert project.secrets(user) == {}


def test_a_team_with_another_backend_stops_too_and_needs_no_mark_to_deploy(
    project: Project,
) -> None:
    project.configure(state={"backend": "local"})
    users = [ONE.format(name, "") for name in ("jon", "joe", "jim")]
    project.write("shelf", ", ".join(users))
    project.apply("shelf")
    for user in ("jon", "jim"):
        project.token(user)
        project.kuberoster("revoke", user, "--yes")
        assert _marked(project, user)

    project.synth()
    plan = ["plan", "-no-color", "-input=false"]
    stopped = " ".join(project.terraform("shelf", *plan, fails=True).split())
    assert "Revoked in the cluster: jim, jon." in stopped

    project.write("shelf", users[1])
    project.synth()
    project.terraform("shelf", *plan)


def test_where_there_is_no_namespace_and_no_mark_nobody_is_revoked(project: Project) -> None:
    project.configure(state={"backend": "local"})
    project.write("fresh", ONE.format("void-sue", ""))
    project.synth()
    stack = project.stack("fresh") / "cdk.tf.json"
    text = stack.read_text()
    assert '"namespace": "kuberoster-state"' in text
    stack.write_text(text.replace('"kuberoster-state"', '"no-such-namespace"'))
    shown = project.terraform("fresh", "plan", "-no-color", "-input=false", "-out=plan")
    assert "data.kubernetes_config_map_v1.revoked-users: Read complete" in shown
    plan = project.run("terraform", f"-chdir={project.stack('fresh')}", "show", "-json", "plan")
    (read,) = json.loads(plan)["prior_state"]["values"]["root_module"]["resources"]
    assert read["values"]["data"] is None
