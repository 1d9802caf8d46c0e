"""The CI jobs in docs/schedule.md, run as a runner would run them once all is installed."""

import os
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from controlplane import ControlPlane
from tests.ci_jobs import EXAMPLES, GITHUB, GITLAB, steps
from tests.project import ROOT, Project, Shown, pods

TEAMS = ("dawn", "dusk")
USER = 'User("{name}", email="u@example.com", access=[view("web")], expires="2026-12-04")'

_INSTALLS = re.compile(r"(apt-get|chmod \+x|curl|echo|export PATH|make install|python)\b")


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Project]:
    """A project whose cluster has no other teams: drift would show them all."""
    (tmp_path / "project").mkdir()
    with ControlPlane(tmp_path / "control-plane") as cluster:
        project = Project(tmp_path / "project", cluster)
        project.kubectl("create", "namespace", "web")
        for team in TEAMS:
            project.write(team, USER.format(name=f"of-{team}"))
        project.kuberoster("bootstrap")
        yield project


def test_the_jobs_deploy_what_is_due_and_fail_where_the_cluster_differs(alone: Project) -> None:
    first = _run_job(GITHUB, alone, day="2026-12-04")
    assert first.status == 0, first.output
    tokens = [alone.token(f"of-{team}") for team in TEAMS]
    assert [alone.status(token, pods("web")) for token in tokens] == [200, 200]

    alone.kubectl("create", "serviceaccount", "planted", "-n", "users-dusk")
    second = _run_job(GITLAB, alone, day="2026-12-05")
    assert second.status == 2, second.output
    assert "users-dusk/planted" in second.output
    for token in tokens:
        alone.reaches(token, pods("web"), 401, within=15)


def _run_job(file: str, project: Project, *, day: str) -> Shown:
    """Run the job's steps, but for those that install, until one fails.

    Asserts that the kubeconfig is in a file of mode 0600, and in nothing that is printed.
    """
    content = project.control_plane.kubeconfig.read_text()
    kubeconfig = project.folder / "kubeconfig"
    if file == GITLAB:  # a variable of the type File
        kubeconfig.write_text(content)
        kubeconfig.chmod(0o666)
    path = f"{sysconfig.get_path('scripts')}:{ROOT / 'node_modules' / '.bin'}:{os.environ['PATH']}"
    environment = project.environment | {
        "PATH": path,
        "RUNNER_TEMP": str(project.folder),
        "KUBEROSTER_TODAY": day,
        "CDKTF_SKIP_PROVIDER_LOCK": "true",  # as in Project.cdktf
    }
    del environment["KUBECONFIG"], environment["KUBE_CONFIG_PATH"]
    if file == GITLAB:
        environment["KUBE_CONFIG_PATH"] = str(kubeconfig)
    expressions = {"secrets.KUBECONFIG": content, "runner.temp": str(project.folder)}

    status, output = 0, ""
    for script, variables in steps(EXAMPLES[file]):
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
    assert _credentials(content)
    assert not any(word in output for word in _credentials(content))
    return Shown(status, output)


def _credentials(kubeconfig: str) -> list[str]:
    return re.findall(r"(?:token|client-key-data): *(\S+)", kubeconfig)
