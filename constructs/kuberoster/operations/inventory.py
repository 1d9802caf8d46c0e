"""What a cluster holds of all that the roster speaks of: one LIST for each kind."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from kuberoster.model.objects import TOKEN_LABEL, TOKEN_SECRET_TYPE, USER_LABEL
from kuberoster.operations.cluster import Cluster

Object = dict[str, Any]
Key = tuple[str, str, str]
"""Kind, namespace (empty for none) and name."""

_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_LISTS = {
    "Namespace": "/api/v1/namespaces",
    "ServiceAccount": "/api/v1/serviceaccounts",
    "ResourceQuota": "/api/v1/resourcequotas",
    "Role": f"{_RBAC}/roles",
    "RoleBinding": f"{_RBAC}/rolebindings",
    "ClusterRole": f"{_RBAC}/clusterroles",
    "ClusterRoleBinding": f"{_RBAC}/clusterrolebindings",
}


class Inventory:
    """The objects of a cluster that concern a roster; of Secrets the metadata alone."""

    def __init__(self) -> None:
        self.objects: dict[Key, Object] = {}
        self._claims: defaultdict[tuple[str, ...], list[Key]] = defaultdict(list)

    def add(self, kind: str, item: Object) -> None:
        """Keep an object, a Secret also by the user and token that its labels claim."""
        key = key_of(kind, item)
        self.objects[key] = item
        if kind == "Secret":
            labels = item["metadata"].get("labels") or {}
            claim = key[1], labels.get(USER_LABEL, ""), labels.get(TOKEN_LABEL, "")
            self._claims[claim].append(key)

    def claims(self, namespace: str, user: str, token: str) -> Iterator[tuple[Key, Object]]:
        """The Secrets that claim to be this token of this user; a claim proves nothing."""
        for key in self._claims[namespace, user, token]:
            yield key, self.objects[key]


def take_inventory(cluster: Cluster, wanted: Callable[[str, Object], bool]) -> Inventory:
    """List every kind once, and keep what is wanted of it, by kind and object.

    Token Secrets are listed as metadata, never with their data.
    """
    inventory = Inventory()
    for kind, path in _LISTS.items():
        for item in cluster.list(path):
            if wanted(kind, item):
                inventory.add(kind, item)
    secrets = cluster.list_metadata("/api/v1/secrets", field_selector=f"type={TOKEN_SECRET_TYPE}")
    for item in secrets:
        if wanted("Secret", item):
            inventory.add("Secret", item)
    return inventory


def key_of(kind: str, item: Object) -> Key:
    """By what an object is known."""
    metadata = item["metadata"]
    return kind, metadata.get("namespace", ""), metadata.get("name", "")
