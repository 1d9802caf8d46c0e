"""Aggregated ClusterRoles: what Kubernetes' aggregation controller would fill in."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

Object = Mapping[str, Any]


def with_aggregated_rules(objects: Iterable[Object]) -> list[Object]:
    """The objects, each aggregated ClusterRole with the rules of those that it selects.

    Rules keep the controller's order: by selector, then by the name of the role. A role that is
    aggregated itself passes on what it was given, so this goes on until nothing is added
    (pkg/controller/clusterroleaggregation of Kubernetes).
    """
    given = list(objects)
    cluster_roles = sorted(
        (item for item in given if item["kind"] == "ClusterRole"),
        key=lambda item: str(item["metadata"]["name"]),
    )
    rules = {
        item["metadata"]["name"]: [] if "aggregationRule" in item else list(item.get("rules") or ())
        for item in cluster_roles
    }
    selected = {
        item["metadata"]["name"]: _selected(item, cluster_roles)
        for item in cluster_roles
        if "aggregationRule" in item
    }
    for _ in selected:  # a chain of them is no longer than this, and a circle adds nothing more
        for name, sources in selected.items():
            taken: list[Object] = []
            for rule in chain.from_iterable(rules[source] for source in sources):
                if rule not in taken:
                    taken.append(rule)
            rules[name] = taken
    return [
        {**item, "rules": rules[item["metadata"]["name"]]}
        if item["kind"] == "ClusterRole"
        else item
        for item in given
    ]


def _selected(role: Object, cluster_roles: list[Object]) -> list[str]:
    """The names of the roles that a role takes its rules from; never its own."""
    return [
        other["metadata"]["name"]
        for selector in role["aggregationRule"].get("clusterRoleSelectors") or ()
        for other in cluster_roles
        if other is not role and selects(selector, other["metadata"].get("labels") or {})
    ]


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector matches; an empty one matches everything.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
    """
    return all(
        labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()
    ) and all(_meets(requirement, labels) for requirement in selector.get("matchExpressions") or ())


def _meets(requirement: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement["key"])
    match requirement["operator"]:
        case "In":
            return value in requirement["values"]
        case "NotIn":
            return value not in requirement["values"]
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case unknown:
            raise ValueError(f"{unknown!r} is no operator of a label selector")
