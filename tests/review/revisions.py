"""A project in a git repository, reviewed against its last commit on a live cluster."""

import json
import subprocess
from typing import Any

from tests.project import Project, Shown
from tests.review.schema import valid

_GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]


def commit(project: Project) -> None:
    """Commit users/ and cdktf.json as they are; the first time, make the repository."""
    for command in (["init", "--quiet"], ["add", "users", "cdktf.json"]):
        subprocess.run([*_GIT, *command], cwd=project.folder, check=True)
    message = ["commit", "--quiet", "--allow-empty", "--message=as it was"]
    subprocess.run([*_GIT, *message], cwd=project.folder, check=True)


def review(project: Project, *options: str) -> Shown:
    ground = () if "--offline" in options else ("--no-plan",)
    return project.run_any("review", "--base", "HEAD", *ground, *options)


def reviewed(project: Project, *options: str) -> dict[str, Any]:
    """The review as JSON."""
    shown = review(project, "--format", "json", *options)
    assert shown.status in (0, 2, 3), shown.errors
    return valid(json.loads(shown.output))


def gained(document: dict[str, Any], user: str) -> set[str]:
    """All resources on which a user gains something, whatever the scope."""
    return {
        resource
        for each in document["users"]
        if each["user"] == user
        for scope in each["access"]
        for rule in scope["gained"]
        for resource in rule.get("resources", ())
    }
