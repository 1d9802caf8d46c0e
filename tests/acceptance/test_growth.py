"""What a change of one user must not touch or ask more of: counted, and may only fall."""

from collections.abc import Iterator

import pytest

from controlplane import ControlPlane
from tests.audit import asked
from tests.project import Project

TERRAFORM = "HashiCorp/"
"""How the User-Agent of Terraform and of its provider starts."""
FEW, MANY = 4, 12

OBJECTS = 4
"""Of a user with one token and access to two namespaces: ServiceAccount, Secret, two bindings."""
OF_A_USER = 2 * OBJECTS
"""A plan with refresh asks for each object twice: whether it is there, and what it is."""
OF_ALL = 13
"""Of a plan: the team's namespace and its guards, 6; revoked users, 1; state and lock, 6."""
OF_A_JOINER = 16
"""What an apply asks more to create one user: the objects, and the state that is written."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane that writes an audit log, for this module alone."""
    with ControlPlane(tmp_path_factory.mktemp("control-plane"), audit=True) as own:
        first = Project(tmp_path_factory.mktemp("bootstrap"), own)
        first.write("bootstrap", "")
        for namespace in ("web", "api"):
            first.kubectl("create", "namespace", namespace)
        first.kuberoster("bootstrap")
        yield own


def test_one_user_more_is_four_resources_and_touches_no_other(project: Project) -> None:
    for users in (FEW, MANY):
        write(project, range(users))
        project.apply("grown")
        write(project, range(users + 1))

        changes = project.changes("grown")

        assert len(changes) <= OBJECTS
        assert all(actions == ["create"] for actions in changes.values())
        assert all(f".user-{users}" in address for address in changes)


def test_a_rotated_user_is_two_resources(project: Project) -> None:
    write(project, range(FEW))
    project.apply("grown")
    write(project, range(FEW), last="another")

    changes = project.changes("grown")

    assert sorted(changes.values()) == [["create"], ["delete"]]


def test_a_plan_asks_for_each_object_twice_and_for_little_else(project: Project) -> None:
    for users in (FEW, MANY):
        write(project, range(users))
        project.apply("grown")
        with asked(project.control_plane, agent=TERRAFORM) as with_refresh:
            project.terraform("grown", "plan")
        with asked(project.control_plane, agent=TERRAFORM) as without:
            project.terraform("grown", "plan", "-refresh=false")

        assert users < len(with_refresh) <= OF_ALL + users * OF_A_USER
        assert 0 < len(without) <= OF_ALL


def test_an_apply_of_one_user_asks_little_more_than_its_plan(project: Project) -> None:
    for users in (FEW, MANY):
        write(project, range(users))
        project.apply("grown")
        write(project, range(users + 1))
        with asked(project.control_plane, agent=TERRAFORM) as requests:
            project.apply("grown")

        assert users < len(requests) <= OF_ALL + users * OF_A_USER + OF_A_JOINER


def write(project: Project, numbers: range, last: str = "main") -> None:
    """Write a team of users; the last one's token has a label of its own."""
    access = 'access=[edit("web"), view("api")]'
    tokens = dict.fromkeys(numbers, "main") | {numbers[-1]: last}
    users = [
        f'User("user-{number}", email="u@example.com", tokens=["{label}"], {access})'
        for number, label in tokens.items()
    ]
    project.write("grown", ", ".join(users))
