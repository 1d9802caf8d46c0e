"""A user is revoked while a deploy waits for its approval, or stands still before the user."""

import os
import re
import signal
from pathlib import Path

import pytest

from tests.acceptance.killing import CountingProxy, Moment, processes_of
from tests.project import ROOT, Project, Shown, pods
from tests.terminal import at_terminal

ONE = 'User("{0}", email="{0}@example.com", access=[view("web")])'


def _comes_not_back(project: Project, team: str, newbie: str, deploy: Shown) -> None:
    said = " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[│\r]", " ", deploy.output).split())
    assert deploy.status != 0, said
    assert f"user {newbie} is revoked. Suspend or remove the user in the roster;" in said
    assert f"kuberoster revoke {newbie} --lift" in said
    kinds = "serviceaccounts,secrets,roles,rolebindings"
    found = project.objects(kinds, "-A", "-l", f"kuberoster.io/user={newbie}")
    assert [f"{each['kind']} {each['metadata']['name']}" for each in found] == []
    project.kubectl("get", "serviceaccount", newbie, "-n", f"users-{team}", fails=True)
    project.kubectl("create", "token", newbie, "-n", f"users-{team}", fails=True)
    assert project.run_any("kubeconfig", newbie).status == 1


def test_a_deploy_that_waited_for_its_approval_during_a_revocation_brings_nobody_back(
    project: Project, team: str
) -> None:
    newbie, other = f"{team}-newbie", f"{team}-other"
    project.write(team, f"{ONE.format(newbie)}, {ONE.format(other)}")
    cdktf = str(ROOT / "node_modules" / ".bin" / "cdktf")

    deploy = at_terminal(
        project,
        [cdktf, "deploy", team, "--skip-provider-lock"],
        {name: value for name, value in project.environment.items() if name != "CI"},
        question="Approve",
        answer="\r",
        meanwhile=lambda: project.kuberoster("revoke", newbie, "--yes"),
    )

    _comes_not_back(project, team, newbie, deploy)
    assert project.status(project.token(other), pods("web")) == 200


class FirstObjectProxy(CountingProxy):
    """Its moment is the write of the first object, after those of Terraform's lock."""

    def _count(self, request: bytes) -> Moment | None:
        first = request.startswith((b"POST /api/v1/namespaces?", b"POST /api/v1/namespaces "))
        return self._moment if first else None

    def processes(self, name: str) -> list[int]:
        """What runs below the command under this name."""
        return processes_of(self._victim, name)


@pytest.mark.parametrize("stopped", ["terraform", "terraform-provi"])
def test_an_apply_that_stood_still_before_the_user_during_a_revocation_brings_nobody_back(
    project: Project, team: str, tmp_path: Path, stopped: str
) -> None:
    """The program is stopped by SIGSTOP, and goes on by SIGCONT."""
    newbie = f"{team}-newbie"
    project.write(team, ONE.format(newbie))
    project.synth()
    project.terraform(team, "version")
    command = ["terraform", f"-chdir={project.stack(team)}", "apply", "-no-color", "-auto-approve"]

    def revoke() -> None:
        programs = proxy.processes(stopped)
        assert programs
        for each in programs:
            os.kill(each, signal.SIGSTOP)
        project.kuberoster("revoke", newbie, "--yes")
        for each in programs:
            os.kill(each, signal.SIGCONT)

    with FirstObjectProxy(project.control_plane, tmp_path) as proxy:
        at = Moment(number=0, arrives=False)
        deploy = proxy.interrupt(project, command, at, revoke)

    _comes_not_back(project, team, newbie, deploy)
