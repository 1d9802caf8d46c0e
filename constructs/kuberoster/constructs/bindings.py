"""What a user or a team may do."""

from collections.abc import Mapping, Sequence

from kuberoster.constructs._cdktf import (
    ClusterRoleBindingV1,
    ClusterRoleBindingV1Subject,
    Construct,
    ITerraformDependable,
    RoleBindingV1,
    RoleBindingV1Subject,
)
from kuberoster.constructs.roles import CustomClusterRole, CustomRole
from kuberoster.model.access import Role
from kuberoster.model.attributes import attributes
from kuberoster.model.manifests import role_binding
from kuberoster.model.objects import Binding, Subject


class NamespaceBinding(RoleBindingV1):
    """A RoleBinding: a Role or ClusterRole, for one subject, in one namespace."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        namespace: str,
        role_kind: str,
        role_name: str,
        subject: Subject,
        address: str,
        labels: Mapping[str, str],
        depends_on: Sequence[ITerraformDependable] = (),
    ) -> None:
        made = attributes(role_binding(name, namespace, role_kind, role_name, [subject], labels))
        super().__init__(
            scope,
            id,
            metadata=made["metadata"],
            role_ref=made["role_ref"],
            subject=[RoleBindingV1Subject(**each) for each in made["subject"]],
            depends_on=list(depends_on),
        )
        self.override_logical_id(address)


class ClusterBinding(ClusterRoleBindingV1):
    """A ClusterRoleBinding: a ClusterRole, for one subject, over the whole cluster."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        role_name: str,
        subject: Subject,
        address: str,
        labels: Mapping[str, str],
        depends_on: Sequence[ITerraformDependable] = (),
    ) -> None:
        made = attributes(role_binding(name, None, "ClusterRole", role_name, [subject], labels))
        super().__init__(
            scope,
            id,
            metadata=made["metadata"],
            role_ref=made["role_ref"],
            subject=[ClusterRoleBindingV1Subject(**each) for each in made["subject"]],
            depends_on=list(depends_on),
        )
        self.override_logical_id(address)


def bind(
    scope: Construct,
    binding: Binding,
    *,
    labels: Mapping[str, str],
    depends_on: Sequence[ITerraformDependable],
) -> None:
    """Declare a binding of the roster and, for a custom Role, first the role it refers to."""
    role, address = binding.role, binding.address
    if binding.namespace is None:
        if isinstance(role, Role):
            made = CustomClusterRole(
                scope,
                f"cluster-role-{address}",
                name=binding.role_name,
                rules=role.rules,
                address=address,
                labels=labels,
                depends_on=depends_on,
            )
            depends_on = [*depends_on, made]
        ClusterBinding(
            scope,
            f"cluster-binding-{address}",
            name=binding.name,
            role_name=binding.role_name,
            subject=binding.subject,
            address=address,
            labels=labels,
            depends_on=depends_on,
        )
        return
    if isinstance(role, Role):
        made_here = CustomRole(
            scope,
            f"role-{address}",
            name=binding.role_name,
            namespace=binding.namespace,
            rules=role.rules,
            address=address,
            labels=labels,
            depends_on=depends_on,
        )
        depends_on = [*depends_on, made_here]
    NamespaceBinding(
        scope,
        f"binding-{address}",
        name=binding.name,
        namespace=binding.namespace,
        role_kind=binding.role_kind,
        role_name=binding.role_name,
        subject=binding.subject,
        address=address,
        labels=labels,
        depends_on=depends_on,
    )
