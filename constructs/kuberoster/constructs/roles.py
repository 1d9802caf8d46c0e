"""Roles of the roster's own."""

from collections.abc import Mapping, Sequence
from typing import Any

from kuberoster.constructs._cdktf import (
    ClusterRoleV1,
    ClusterRoleV1Rule,
    Construct,
    ITerraformDependable,
    RoleV1,
    RoleV1Rule,
    literal,
)
from kuberoster.model.rule import Rule


class CustomRole(RoleV1):
    """A Role with rules from the roster, in one namespace."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        namespace: str,
        rules: Sequence[Rule],
        address: str,
        labels: Mapping[str, str],
        depends_on: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(
            scope,
            id,
            metadata={"name": name, "namespace": namespace, "labels": dict(labels)},
            rule=[RoleV1Rule(**_resource_rule(rule)) for rule in rules],
            depends_on=list(depends_on),
        )
        self.override_logical_id(address)


class CustomClusterRole(ClusterRoleV1):
    """A ClusterRole with rules from the roster."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        rules: Sequence[Rule],
        address: str,
        labels: Mapping[str, str],
        depends_on: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(
            scope,
            id,
            metadata={"name": name, "labels": dict(labels)},
            rule=[
                ClusterRoleV1Rule(
                    verbs=list(rule.verbs), non_resource_urls=list(rule.non_resource_urls)
                )
                if rule.non_resource_urls
                else ClusterRoleV1Rule(**_resource_rule(rule))
                for rule in rules
            ],
            depends_on=list(depends_on),
        )
        self.override_logical_id(address)


def _resource_rule(rule: Rule) -> dict[str, Any]:
    written: dict[str, Any] = {
        "verbs": list(rule.verbs),
        "resources": list(rule.resources),
        "api_groups": list(rule.api_groups),
    }
    if rule.resource_names:
        written["resource_names"] = [literal(name) for name in rule.resource_names]
    return written
