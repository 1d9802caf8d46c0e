"""What one rule allows; test_subject_access_review.py asks the API server the same."""

import pytest

from kuberoster.rbac.authorizer import NonResourceAttributes, PolicyRule, ResourceAttributes
from kuberoster.rbac.effective import effective_access
from kuberoster.rbac.policy import Policy
from tests.project import Object
from tests.rbac.edges import EDGES, identity_of, objects_of


@pytest.mark.parametrize("edge", EDGES)
def test_an_edge_is_decided_as_the_api_server_does(edge: str) -> None:
    access = effective_access(Policy(objects_of(edge)), identity_of(edge))

    assert bool(access.allowing(EDGES[edge].asked)) == EDGES[edge].allowed


POD_LOG = ResourceAttributes(verb="get", resource="pods", subresource="log")


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (
            {"verbs": ["list", "get"], "resources": ["x", "pods/log"], "apiGroups": ["", "apps"]},
            "get pods/log",
        ),
        ({"verbs": ["*"], "resources": ["*"], "apiGroups": ["*"]}, "* *.*"),
        ({"verbs": ["get"], "resources": ["*/log"], "apiGroups": ["*"]}, "get *.*/log"),
    ],
)
def test_the_shortest_part_of_a_rule_is_shown(rule: Object, shown: str) -> None:
    part = PolicyRule.read(rule).part_for(POD_LOG)

    assert str(part) == shown
    assert part.allows(POD_LOG)


def test_names_stay_in_the_part_that_is_shown() -> None:
    rule = PolicyRule.read(
        {"verbs": ["get"], "resources": ["secrets"], "apiGroups": [""], "resourceNames": ["a", "b"]}
    )
    asked = ResourceAttributes(verb="get", resource="secrets", name="a")

    assert str(rule.part_for(asked)) == "get secrets named a, b"


def test_the_url_that_matches_is_shown() -> None:
    rule = PolicyRule.read({"verbs": ["get", "post"], "nonResourceURLs": ["/a", "/metrics*"]})

    assert str(rule.part_for(NonResourceAttributes(verb="post", path="/metrics/x"))) == (
        "post /metrics*"
    )


def test_a_rule_is_written_as_it_was_read() -> None:
    rule = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["x"]}

    assert PolicyRule.read(rule).written() == rule
