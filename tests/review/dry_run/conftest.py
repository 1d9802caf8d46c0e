import itertools

import pytest

from tests.project import Project
from tests.review.dry_run.answers import write
from tests.review.revisions import commit

_numbers = itertools.count()


@pytest.fixture
def deployed(project: Project) -> tuple[Project, str]:
    """A project with the user `<team>-ann`, committed and in the cluster; and its team."""
    team = f"sdry{next(_numbers)}"
    write(project, team, "ann")
    project.create()
    # As a deploy leaves it.
    off = '{"automountServiceAccountToken": false}'
    default = ("serviceaccount", "default", "-n", f"users-{team}")
    project.kubectl("patch", *default, "-p", off)
    project.token(f"{team}-ann")
    commit(project)
    return project, team
