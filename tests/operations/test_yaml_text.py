"""What we write as YAML, read by kubectl: every name stays the text that it is."""

import json

import yaml
from hypothesis import given
from hypothesis import strategies as st

from kuberoster.operations.yaml_text import to_yaml
from tests.project import Project

# Names that users, namespaces or tokens may have, and that YAML parsers take for others.
NAMES = ["y", "n", "on", "off", "yes", "no", "true", "null", "1e3", "0o7", "0x1f", "e3"]


def test_names_that_look_like_numbers_or_truth_reach_the_cluster_as_they_are(
    project: Project,
) -> None:
    users = (
        f'User("{name}", email="u@example.com", namespace="{name}", tokens=["{name}"])'
        for name in NAMES
    )
    project.write("odd", ", ".join(users))
    project.create()
    accounts = project.objects("serviceaccounts", "-n", "users-odd", "-l", "kuberoster.io/user")
    assert sorted(account["metadata"]["name"] for account in accounts) == sorted(NAMES)
    for name in NAMES:
        project.kuberoster("kubeconfig", name)
        shown = json.loads(
            project.kubectl(
                "--kubeconfig",
                str(project.folder / f"{name}.kubeconfig"),
                "config",
                "view",
                "-o",
                "json",
            )
        )
        assert shown["contexts"][0]["context"]["namespace"] == name


@given(st.dictionaries(st.text(), st.text() | st.lists(st.text()) | st.booleans()))
def test_any_text_is_read_back(document: dict[str, object]) -> None:
    assert yaml.safe_load(to_yaml(document)) == document
