"""What a synthesised stack declares, by address."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kuberoster.cluster.inventory import Key

SECRET = "kubernetes_secret_v1"  # noqa: S105  # a resource type's name
KIND_OF = {
    "kubernetes_namespace_v1": "Namespace",
    "kubernetes_resource_quota_v1": "ResourceQuota",
    "kubernetes_service_account_v1": "ServiceAccount",
    SECRET: "Secret",
    "kubernetes_role_v1": "Role",
    "kubernetes_role_binding_v1": "RoleBinding",
    "kubernetes_cluster_role_v1": "ClusterRole",
    "kubernetes_cluster_role_binding_v1": "ClusterRoleBinding",
}
"""The kind of each resource type that creates an object.

`kubernetes_default_service_account_v1` is not among them: it creates none, and applying it
where it was applied before changes nothing.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A resource of a stack, and the object that it is to become."""

    address: str
    """`kubernetes_service_account_v1.ann`."""
    kind: str
    namespace: str
    """Empty for an object without one."""
    name: str
    """Empty where Kubernetes generates it."""
    prefix: str = ""
    """The generated name's beginning."""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """The object's kind, namespace and name."""
        return self.kind, self.namespace, self.name

    @property
    def import_id(self) -> str:
        """What Terraform's import block calls the object."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def declared_resources(stack: Path) -> Iterator[Resource]:
    """The resources of a stack's folder, in no order that means anything."""
    document = json.loads((stack / "cdk.tf.json").read_bytes())
    for resource_type, resources in document.get("resource", {}).items():
        if resource_type not in KIND_OF:
            continue
        for name, resource in resources.items():
            metadata = resource["metadata"]
            yield Resource(
                address=f"{resource_type}.{name}",
                kind=KIND_OF[resource_type],
                namespace=metadata.get("namespace", ""),
                name=metadata.get("name", ""),
                prefix=metadata.get("generate_name", ""),
                labels=metadata.get("labels", {}),
                annotations=metadata.get("annotations", {}),
                depends_on=tuple(resource.get("depends_on", ())),
            )
