"""Roles of the roster's own."""

from collections.abc import Mapping, Sequence

from kuberoster.constructs._cdktf import (
    ClusterRoleV1,
    ClusterRoleV1Rule,
    Construct,
    ITerraformDependable,
    RoleV1,
    RoleV1Rule,
)
from kuberoster.model.attributes import attributes
from kuberoster.model.manifests import role
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
        made = attributes(role(name, namespace, rules, labels))
        super().__init__(
            scope,
            id,
            metadata=made["metadata"],
            rule=[RoleV1Rule(**rule) for rule in made["rule"]],
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
        made = attributes(role(name, None, rules, labels))
        super().__init__(
            scope,
            id,
            metadata=made["metadata"],
            rule=[ClusterRoleV1Rule(**rule) for rule in made["rule"]],
            depends_on=list(depends_on),
        )
        self.override_logical_id(address)
