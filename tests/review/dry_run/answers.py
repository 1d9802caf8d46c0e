"""What the API server said of a deploy's objects, and the users that these tests take."""

from tests.project import Project
from tests.review.revisions import reviewed

USER = 'User("{0}-{1}", email="x@example.com", access=[view("web")])'
NOT_CHECKABLE = "not checkable before deploy"


def write(project: Project, team: str, *users: str) -> None:
    project.write(team, ", ".join(USER.format(team, user) for user in users))


def answers(project: Project, *options: str) -> dict[str, tuple[str, str]]:
    """What the API server said of each object: the result, and why."""
    document = reviewed(project, "--server-dry-run", *options)
    return {each["object"]: (each["result"], each["why"] or "") for each in document["dry_run"]}
