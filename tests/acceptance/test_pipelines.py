"""The deploys in examples/, run as a runner would run them once all is installed."""

import json
import os
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from controlplane import ControlPlane
from tests.ci_jobs import DEPLOY, DRIFT, GITLAB, steps
from tests.project import ROOT, Project, Shown, pods

TEAMS = ("dawn", "dusk")
USER = 'User("{name}", email="u@example.com", access=[view("web")], expires="2026-12-04")'
FIRST_DAY, AFTER = "2026-12-04", "2026-12-05"

_INSTALLS = re.compile(r"(apt-get|chmod \+x|curl|echo|export PATH|make install|python)\b")


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Project]:
    """A project in git, whose cluster has no other teams: drift would show them all."""
    (tmp_path / "project").mkdir()
    with ControlPlane(tmp_path / "control-plane") as cluster:
        project = Project(tmp_path / "project", cluster)
        for namespace in ("web", "ci"):
            project.kubectl("create", "namespace", namespace)
        project.write("seed", "")
        project.kuberoster("bootstrap")  # what it writes into cdktf.json stands in the base
        _commit(project)
        for team in TEAMS:
            project.write(team, USER.format(name=f"of-{team}"))
        _commit(project)
        _prepare_credentials(project)
        yield project


def test_the_jobs_deploy_what_is_due_and_fail_where_the_cluster_differs(alone: Project) -> None:
    first = _run_job(DEPLOY, "deploy", alone, day=FIRST_DAY, base="HEAD^")
    assert first.status == 0, first.output
    tokens = [alone.token(f"of-{team}") for team in TEAMS]
    assert [alone.status(token, pods("web")) for token in tokens] == [200, 200]
    quiet = _run_job(DRIFT, "drift", alone, day=FIRST_DAY)
    assert quiet.status == 0, quiet.output

    alone.kubectl("create", "serviceaccount", "planted", "-n", "users-dusk")
    second = _run_job(GITLAB, "deploy", alone, day=AFTER, base="HEAD")
    assert second.status == 2, second.output
    assert "users-dusk/planted" in second.output
    for token in tokens:
        alone.reaches(token, pods("web"), 401, within=15)
    nightly = _run_job(GITLAB, "drift", alone, day=AFTER)
    assert (nightly.status, "users-dusk/planted" in nightly.output) == (2, True), nightly.output


def test_a_deploy_does_not_start_where_its_review_is_blocked(alone: Project) -> None:
    """Here because what is planned is more than the change: its base was never deployed."""
    alone.write("dusk", USER.format(name="of-dusk"), team_is='Team(note="new")')
    _commit(alone)

    for file in (DEPLOY, GITLAB):
        blocked = _run_job(file, "deploy", alone, day=FIRST_DAY, base="HEAD^")
        assert blocked.status == 1, blocked.output
        assert "BLOCKED (unexplained): dusk" in blocked.output
    namespaces = {each["metadata"]["name"] for each in alone.objects("namespaces")}
    assert not {f"users-{team}" for team in TEAMS} & namespaces


def _commit(project: Project) -> None:
    git = ("git", "-c", "user.name=Test", "-c", "user.email=test@example.com")
    if not (project.folder / ".git").exists():
        project.run("git", "init", "-q")
        (project.folder / ".git" / "info" / "exclude").write_text("cdktf.out\nkubeconfig\n")
    project.run("git", "add", ".")
    project.run(*git, "commit", "-qm", "users")


def _prepare_credentials(project: Project) -> None:
    """What docs/pipelines.md tells an administrator to do."""
    for job in ("deploy", "drift"):
        project.kubectl("create", "serviceaccount", job, "-n", "ci")
        user = f"system:serviceaccount:ci:{job}"
        printed = yaml.safe_load_all(project.kuberoster("job-roles", job, "--user", user))
        listed = {"apiVersion": "v1", "kind": "List", "items": list(printed)}
        project.kubectl("apply", "-f", "-", given=listed)


def _credential(project: Project, job: str) -> str:
    """The kubeconfig of a job's ServiceAccount."""
    config = json.loads(project.kubectl("config", "view", "--raw", "-o", "json"))
    token = project.kubectl("create", "token", job, "-n", "ci").strip()
    config["users"][0]["user"] = {"token": token}
    return json.dumps(config)


def _run_job(file: str, job: str, project: Project, *, day: str, base: str = "") -> Shown:
    """Run the job's steps, but for those that install, until one fails.

    Asserts that the kubeconfig is in a file of mode 0600, and in nothing that is printed.
    """
    content = _credential(project, job)
    kubeconfig = project.folder / "kubeconfig"
    path = f"{sysconfig.get_path('scripts')}:{ROOT / 'node_modules' / '.bin'}:{os.environ['PATH']}"
    environment = project.environment | {
        "PATH": path,
        "RUNNER_TEMP": str(project.folder),
        "KUBEROSTER_TODAY": day,
        "CDKTF_SKIP_PROVIDER_LOCK": "true",  # as in Project.cdktf
    }
    del environment["KUBECONFIG"], environment["KUBE_CONFIG_PATH"]
    if file == GITLAB:  # a variable of the type File, and one that the job before left
        kubeconfig.write_text(content)
        kubeconfig.chmod(0o666)
        environment |= {"KUBE_CONFIG_PATH": str(kubeconfig), "BASE": base}
    expressions = {
        "secrets.KUBECONFIG": content,
        "runner.temp": str(project.folder),
        "needs.approved.outputs.base": base,
    }

    status, output = 0, ""
    for script, variables in steps(file, job):
        if _INSTALLS.match(script):
            continue
        filled = {
            name: re.sub(r"\$\{\{ (\S+) \}\}", lambda found: expressions[found[1]], value)
            for name, value in variables.items()
        }
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=project.folder,
            env=environment | filled,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        status, output = done.returncode, output + done.stdout
        if status:
            break
    assert kubeconfig.stat().st_mode & 0o777 == 0o600
    (token,) = re.findall(r'"token": "(\S+)"', content)
    assert token not in output
    return Shown(status, output)
