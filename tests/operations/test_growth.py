"""What commands must not ask the API server more often: counted, and may only fall."""

import json
from collections.abc import Iterator

import pytest

from controlplane import ControlPlane
from tests.audit import asked
from tests.project import Project

AUTHOR = ("-c", "user.name=x", "-c", "user.email=x@example.com")

COMMANDS = {
    # Before bootstrap, which changes cdktf.json.
    "review --offline --base HEAD": 0,
    # Who we are; the ConfigMap of revoked users; a list of each of eight kinds; and for teams
    # that have left, the users' namespaces and the states; and of the guard what stands. A list is
    # a request for 500 objects.
    "drift": 17,
    # Who we are; the revoked users; the ServiceAccount; the list of its Secrets; the one that was
    # asked for; and who the new file is.
    "kubeconfig user-0 -o out.kubeconfig --force": 6,
    # Who we are; which cluster it is; whose the roster's name is; what a deploy needs, by a list
    # each; of the state's namespace the quota and what may be in it; and the guard's policies.
    "bootstrap --same-roster": 33,
    # 21 to find and end the user, and a SubjectAccessReview for each way in that two scopes
    # could give: the cluster and one namespace. The end of each deletion is waited for, and each
    # second it is looked whether the user is back.
    "revoke user-1 --yes": 184,
    "manifests": 0,
    "validate": 0,
    "can user-0 get pods -n web": 0,
    "who-can get pods -n web": 0,
}
"""The most requests to the API server, however many users there are."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane that writes an audit log, for this module alone."""
    with ControlPlane(tmp_path_factory.mktemp("control-plane"), audit=True) as own:
        first = Project(tmp_path_factory.mktemp("bootstrap"), own)
        first.write("bootstrap", "")
        first.kubectl("create", "namespace", "web")
        first.kuberoster("bootstrap")
        yield own


@pytest.fixture(scope="module", params=[3, 12], ids="{} users".format)
def filled(
    request: pytest.FixtureRequest,
    prepared: ControlPlane,
    tmp_path_factory: pytest.TempPathFactory,
) -> Project:
    """A project with so many users in one team, all of whom are in the cluster with a token."""
    project = Project(tmp_path_factory.mktemp("project"), prepared)
    names = [f"user-{one}" for one in range(request.param)]
    users = [f'User("{name}", email="u@example.com", access=[edit("web")])' for name in names]
    project.write("web", ", ".join(users))
    project.run("git", "init", "--quiet")
    project.run("git", "add", "cdktf.json", "users")
    project.run("git", *AUTHOR, "commit", "--quiet", "--message=x")
    project.kubectl("delete", "namespace", "users-web", "--ignore-not-found")
    project.kubectl("delete", "rolebinding", "--namespace=web", "--all")
    state = ("--namespace=kuberoster-state", "--ignore-not-found")
    project.kubectl("delete", "configmap", "revoked-users", *state)
    project.create()
    # What a deploy does to an object that Kubernetes makes.
    no_token = json.dumps({"automountServiceAccountToken": False})
    project.kubectl("patch", "serviceaccount/default", "--namespace=users-web", "-p", no_token)
    for name in names:
        project.token(name)
    return project


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_asks_no_more_with_more_users(filled: Project, command: str) -> None:
    with asked(filled.control_plane, agent="kuberoster") as requests:
        shown = filled.run_any(*command.split())

    assert shown.status == 0, shown.errors
    assert len(requests) <= COMMANDS[command], requests
    assert bool(requests) == bool(COMMANDS[command])
