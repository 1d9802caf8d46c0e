"""Two rosters, and an app of somebody's own, on one cluster: none sees or touches another's."""

import json
from collections.abc import Callable

import pytest

from tests.acceptance.states import forget_state
from tests.project import Project, pods

Make = Callable[[str], Project]
ONE = 'User("{0}", email="u@example.com", access=[view("web")])'
STATE = "state-of-payments"


@pytest.fixture
def both(new_project: Make) -> tuple[Project, Project]:
    """Two deployed rosters: `main` with the team `shop-main`, `wages` with `shop-pay`."""
    first, second = new_project("main"), new_project("wages")
    second.configure(roster="wages", state={"namespace": STATE})
    first.write("shop-main", ONE.format("moe"))
    second.write("shop-pay", ONE.format("pam"))
    second.kuberoster("bootstrap")
    for project, team in ((first, "shop-main"), (second, "shop-pay")):
        project.apply(team)
    return first, second


def test_neither_ever_sees_or_harms_the_other(both: tuple[Project, Project]) -> None:
    first, second = both
    tokens = {first: first.token("moe"), second: second.token("pam")}
    owned = {first: ("main", "shop-main", "moe"), second: ("wages", "shop-pay", "pam")}
    for project, other in ((first, second), (second, first)):
        _, team, user = owned[other]
        drift = project.run_any("drift")
        assert team not in drift.output + drift.errors
        assert user not in drift.output + drift.errors
        assert team not in project.run_any("recover").errors
        for retire in (["--retire", team], ["--retire", team, "--in", f"users-{team}"]):
            said = project.run_any("recover", *retire, "--yes")
            assert "delete" not in said.output
        for where in ([], ["--in", f"users-{team}"]):
            assert project.run_any("revoke", user, "--yes", *where).status == 1
        assert other.status(tokens[other], pods("web")) == 200

    # Each one's state is lost, and each one's team leaves: still only its own.
    for project, other in ((first, second), (second, first)):
        name, team, _ = owned[project]
        if project is first:
            forget_state(project, team)
            assert owned[other][2] not in project.kuberoster("recover", team, "--yes")
        (project.folder / "users" / f"{team}.py").unlink()
        project.write(f"stays-{name}", "")
        errors = project.run_any("drift").errors
        assert f"team '{team}': there is no users/{team}.py" in errors
        assert owned[other][1] not in errors
        project.kuberoster("recover", "--retire", team, "--yes")
        assert project.reaches(tokens[project], pods("web"), 401, within=15) < 15
        if project is first:
            assert other.status(tokens[other], pods("web")) == 200
            assert other.changes(owned[other][1]) == {}


def test_an_app_of_somebodys_own_is_no_team_that_left(project: Project) -> None:
    """TokenUser with a Team that names no roster, or another one."""
    project.write("own-team", ONE.format("ona"))
    project.apply("own-team")
    for team, roster in (("people", None), ("staff", "hr")):
        labels = [f"kuberoster.io/team={team}", "app.kubernetes.io/managed-by=kuberoster"]
        labels += [f"kuberoster.io/roster={roster}"] if roster else []
        project.kubectl("create", "namespace", f"users-{team}")
        project.kubectl("create", "serviceaccount", f"{team}-a", "-n", f"users-{team}")
        project.kubectl(
            "create",
            "rolebinding",
            f"{team}:{team}-a:view",
            "-n",
            "web",
            "--clusterrole=view",
            f"--serviceaccount=users-{team}:{team}-a",
        )
        project.kubectl("label", "namespace", f"users-{team}", *labels)
        account = ["serviceaccount", f"{team}-a", "-n", f"users-{team}"]
        project.kubectl("label", *account, *labels, f"kuberoster.io/user={team}-a")
        project.kubectl("label", "rolebinding", f"{team}:{team}-a:view", "-n", "web", *labels)

    shown = project.run_any("drift")
    assert "people" not in shown.output + shown.errors
    assert "staff" not in shown.output + shown.errors
    for team in ("people", "staff"):
        said = project.run_any("recover", "--retire", team, "--yes")
        assert "delete" not in said.output
        said = project.run_any("revoke", f"{team}-a", "--yes")
        assert said.status == 1
        assert f"users-{team}" in said.errors or "no such user" in said.errors
        project.kubectl("get", "serviceaccount", f"{team}-a", "-n", f"users-{team}")
        project.kubectl("get", "rolebinding", f"{team}:{team}-a:view", "-n", "web")


def test_an_app_with_a_team_of_our_teams_name_keeps_its_roles(project: Project) -> None:
    project.write("same-name", ONE.format("sal"))
    project.apply("same-name")
    theirs = ["same-name:zoe:own", "-n", "web"]
    project.kubectl("create", "role", *theirs, "--verb=get", "--resource=pods")
    labels = ["kuberoster.io/team=same-name", "app.kubernetes.io/managed-by=kuberoster"]
    project.kubectl("label", "role", *theirs, *labels, "kuberoster.io/user=zoe")

    assert project.run_any("drift", "same-name").status == 0
    assert "nothing to do" in project.kuberoster("recover", "same-name")
    (project.folder / "users" / "same-name.py").unlink()
    project.write("same-stays", "")
    assert "zoe" not in project.kuberoster("recover", "--retire", "same-name", "--yes")
    project.kubectl("delete", "role", *theirs)


def test_what_hides_behind_another_rosters_name_among_our_users_is_shown(project: Project) -> None:
    project.write("hidden", ONE.format("hid"))
    project.apply("hidden")
    project.kubectl("create", "serviceaccount", "ghost", "-n", "users-hidden")
    label = "kuberoster.io/roster=elsewhere"
    project.kubectl("label", "serviceaccount", "ghost", "-n", "users-hidden", label)
    project.kubectl(
        "create",
        "rolebinding",
        "to-hid",
        "-n",
        "api",
        "--clusterrole=view",
        "--serviceaccount=users-hidden:hid",
    )
    project.kubectl("label", "rolebinding", "to-hid", "-n", "api", label)

    shown = json.loads(project.run_any("drift", "hidden", "--format", "json").output)

    project.kubectl("delete", "rolebinding", "to-hid", "-n", "api")
    of = ", and says that it is of the roster 'elsewhere'"
    assert [f"{each['object']}: {each['what']}" for each in shown["differences"]] == [
        f"RoleBinding api/to-hid: gives ServiceAccount users-hidden/hid the ClusterRole view{of}",
        f"ServiceAccount users-hidden/ghost: is not in the roster{of}",
    ]
