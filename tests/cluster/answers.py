"""Answers of an API server, to be given by the stand-in for one."""

import json
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
DROPPED: Answer = (0, {}, b"")


def json_answer(body: Any, status: int = 200, **headers: str) -> Answer:
    return status, headers, json.dumps(body).encode()


def failure(code: int, reason: str, message: str, **headers: str) -> Answer:
    body = {"kind": "Status", "apiVersion": "v1", "code": code, "reason": reason}
    return json_answer({**body, "message": message}, code, **headers)


def self_review(status: Any) -> Answer:
    kind = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    return json_answer({**kind, "status": status}, 201)


def service_account(**metadata: Any) -> dict[str, Any]:
    kind = {"apiVersion": "v1", "kind": "ServiceAccount"}
    return {**kind, "metadata": {"name": "ann", "namespace": "users", "uid": "1-2", **metadata}}


def only_metadata(name: str, **metadata: Any) -> dict[str, Any]:
    kind = {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata"}
    return {**kind, "metadata": {"name": name, "namespace": "users", "uid": "1", **metadata}}


def page(
    items: list[Any] | None, token: str = "", kind: str = "PartialObjectMetadataList"
) -> Answer:
    version = "meta.k8s.io/v1" if kind.startswith("Partial") else "rbac.authorization.k8s.io/v1"
    metadata = {"resourceVersion": "7", "continue": token}
    return json_answer({"apiVersion": version, "kind": kind, "metadata": metadata, "items": items})
