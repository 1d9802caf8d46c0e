"""What a cluster holds of all that the roster speaks of: one LIST for each kind."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from kuberoster.cluster import Cluster, from_one_moment
from kuberoster.cluster.kinds import collection
from kuberoster.model.objects import TOKEN_SECRET_TYPE

Object = dict[str, Any]
Metadata = dict[str, Any]
"""An object's metadata alone."""
Key = tuple[str, str, str]
"""Kind, namespace (empty for none) and name."""


def list_kind(cluster: Cluster, kind: str) -> Iterator[Object]:
    """Each object of a kind in the whole cluster; raises Expired as `Cluster.list` does.

    Of Secrets only those whose type says that they hold a ServiceAccount's token, and their
    metadata alone; among users see `other_secrets` too.
    """
    path = collection(kind)
    if kind == "Secret":
        return cluster.list_metadata(path, field_selector=f"type={TOKEN_SECRET_TYPE}")
    return cluster.list(path)


def other_secrets(cluster: Cluster, namespace: str) -> Iterator[Object]:
    """The metadata of each Secret of a users' namespace that is of another type than a token's.

    The API server takes a long-lived token while the Secret that it names has it in
    `data.token`, whatever the Secret's type says, so among users each Secret counts. Raises
    Expired as `Cluster.list` does.
    """
    path = collection("Secret", namespace)
    return cluster.list_metadata(path, field_selector=f"type!={TOKEN_SECRET_TYPE}")


def metadata_of_all(
    cluster: Cluster, kind: str, wanted: Callable[[Key, Metadata], bool] = lambda *_: True
) -> dict[Key, Metadata]:
    """The metadata of each object of a kind that is wanted, all from one moment.

    Of Secrets only those that `list_kind` has. Nothing that is not wanted is kept.
    """
    selector = f"type={TOKEN_SECRET_TYPE}" if kind == "Secret" else None

    def read() -> dict[Key, Metadata]:
        return {
            key: metadata
            for item in cluster.list_metadata(collection(kind), field_selector=selector)
            if wanted(key := key_of(kind, item), metadata := item["metadata"])
        }

    return from_one_moment(read)


def all_of(cluster: Cluster, kinds: Iterable[str]) -> dict[str, list[Object]]:
    """All objects of each kind, as `list_kind` has them, with their `kind`."""

    def read(kind: str) -> list[Object]:
        return [{**item, "kind": kind} for item in list_kind(cluster, kind)]

    return {kind: from_one_moment(partial(read, kind)) for kind in kinds}


def key_of(kind: str, item: Object) -> Key:
    """By what an object is known."""
    metadata = item["metadata"]
    return kind, metadata.get("namespace", ""), metadata.get("name", "")


def shown(key: Key) -> str:
    """Kind, and namespace and name: `RoleBinding web/web:ann:edit`."""
    kind, namespace, name = key
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def labels_of(item: Object) -> dict[str, str]:
    """An object's labels; it may have none."""
    return labels_in(item["metadata"])


def annotations_of(item: Object) -> dict[str, str]:
    """An object's annotations; it may have none."""
    return annotations_in(item["metadata"])


def labels_in(metadata: Metadata) -> dict[str, str]:
    """The labels in an object's metadata."""
    return metadata.get("labels") or {}


def annotations_in(metadata: Metadata) -> dict[str, str]:
    """The annotations in an object's metadata."""
    return metadata.get("annotations") or {}
