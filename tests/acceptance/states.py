"""What can happen to a team's state in the cluster."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.project import Object, Project


def forget_state(project: Project, team: str) -> None:
    """Lose it."""
    project.kubectl("delete", "secret", "-n", "kuberoster-state", _name(team))


def saved_state(project: Project, team: str) -> Object:
    """A backup of it."""
    shown = project.kubectl("get", "secret", "-n", "kuberoster-state", _name(team), "-o", "json")
    found: Object = json.loads(shown)
    for field in ("resourceVersion", "uid", "creationTimestamp"):
        del found["metadata"][field]
    return found


def roll_back(project: Project, team: str, backup: Object) -> None:
    """Put a backup in its place."""
    forget_state(project, team)
    project.kubectl("create", "-f", "-", given=backup)


def state_text(project: Project, team: str) -> str:
    """It, as Terraform shows it."""
    return project.terraform(team, "state", "pull")


def _name(team: str) -> str:
    return f"tfstate-default-{team}-users"


@contextmanager
def locked(project: Project, team: str, who: str) -> Iterator[None]:
    """The lock of a team's state, as Terraform writes it when it starts."""
    name = f"lock-tfstate-default-{team}-users"
    info = {
        "ID": "8a1d35f4-7c0e-4f8b-9f11-000000000000",
        "Operation": "OperationTypeApply",
        "Info": "",
        "Who": who,
        "Version": "1.11.4",
        "Created": "2026-11-20T10:00:00.0Z",
        "Path": "",
    }
    lease = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": name,
            "namespace": "kuberoster-state",
            "labels": {"tfstate": "true", "app.kubernetes.io/managed-by": "terraform"},
            "annotations": {"app.terraform.io/lock-info": json.dumps(info)},
        },
        "spec": {"holderIdentity": info["ID"]},
    }
    project.kubectl("delete", "lease", name, "-n", "kuberoster-state", "--ignore-not-found")
    project.kubectl("create", "-f", "-", given=lease)
    try:
        yield
    finally:
        project.kubectl("delete", "lease", name, "-n", "kuberoster-state", "--ignore-not-found")
