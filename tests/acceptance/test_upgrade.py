"""A cluster that the version before the roster's label deployed, and the next deploy."""

import json
import subprocess

from tests.acceptance.reviewing import ANN, BOB, meddle, review_base, write
from tests.acceptance.reviewing import deployed as commit_and_deploy
from tests.project import ROOT, Project, pods

LABEL = "kuberoster.io/roster"
WITHOUT_THE_LABEL = f"""
    for objects in resource.values():
        for each in objects.values():
            each.get("metadata", {{}}).get("labels", {{}}).pop({LABEL!r}, None)
"""


def test_the_next_deploy_adds_the_label_in_place_and_tokens_live_on(project: Project) -> None:
    team = "up-grade"
    users = ANN.format(team, ""), BOB.format(team, 'tokens=["x", "y"]')
    meddle(project, WITHOUT_THE_LABEL)
    commit_and_deploy(project, team, *users)
    tokens = [project.token(f"{team}-ann"), project.token(f"{team}-bob", "y")]
    (account,) = project.objects("sa", "-A", "-l", f"kuberoster.io/user={team}-ann")
    assert LABEL not in account["metadata"]["labels"]
    before = project.secrets(f"{team}-bob")

    main = (ROOT / "main.py").read_text()
    (project.folder / "main.py").write_text(main)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x", "commit", "--quiet", "-am", "upgrade"]
    subprocess.run(git, cwd=project.folder, check=True)
    # Drift names it, kubeconfigs can be had, and recover has nothing to do.
    shown = project.run_any("drift", team, "--format", "json")
    differences = json.loads(shown.output)["differences"]
    assert {each["what"] for each in differences} == {f"label {LABEL} is unset and not 'main'"}
    # Beside the repository, since git would take it there.
    file = project.folder.parent / f"{team}.kubeconfig"
    project.kuberoster("kubeconfig", f"{team}-ann", "-o", str(file))
    assert "nothing to do" in project.kuberoster("recover", team)

    write(project, team, *users, f'User("{team}-eve", email="e@example.com")')
    changes = project.changes(team)
    new = {address for address in changes if f"{team}-eve" in address}
    assert {tuple(changes[address]) for address in new} == {("create",)}
    assert {tuple(changes[address]) for address in changes.keys() - new} == {("update",)}
    found = review_base(project)
    assert found.kinds == set()
    entries = found.entries(team)
    assert {entries[address][1][0] for address in changes.keys() - new} == {"upgrade"}
    assert entries.keys() == changes.keys()
    text = project.run_any("review", "--base", "HEAD").output
    assert "(gets the label of its roster, which an earlier version did not put on)" in text

    project.apply(team)

    assert project.changes(team) == {}
    assert project.secrets(f"{team}-bob") == before
    assert [project.status(token, pods("api")) for token in tokens] == [403, 200]
    assert [project.token(f"{team}-ann"), project.token(f"{team}-bob", "y")] == tokens
    shown = project.run_any("drift", team)
    assert shown.status == 0, shown.output


def test_a_lost_state_of_the_earlier_version_costs_nobody_their_access(project: Project) -> None:
    team = "up-lost"
    meddle(project, WITHOUT_THE_LABEL)
    commit_and_deploy(project, team, ANN.format(team, ""))
    token = project.token(f"{team}-ann")
    (project.folder / "main.py").write_text((ROOT / "main.py").read_text())
    name = f"tfstate-default-{team}-users"
    project.kubectl("delete", "secret", "-n", "kuberoster-state", name)

    said = project.kuberoster("recover", team, "--yes")

    assert "adopt Secret" in said
    assert "\n  delete " not in said
    project.apply(team)
    assert project.changes(team) == {}
    assert project.token(f"{team}-ann") == token
    assert project.status(token, pods("web")) == 200


def test_a_team_of_the_earlier_version_that_left_is_known_by_its_state(project: Project) -> None:
    team = "up-left"
    meddle(project, WITHOUT_THE_LABEL)
    commit_and_deploy(project, team, ANN.format(team, ""))
    token = project.token(f"{team}-ann")
    (project.folder / "main.py").write_text((ROOT / "main.py").read_text())
    (project.folder / "users" / f"{team}.py").unlink()
    project.write("up-stays", "")

    said = project.run_any("drift")
    assert (
        f"there is no users/{team}.py, and there is still namespace users-{team} with 1"
        in said.errors
    )
    assert f"undeclared  ServiceAccount users-{team}/{team}-ann" in said.output
    # Revoked by hand it is too: the state says whose the namespace is.
    project.kuberoster("revoke", f"{team}-ann", "--yes")
    assert project.status(token, pods("web")) == 401
    project.kuberoster("recover", "--retire", team, "--yes")
    assert project.objects("namespaces", "-l", f"kuberoster.io/team={team}") == []
