"""Teams that leave, or whose file is gone: what drift says, and `kuberoster recover --retire`."""

import json

import pytest

from tests.project import Project, pods

ONE = 'User("{0}-ann", email="a@example.com", access=[edit("web"), view.cluster_wide()])'


def left_of(project: Project, team: str) -> list[str]:
    """Every object in the cluster that carries the team's label, and its state."""
    kinds = "namespaces,serviceaccounts,secrets,resourcequotas,roles,rolebindings"
    found = [
        f"{item['kind']} {item['metadata']['name']}"
        for kind in (kinds, "clusterroles,clusterrolebindings")
        for item in project.objects(kind, "-A", "-l", f"kuberoster.io/team={team}")
    ]
    states = project.objects(
        "secrets", "-n", "kuberoster-state", "-l", f"tfstateSecretSuffix={team}-users"
    )
    return found + [state["metadata"]["name"] for state in states]


def remove_file(project: Project, team: str) -> None:
    (project.folder / "users" / f"{team}.py").unlink()


@pytest.mark.parametrize("backend", ["kubernetes", "local"])
def test_a_team_whose_file_went_at_once_is_an_error_until_it_is_retired(
    project: Project, backend: str
) -> None:
    team = f"gone-{backend}"
    project.configure(state={"backend": backend})
    project.write("stays", "")
    project.write(team, ONE.format(team))
    project.apply(team)
    token = project.token(f"{team}-ann")
    remove_file(project, team)

    error = f"team '{team}': there is no users/{team}.py, and there is still"
    for command in ("drift", "recover"):
        said = project.kuberoster(command, fails=True)
        assert error in said
        assert f"kuberoster recover --retire {team}" in said
    assert project.status(token, pods("web")) == 200

    said = project.kuberoster("recover", "--retire", team, fails=True)
    assert "nothing was done" in said
    assert project.status(token, pods("web")) == 200
    said = project.kuberoster("recover", "--retire", team, "--yes")
    assert f"delete ServiceAccount users-{team}/{team}-ann" in said
    assert left_of(project, team) == []
    assert project.reaches(token, pods("web"), 401, within=15) < 15
    assert error not in project.run_any("recover").errors
    assert "nothing of a team" in project.kuberoster("recover", "--retire", team)
    assert not (project.folder / f"terraform.{team}.tfstate").exists()


def test_a_team_leaves_in_two_deploys_and_its_empty_namespace_is_retired(project: Project) -> None:
    project.write("stays", "")
    project.write("leaving", ONE.format("leaving"), team_is='Team(access=[view("api")])')
    project.apply("leaving")
    token = project.token("leaving-ann")
    project.write("leaving", "")
    project.apply("leaving")
    assert project.reaches(token, pods("web"), 401, within=15) < 15
    remove_file(project, "leaving")

    said = project.kuberoster("drift", fails=True)
    assert "still namespace users-leaving with 0 ServiceAccounts and Terraform's state" in said
    project.kuberoster("recover", "--retire", "leaving", "--yes")
    assert left_of(project, "leaving") == []
    assert "'leaving'" not in project.run_any("drift").errors


def test_a_namespace_that_was_there_before_stays_and_is_closed(project: Project) -> None:
    project.kubectl("create", "namespace", "their-own")
    project.write(
        "guest",
        ONE.format("guest"),
        team_is='Team(namespace="their-own", existing_namespace=True)',
    )
    project.kuberoster("bootstrap", "--same-roster")
    project.apply("guest")
    token = project.token("guest-ann")
    remove_file(project, "guest")
    project.write("stays", "")

    said = project.kuberoster("recover", "--retire", "guest", "--yes")
    assert "keep Namespace their-own" in said
    assert left_of(project, "guest") == []
    assert project.reaches(token, pods("web"), 401, within=15) < 15
    (quota,) = project.objects("resourcequotas", "-n", "their-own")
    assert quota["spec"]["hard"] == {"pods": "0"}
    assert "'guest'" not in project.run_any("drift").output


def test_what_only_carries_the_label_of_a_team_is_left_alone(project: Project) -> None:
    team = "claimed"
    project.write("stays", "")
    project.write(team, ONE.format(team))
    project.apply(team)
    remove_file(project, team)
    labels = [f"kuberoster.io/team={team}", "app.kubernetes.io/managed-by=kuberoster"]
    project.kubectl("create", "serviceaccount", "theirs", "-n", "api")
    project.kubectl(
        "create", "rolebinding", "theirs", "-n", "api", "--clusterrole=view", "--user=x"
    )
    for kind in ("serviceaccount", "rolebinding"):
        project.kubectl("label", kind, "theirs", "-n", "api", *labels)

    said = project.kuberoster("recover", "--retire", team, "--yes")
    assert "theirs" not in said
    for kind in ("serviceaccount", "rolebinding"):
        project.kubectl("get", kind, "theirs", "-n", "api")
        project.kubectl("delete", kind, "theirs", "-n", "api")


def test_a_namespace_with_pods_is_not_taken_for_a_teams(project: Project) -> None:
    project.write("stays", "")
    project.kubectl("create", "namespace", "shop")
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "one"},
        "spec": {"containers": [{"name": "one", "image": "one"}]},
    }
    project.kubectl("wait", "--for=create", "serviceaccount/default", "-n", "shop")
    project.kubectl("create", "-n", "shop", "-f", "-", given=pod)
    for namespace, why in (("shop", "pods"), ("kube-public", "is reserved")):
        labels = ["kuberoster.io/team=shoppers", "app.kubernetes.io/managed-by=kuberoster"]
        project.kubectl("label", "namespace", namespace, *labels)
        retire = ["recover", "--retire", "shoppers", "--yes"]
        said = project.kuberoster(*retire, fails=True)
        assert f"namespace {namespace} has the label kuberoster.io/team=shoppers, which is" in said
        assert f"if it is the team's: kuberoster recover --retire shoppers --in {namespace}" in said
        said = project.kuberoster(*retire, "--in", namespace, fails=True)
        assert f"namespace '{namespace}': has a team's label, and {why}" in said
        project.kubectl("get", "namespace", namespace)
        project.kubectl(
            "label", "namespace", namespace, *(f"{one.split('=')[0]}-" for one in labels)
        )


def test_a_team_of_the_roster_is_not_retired(project: Project) -> None:
    project.write("resident", ONE.format("resident"))
    project.apply("resident")
    said = project.kuberoster("recover", "--retire", "resident", "--yes", fails=True)
    assert "is in the roster" in said
    assert project.status(project.token("resident-ann"), pods("web")) == 200


def test_a_team_is_not_retired_while_somebody_deploys_it(project: Project) -> None:
    project.write("stays", "")
    project.write("busy", ONE.format("busy"))
    project.apply("busy")
    remove_file(project, "busy")
    info = json.dumps({"Who": "ci@runner-7", "Created": "2026-11-20T10:00:00Z"})
    lease = ["lease", "lock-tfstate-default-busy-users", "-n", "kuberoster-state"]
    project.kubectl("annotate", *lease, f"app.terraform.io/lock-info={info}", "--overwrite")
    project.kubectl("patch", *lease, "--type=merge", "-p", '{"spec":{"holderIdentity":"x"}}')
    said = project.kuberoster("recover", "--retire", "busy", "--yes", fails=True)
    assert "held by ci@runner-7 since 2026-11-20" in said
    assert "ServiceAccount busy-ann" in left_of(project, "busy")
    project.kubectl("patch", *lease, "--type=merge", "-p", '{"spec":{"holderIdentity":null}}')
    project.kuberoster("recover", "--retire", "busy", "--yes")
    assert left_of(project, "busy") == []


@pytest.mark.parametrize("backend", ["kubernetes", "local"])
def test_a_team_has_left_only_when_neither_namespace_nor_state_is_there(
    project: Project, backend: str
) -> None:
    team = f"parting-{backend}"
    project.configure(state={"backend": backend})
    project.write("lasting", "")

    def said() -> str:
        """What drift says once the team's file is gone."""
        file = project.folder / "users" / f"{team}.py"
        source = file.read_text()
        file.unlink()
        errors = project.run_any("drift").errors
        file.write_text(source)
        return next((line for line in errors.splitlines() if f"'{team}'" in line), "")

    there = f"team '{team}': there is no users/{team}.py, and there is still"
    project.write(team, f'User("{team}-u", email="u@example.com", access=[view("web")])')
    project.apply(team)
    space = f"namespace users-{team} with"
    assert said() == f"{there} {space} 1 ServiceAccount and Terraform's state."

    project.write(team, "")
    project.apply(team)
    assert said() == f"{there} {space} 0 ServiceAccounts and Terraform's state."

    project.terraform(team, "state", "rm", "-no-color", f"kubernetes_namespace_v1.{team}")
    project.kubectl("delete", "namespace", f"users-{team}")
    assert said() == f"{there} Terraform's state."

    project.terraform(team, "destroy", "-no-color", "-input=false", "-auto-approve")
    assert said() == ""
