"""What can happen to a team's state in the cluster."""

import json

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
