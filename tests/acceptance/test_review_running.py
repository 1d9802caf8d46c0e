"""How `kuberoster review` runs Terraform: on what, with what, and by whose code."""

import json
import shutil
from pathlib import Path

from tests.acceptance.reviewing import (
    ANN,
    BOB,
    commit,
    deployed,
    git,
    meddle,
    review_base,
    write,
)
from tests.acceptance.states import locked
from tests.project import Project


def test_only_the_team_that_changes_is_planned_and_the_others_are_named(project: Project) -> None:
    teams = ["rp-one", "rp-three", "rp-two"]
    for team in teams:
        write(project, team, ANN.format(team, 'expires="2026-12-31"'))
    project.environment["KUBEROSTER_TODAY"] = "2026-12-24"
    commit(project)
    # What the kubeconfig says, no deploy knows of.
    write(project, "rp-one", ANN.format("rp-one", 'expires="2026-12-31", namespace="web"'))
    write(project, "rp-two", BOB.format("rp-two", ""))

    found = review_base(project)
    assert [plan["team"] for plan in found.document["plans"]] == ["rp-two"]
    assert found.document["not_planned"] == [
        {
            "team": team,
            "changed": False,
            "due": [f"2027-01-01: users/{team}.py: user '{team}-ann': expires after 2026-12-31"],
        }
        for team in ("rp-one", "rp-three")
    ]
    assert [path.name for path in project.folder.glob("cdktf.out/review/*")] == ["rp-two"]
    synthesised = project.folder.glob("cdktf.out/review-stacks/stacks/*")
    assert {path.name for path in synthesised} == {"rp-one", "rp-two"}
    assert git(project, "worktree", "list").count("\n") == 1
    text = project.run_any("review", "--base", "HEAD").output
    assert "not planned, since nothing changes in them: rp-one, rp-three\n" in text


def test_where_code_differs_each_revision_is_synthesised_by_its_own(project: Project) -> None:
    teams = ("rp-code", "rp-more")
    for team in teams:
        write(project, team, ANN.format(team, ""))
    plain = (project.folder / "main.py").read_text()
    meddle(
        project,
        'for quota in resource["kubernetes_resource_quota_v1"].values(): '
        'quota["metadata"]["labels"]["by"] = "main"',
    )
    commit(project)
    for team in teams:
        project.apply(team)
    assert review_base(project).document["plans"] == []
    (project.folder / "main.py").write_text(plain)

    found = review_base(project)
    for team in teams:
        assert found.entries(team) == {
            f"kubernetes_resource_quota_v1.{team}": ("change", ["change"])
        }
    assert found.kinds == set()


def test_a_review_waits_for_no_deploy_and_leaves_no_plan(project: Project, tmp_path: Path) -> None:
    """Each call of Terraform is written down, with the mode of the plan file after it."""
    team = "rp-quiet"
    deployed(project, team, ANN.format(team, ""))
    shim, calls = tmp_path / "bin" / "terraform", tmp_path / "calls"
    shim.parent.mkdir()
    shim.write_text(
        f'#!/bin/sh\n{shutil.which("terraform")} "$@"; status=$?\n'
        f'echo "$1 $(stat -c %a plan 2>/dev/null)" >> {calls}\nexit $status\n'
    )
    shim.chmod(0o755)
    project.environment["PATH"] = f"{shim.parent}:{project.environment['PATH']}"
    write(project, team, ANN.format(team, ""), BOB.format(team, ""))
    with locked(project, team, "ci@runner-7"):
        found = review_base(project)
    assert len(found.entries(team)) == 3
    called = [call for call in calls.read_text().splitlines() if call != "version "]
    assert called == ["init ", "plan 600", "show 600"]
    assert not (project.folder / "cdktf.out" / "review" / team / "plan").exists()


def test_a_credential_of_the_state_s_namespace_alone_is_enough_without_refresh(
    project: Project,
) -> None:
    team = "rp-least"
    deployed(project, team, ANN.format(team, ""))
    secret = project.secrets(f"{team}-ann")["main"]
    space = ["-n", "kuberoster-state"]
    project.kubectl("create", "serviceaccount", team, "-n", "api")
    rights = ["--verb=get,list", "--resource=secrets,configmaps,leases.coordination.k8s.io"]
    project.kubectl("create", "role", team, *space, *rights)
    project.kubectl(
        "create", "rolebinding", team, *space, f"--role={team}", f"--serviceaccount=api:{team}"
    )
    token = project.kubectl("create", "token", team, "-n", "api").strip()
    file = project.folder.parent / "least.kubeconfig"
    shown = json.loads(project.kubectl("config", "view", "--raw", "--flatten", "-o", "json"))
    shown["users"] = [{"name": each["name"], "user": {"token": token}} for each in shown["users"]]
    file.write_text(json.dumps(shown))
    write(project, team, ANN.format(team, ""), BOB.format(team, ""))
    project.environment |= {"KUBECONFIG": str(file), "KUBE_CONFIG_PATH": str(file)}

    found = review_base(project, "--no-refresh")
    assert len(found.entries(team)) == 3
    assert found.status == 2
    (unchecked,) = found.document["not_checked"]
    assert unchecked.startswith("whether a team whose file is gone is still there: ")
    assert project.status(token, f"/api/v1/namespaces/users-{team}/secrets/{secret}") == 403
