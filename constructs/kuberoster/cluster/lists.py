"""Collections of the API, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from kuberoster.cluster.errors import ClusterError, Expired

if TYPE_CHECKING:
    from kuberoster.cluster.transport import Transport

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
        token, items = answer["metadata"].get("continue"), answer["items"] or []
        del answer
        yield from items
        if not token:
            return
        if token == asked.get("continue"):
            raise ClusterError(
                f"GET {path} (context '{transport.context}', {transport.server}): the same page "
                "came twice.\nIs something between us and the API server that keeps answers?"
            )
        del items  # before the next page comes
        asked["continue"] = token
