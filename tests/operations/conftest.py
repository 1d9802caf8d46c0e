from itertools import count
from pathlib import Path

import pytest

from tests.project import Project

_numbers = count()


@pytest.fixture
def deployed(project: Project) -> Project:
    """A project with one user, who is in the cluster with the tokens `old` and `new`.

    Team and user have names of their own, see `names_of`.
    """
    team = f"k{next(_numbers)}k"
    user = f'User("u{team}", email="u@example.com", access=[view("web")], tokens=["old", "new"])'
    project.write(team, user)
    project.create()
    project.token(f"u{team}", "new")
    return project


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.cluster)
