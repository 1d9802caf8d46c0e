"""Roles for custom resources are judged by what the cluster serves."""

from collections.abc import Iterator

import pytest

from tests.project import Object, Project, until
from tests.review.revisions import commit, review, reviewed

TEXT = 'User("unserved-ann", email="ann@example.com", access=[{}])'
ROLE = 'Role("r", rules=[Rule(["get", "list"], ["{}"], api_groups=["{}"])])'


def _definition(plural: str, kind: str, scope: str) -> Object:
    names = {"plural": plural, "singular": kind.lower(), "kind": kind}
    schema = {"openAPIV3Schema": {"type": "object"}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.unserved.example.com"},
        "spec": {
            "group": "unserved.example.com",
            "scope": scope,
            "names": names,
            "versions": [version],
        },
    }


@pytest.fixture
def served(project: Project) -> Iterator[Project]:
    """A project of a user without access, committed, and a cluster with custom resources."""
    made = (
        _definition("widgets", "Widget", "Namespaced"),
        _definition("gadgets", "Gadget", "Cluster"),
    )
    for each in made:
        project.kubectl("create", "-f", "-", given=each)
    for _ in until(30):
        listed = project.kubectl("api-resources", "--api-group=unserved.example.com", "-o", "name")
        if len(listed.split()) == len(made):
            break
    project.write("unserved", TEXT.format(""))
    commit(project)
    yield project
    for each in made:
        project.kubectl("delete", "crd", each["metadata"]["name"])


def test_what_a_served_group_has_not_is_an_error_with_what_may_be_meant(served: Project) -> None:
    given = f'{ROLE.format("widgts", "unserved.example.com")}("web")'
    served.write("unserved", TEXT.format(given))

    shown = review(served)

    assert (shown.status, shown.output) == (1, "")
    assert shown.errors == (
        "users/unserved.py: user 'unserved-ann': Role 'r': resources has 'widgts', which "
        "'unserved.example.com' does not have.\n"
        "The cluster has 'gadgets' and 'widgets' there. Did you mean 'widgets'?\n"
    )
    said = served.run_any("bootstrap", "--same-roster")
    assert (said.status, said.errors) == (1, shown.errors)


def test_what_is_of_no_namespace_is_an_error_in_one(served: Project) -> None:
    given = f'{ROLE.format("gadgets", "unserved.example.com")}("web")'
    served.write("unserved", TEXT.format(given))

    assert "'gadgets', and the role is granted in a namespace" in review(served).errors


def test_what_is_served_is_taken_and_what_is_not_is_said_calmly(served: Project) -> None:
    roles = [
        ROLE.format("widgets", "unserved.example.com"),
        ROLE.format("apps", "unknown.example.com"),
    ]
    access = f'{roles[0]}("web"), {roles[1].replace(chr(34) + "r", chr(34) + "s", 1)}("web")'
    served.write("unserved", TEXT.format(access))

    found = reviewed(served)

    assert [each for each in found["not_checked"] if "example.com" in each] == [
        "whether what users/ allows in the API groups unknown.example.com exists: they are not "
        "Kubernetes' own, and the cluster does not say"
    ]
    commit(served)
    assert "unknown.example.com" not in str(reviewed(served)["not_checked"])


def test_a_question_about_what_is_not_served_is_an_error(served: Project) -> None:
    words = ("can", "unserved-ann", "get")

    wrong = served.run_any(*words, "widgts.unserved.example.com", "--live")
    right = served.run_any(*words, "widgets.unserved.example.com", "--live")

    assert (wrong.status, right.status) == (1, 2)
    assert "Did you mean 'widgets.unserved.example.com'?" in wrong.errors
    assert right.output.startswith("no")
