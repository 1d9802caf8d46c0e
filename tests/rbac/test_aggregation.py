"""Which ClusterRoles an aggregated one takes up; the API server's own are in test_defaults.py."""

from typing import Any

import pytest

from kuberoster.rbac.aggregation import selects, with_aggregated_rules
from tests.project import Object

LABELS = {"team": "web", "kind": "view"}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ({}, True),
        ({"matchLabels": {"team": "web"}}, True),
        ({"matchLabels": {"team": "api"}}, False),
        ({"matchLabels": {"team": "web", "other": "x"}}, False),
        ({"matchExpressions": [{"key": "team", "operator": "In", "values": ["web", "api"]}]}, True),
        ({"matchExpressions": [{"key": "none", "operator": "In", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "none", "operator": "NotIn", "values": ["web"]}]}, True),
        ({"matchExpressions": [{"key": "team", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "none", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "none", "operator": "DoesNotExist"}]}, True),
        (
            {
                "matchLabels": {"team": "web"},
                "matchExpressions": [{"key": "kind", "operator": "DoesNotExist"}],
            },
            False,
        ),
    ],
)
def test_a_selector_selects_by_labels_and_expressions(
    selector: dict[str, Any], matches: bool
) -> None:
    assert selects(selector, LABELS) is matches


def role(name: str, verb: str = "", label: str = "", takes: str = "") -> Object:
    rules = [{"verbs": [verb], "apiGroups": [""], "resources": ["pods"]}] if verb else []
    selectors = [{"matchLabels": {"to": label}} for label in takes.split()]
    aggregation = {"aggregationRule": {"clusterRoleSelectors": selectors}} if takes else {}
    labels = {"to": label} if label else {}
    return {
        "kind": "ClusterRole",
        "metadata": {"name": name, "labels": labels},
        "rules": rules,
        **aggregation,
    }


def verbs(*roles: Object) -> dict[str, list[str]]:
    return {
        item["metadata"]["name"]: [rule["verbs"][0] for rule in item["rules"]]
        for item in with_aggregated_rules(roles)
    }


def test_rules_go_through_a_chain_of_aggregated_roles_whatever_their_order() -> None:
    chain = [
        role("a", takes="b"),
        role("b", label="b", takes="c"),
        role("c", label="c", takes="d"),
        role("d", "get", label="d"),
    ]

    assert verbs(*chain) == verbs(*reversed(chain)) | {}
    assert verbs(*chain) == {"a": ["get"], "b": ["get"], "c": ["get"], "d": ["get"]}


def test_roles_that_take_up_each_other_end() -> None:
    assert verbs(
        role("a", label="x", takes="y z"), role("b", label="y", takes="x"), role("c", "get", "z")
    ) == {"a": ["get"], "b": ["get"], "c": ["get"]}


def test_rules_of_an_aggregated_role_s_own_are_overwritten() -> None:
    assert verbs(role("a", "list", takes="x"), role("b", "get", "x"))["a"] == ["get"]


def test_a_rule_that_one_role_has_twice_is_taken_once() -> None:
    twice = role("b", "get", "x")
    twice["rules"] *= 2

    assert verbs(role("a", takes="x"), twice)["a"] == ["get"]


def test_a_rule_that_two_roles_have_is_taken_once_and_in_the_order_of_names() -> None:
    taken = verbs(
        role("all", takes="x"), role("c", "get", "x"), role("b", "list", "x"), role("a", "get", "x")
    )

    assert taken["all"] == ["get", "list"]
