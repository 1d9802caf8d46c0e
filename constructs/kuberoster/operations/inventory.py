"""What a cluster holds of all that the roster speaks of: one LIST for each kind."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from kuberoster.model.objects import TOKEN_LABEL, TOKEN_SECRET_TYPE, USER_LABEL
from kuberoster.operations.cluster import Cluster
from kuberoster.operations.kinds import KINDS, collection

Object = dict[str, Any]
Key = tuple[str, str, str]
"""Kind, namespace (empty for none) and name."""


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
            labels = labels_of(item)
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
    for kind in KINDS:
        path = collection(kind)
        listed = (
            cluster.list_metadata(path, field_selector=f"type={TOKEN_SECRET_TYPE}")
            if kind == "Secret"
            else cluster.list(path)
        )
        for item in listed:
            if wanted(kind, item):
                inventory.add(kind, item)
    return inventory


def key_of(kind: str, item: Object) -> Key:
    """By what an object is known."""
    metadata = item["metadata"]
    return kind, metadata.get("namespace", ""), metadata.get("name", "")


def labels_of(item: Object) -> dict[str, str]:
    """An object's labels; it may have none."""
    return item["metadata"].get("labels") or {}


def annotations_of(item: Object) -> dict[str, str]:
    """An object's annotations; it may have none."""
    return item["metadata"].get("annotations") or {}
