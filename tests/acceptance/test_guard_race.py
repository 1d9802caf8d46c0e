"""A plan made before a revocation, applied after it: the API server itself refuses."""

import json
import subprocess
import threading
from collections import defaultdict
from pathlib import Path

import pytest

from controlplane import ControlPlane
from tests.acceptance.killing import CountingProxy, Moment
from tests.project import Project, pods

ONE = 'User("{0}", email="{0}@example.com", access=[view("web")])'
KINDS = "serviceaccounts,secrets,rolebindings"
APPLY = ["apply", "-no-color", "-input=false"]


def _left(project: Project, user: str) -> list[str]:
    found = project.objects(KINDS, "-A", "-l", f"kuberoster.io/user={user}")
    return [f"{each['kind']} {each['metadata']['name']}" for each in found]


def _plain(output: str) -> str:
    return " ".join(output.replace("│", " ").split())


def test_a_plan_that_was_saved_before_the_revocation_brings_nobody_back(
    project: Project, team: str
) -> None:
    new, other = f"{team}-new", f"{team}-other"
    project.write(team, f"{ONE.format(new)}, {ONE.format(other)}")
    project.synth()
    project.terraform(team, "plan", "-no-color", "-input=false", "-out=saved")
    project.kuberoster("revoke", new, "--yes")

    said = _plain(project.terraform(team, *APPLY, "saved", fails=True))

    assert f"user {new} is revoked. Suspend or remove the user in the roster;" in said
    assert f"kuberoster revoke {new} --lift" in said
    assert _left(project, new) == []
    project.kubectl("create", "token", new, "-n", f"users-{team}", fails=True)
    assert project.run_any("kubeconfig", new).status == 1
    assert project.status(project.token(other), pods("web")) == 200

    project.write(team, ONE.format(other))
    project.apply(team)
    assert project.changes(team) == {}


def test_a_plan_of_more_for_a_user_who_is_revoked_meanwhile_is_refused(
    project: Project, team: str
) -> None:
    user = f"{team}-ann"
    project.write(team, ONE.format(user))
    project.apply(team)
    dead = [
        project.token(user),
        project.kubectl("create", "token", user, "-n", f"users-{team}").strip(),
    ]
    project.write(
        team,
        f'User("{user}", email="{user}@example.com", access=[view("web"), view("api")], '
        'tokens=["main", "more"])',
    )
    project.synth()
    project.terraform(team, "plan", "-no-color", "-input=false", "-out=saved")
    project.kuberoster("revoke", user, "--yes")

    said = _plain(project.terraform(team, *APPLY, "saved", fails=True))

    assert f"user {user} is revoked." in said
    assert _left(project, user) == []
    assert [project.status(token, pods("web")) for token in dead] == [401, 401]


class RevokingProxy(CountingProxy):
    """Holds the first write of a kind for each user, until that user is revoked."""

    def __init__(self, control_plane: ControlPlane, folder: Path, project: Project, at: str):
        super().__init__(control_plane, folder)
        self.project, self.at = project, at
        self.held: defaultdict[str, list[str]] = defaultdict(list)
        """The tokens that each revoked user had."""
        self.said: list[str] = []
        self._once = threading.Lock()

    def _count(self, request: bytes) -> Moment | None:
        line, _, rest = request.partition(b"\r\n")
        verb, _, path = line.decode().partition(" ")
        kind = path.split("?")[0].split(" ")[0].rpartition("/")[2]
        if verb == "POST" and kind == self.at:
            body = json.loads(rest.partition(b"\r\n\r\n")[2])
            user = body["metadata"].get("labels", {}).get("kuberoster.io/user")
            if user:
                self._revoke(user)
        return super()._count(request)

    def _revoke(self, user: str) -> None:
        with self._once:
            if user in self.held:
                return
            self.held[user] = []
        project = self.project
        place = ["-n", f"users-{user.rpartition('-')[0]}"]
        asked = subprocess.run(
            ["kubectl", "create", "token", user, *place],
            env=project.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.held[user] += asked.stdout.split()
        done = project.run_any("revoke", user, "--yes")
        self.said.append(f"{done.status}: {done.output}{done.errors}")


@pytest.mark.parametrize("kind", ["serviceaccounts", "secrets", "rolebindings"])
def test_an_apply_stopped_before_each_write_of_ten_users_brings_none_of_them_back(
    project: Project, team: str, tmp_path: Path, kind: str
) -> None:
    """Each user's write of the kind waits, the user is revoked, and the write goes on."""
    users = [f"{team}-u{number}" for number in range(10)]
    project.write(team, ", ".join(ONE.format(user) for user in users))
    project.synth()
    project.terraform(team, "version")
    before = dict(project.environment)
    with RevokingProxy(project.control_plane, tmp_path, project, kind) as proxy:
        apply = subprocess.run(
            ["terraform", f"-chdir={project.stack(team)}", *APPLY, "-auto-approve"],
            env=before | {"KUBE_CONFIG_PATH": str(proxy.kubeconfig)},
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )
    assert apply.returncode == 1
    said = _plain(apply.stdout + apply.stderr)
    assert sorted(proxy.held) == users
    assert [each for each in proxy.said if not each.startswith("0: ")] == []
    # The provider gives a ServiceAccount's creation up after 30 s; the API server still gets it.
    refused = [user for user in users if f"user {user} is revoked." in said]
    assert refused
    assert len(refused) + said.count("context deadline exceeded") >= len(users)
    for user in users:
        assert _left(project, user) == []
        for token in proxy.held[user]:
            assert project.status(token, pods("web")) == 401
    if kind != "serviceaccounts":
        assert all(proxy.held[user] for user in users)  # there was a token that could have lived
