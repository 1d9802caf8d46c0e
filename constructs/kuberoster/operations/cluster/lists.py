"""Collections of the API, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from kuberoster.operations.cluster.errors import ClusterError, Expired

if TYPE_CHECKING:
    from kuberoster.operations.cluster.transport import Transport

JSON = "application/json"
ITEM_METADATA = f"{JSON};as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_PAGE = 500
_STARTS = 3

T = TypeVar("T")


def from_one_moment(read: Callable[[], T]) -> T:
    """What `read` makes of a cluster's lists, none of which expired on the way.

    An API server forgets the moment that a list is from, after 5 minutes by default
    (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
    Then `read` starts over, so it has to keep nothing of its last run. Raises ClusterError
    where it would have to start a fourth time.
    """
    for start in range(1, _STARTS + 1):
        try:
            return read()
        except Expired as error:
            if start == _STARTS:
                raise ClusterError(
                    f"{str(error).removesuffix(' Try again.')}\n"
                    f"It was read from its start {start} times, and each time the API server had "
                    "forgotten it before its end. Try again from nearer by, or when there is less "
                    "to do."
                ) from None
    raise AssertionError("unreachable")


def pages(
    transport: Transport, path: str, query: Mapping[str, str], accept: str
) -> Iterator[dict[str, Any]]:
    """Each object of a collection, from one moment; a page is kept no longer than it is read.

    Raises Expired where the API server forgot that moment before the last page.
    """
    asked = {**query, "limit": str(_PAGE)}
    while True:
        answer = transport.send("GET", path, query=asked, accept=accept)
        metadata = answer.get("metadata")
        token = metadata.get("continue") if isinstance(metadata, dict) else None
        items = _items(transport, path, answer, accept)
        del answer
        yield from items
        if not token:
            return
        del items  # before the next page comes
        asked["continue"] = token


def _items(
    transport: Transport, path: str, answer: Mapping[str, Any], accept: str
) -> list[dict[str, Any]]:
    kind, items = str(answer.get("kind")), answer.get("items") or []
    partial = kind == "PartialObjectMetadataList"
    if partial != (accept == METADATA) or not kind.endswith("List") or kind == "SecretList":
        raise wrong_kind(transport, path)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise wrong_kind(transport, path)
    return items


def wrong_kind(transport: Transport, path: str) -> ClusterError:
    """The error for an answer that may hold what was not asked for."""
    return ClusterError(
        f"GET {path} (context '{transport.context}', {transport.server}): the answer is of another "
        "kind than the one asked for, and was dropped unread.\n"
        "Is something between us and the API server that removes the Accept header?"
    )
