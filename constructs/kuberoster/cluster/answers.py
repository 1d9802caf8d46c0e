"""What a request asks for, and whether an answer is that; no other answer is believed.

Whatever stands between us and the API server, such as a proxy or a load balancer, may answer in
its place: `{}`, a page of its own, a part of an answer, or the answer to another request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote

Object = dict[str, Any]

JSON = "application/json"
ITEM_METADATA = f"{JSON};as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

_PARTIAL = "PartialObjectMetadata", "meta.k8s.io/v1"
_CLUSTER_SCOPED = {"namespaces", "nodes", "clusterroles", "clusterrolebindings"}
_IN_NAMESPACES = {
    "configmaps",
    "leases",
    "pods",
    "resourcequotas",
    "rolebindings",
    "roles",
    "secrets",
    "serviceaccounts",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the answer to one request has to be."""

    verb: str
    path: str
    accept: str
    dry_run: bool
    body: Mapping[str, Any] | None
    api_version: str | None
    """Such as `v1`; None for a path beside the objects, such as /version."""
    namespace: str | None = None
    resource: str = ""
    """The plural in the path: `rolebindings`; empty for the list of what an API version has."""
    name: str | None = None
    """None for a collection."""
    subresource: str | None = None

    @classmethod
    def of(
        cls,
        verb: str,
        path: str,
        *,
        accept: str = JSON,
        dry_run: bool = False,
        body: Mapping[str, Any] | None = None,
    ) -> Self:
        """Read a request's path: https://kubernetes.io/docs/reference/using-api/api-concepts/."""
        version, namespace, rest = _split([unquote(part) for part in path.split("/")[1:]])
        resource, name, subresource = (*rest, *[None] * 3)[:3]
        return cls(
            verb=verb,
            path=path,
            accept=accept,
            dry_run=dry_run,
            body=body,
            api_version=version,
            namespace=namespace,
            resource=resource or "",
            name=name,
            subresource=subresource,
        )

    @property
    def keeps_nothing(self) -> bool:
        """Whether the cluster is the same afterwards, so that it may be asked again at will."""
        question = self.resource.endswith("reviews") or self.subresource == "token"
        return self.verb == "GET" or self.dry_run or (self.verb == "POST" and question)

    def is_answered_by(self, answer: Object) -> bool:
        """Whether this is an answer to the request, and whole."""
        if self.path == "/apis":
            return answer.get("kind") == "APIGroupList" and _named(answer.get("groups"))
        if self.api_version is None:
            return self.path != "/version" or isinstance(answer.get("gitVersion"), str)
        if not self.resource:
            return answer.get("kind") == "APIResourceList" and _objects(answer.get("resources"))
        if self.verb == "GET" and self.name is None:
            return self._is_list(answer)
        if self.verb == "DELETE" and answer.get("kind") == "Status":
            return answer.get("status") == "Success"
        kind = self._kind(answer)
        return kind is not None and self._is_whole(answer, kind)

    def _is_whole(self, answer: Object, kind: str) -> bool:
        if kind in _STATUS:
            status = answer.get("status")
            return isinstance(status, dict) and _STATUS[kind](status)
        wanted = self._name_wanted()
        return self._is_object(answer, kind) and wanted in {None, answer["metadata"]["name"]}

    def _is_list(self, answer: Object) -> bool:
        kind, items, metadata = (answer.get(key) for key in ("kind", "items", "metadata"))
        if "items" not in answer or not isinstance(kind, str) or not isinstance(metadata, dict):
            return False
        if not kind.endswith("List") or not _objects(items):
            return False
        if not isinstance(metadata.get("continue", ""), str):
            return False
        kind = kind.removesuffix("List")
        if not self._fits(kind, answer.get("apiVersion")):
            return False
        # An item need not repeat its kind, and may not have another one.
        return all(
            item.get("kind", kind) == kind and self._is_object(item, kind) for item in items or ()
        )

    def _kind(self, answer: Object) -> str | None:
        """The answer's kind; None where it is not the one asked for."""
        kind, version = answer.get("kind"), answer.get("apiVersion")
        if not isinstance(kind, str):
            return None
        if self.subresource is None:
            return kind if self._fits(kind, version) else None
        sent = self.body or {}
        return kind if (kind, version) == (sent.get("kind"), sent.get("apiVersion")) else None

    def _fits(self, kind: str, version: object) -> bool:
        if "PartialObjectMetadata" in self.accept:
            return (kind, version) == _PARTIAL
        return version == self.api_version and _plural(kind) == self.resource

    def _is_object(self, item: Object, kind: str) -> bool:
        metadata = item.get("metadata")
        if not isinstance(metadata, dict):
            return False
        if kind == _PARTIAL[0] and not item.keys() <= {"apiVersion", "kind", "metadata"}:
            return False  # a whole object under that name would bring the tokens of Secrets
        uid = metadata.get("uid") or (self.dry_run and "none yet")
        if not all(isinstance(text, str) and text for text in (metadata.get("name"), uid)):
            return False
        if not all(_texts(metadata.get(key)) for key in ("labels", "annotations")):
            return False
        return self._is_in_place(metadata.get("namespace")) and (
            kind not in _SHAPES or _SHAPES[kind](item)
        )

    def _is_in_place(self, namespace: object) -> bool:
        if self.namespace is not None or self.resource in _CLUSTER_SCOPED:
            return namespace == self.namespace
        return self.resource not in _IN_NAMESPACES or (
            isinstance(namespace, str) and bool(namespace)
        )

    def _name_wanted(self) -> str | None:
        if self.name is not None:
            return self.name
        metadata = (self.body or {}).get("metadata")
        return metadata.get("name") if isinstance(metadata, Mapping) else None


def _split(parts: list[str]) -> tuple[str | None, str | None, list[str]]:
    """API version, namespace, and resource with what follows it."""
    if parts[0] == "api" and len(parts) > 1:
        version, rest = parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 2:
        version, rest = f"{parts[1]}/{parts[2]}", parts[3:]
    else:
        return None, None, []
    of_namespace = len(rest) > 2 and rest[0] == "namespaces"
    if of_namespace and rest[2] not in {"status", "finalize"}:
        return version, rest[1], rest[2:]
    return version, None, rest


def _plural(kind: str) -> str:
    """The resource of a kind, as Kubernetes names them."""
    name = kind.lower()
    if name.endswith("s"):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def _objects(value: object) -> bool:
    """Whether this is a list of JSON objects; Go writes null for an empty one."""
    return value is None or (
        isinstance(value, list) and all(isinstance(each, dict) for each in value)
    )


def _named(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and isinstance(each.get("name"), str) for each in value
    )


def _texts(value: object) -> bool:
    return value is None or (
        isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    )


def _is_binding(item: Object) -> bool:
    role, subjects = item.get("roleRef"), item.get("subjects")
    if not isinstance(role, dict) or not _objects(subjects):
        return False
    return all(
        isinstance(each.get(key), str)
        for each in (role, *(subjects or ()))
        for key in ("kind", "name")
    )


_SHAPES: dict[str, Callable[[Object], bool]] = {
    "ConfigMap": lambda item: _texts(item.get("data")),
    "Secret": lambda item: _texts(item.get("data")),
    "Role": lambda item: _objects(item.get("rules")),
    "ClusterRole": lambda item: _objects(item.get("rules")),
    "RoleBinding": _is_binding,
    "ClusterRoleBinding": _is_binding,
}
"""What is read of a kind beside its metadata has to be there."""

_STATUS: dict[str, Callable[[Object], bool]] = {
    "SelfSubjectReview": lambda status: isinstance(status.get("userInfo"), dict),
    "SubjectAccessReview": lambda status: isinstance(status.get("allowed"), bool),
    "TokenRequest": lambda status: isinstance(status.get("token"), str),
}
"""What is kept nowhere has no metadata that counts, and its answer in `status`."""
