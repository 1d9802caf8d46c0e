"""A change whose answer is lost is looked at again before anything is said of it."""

from collections.abc import Callable
from typing import Any

import pytest

from kuberoster.cluster import Cluster, Conflict, Unreachable
from tests.cluster.answers import (
    DROPPED,
    Answer,
    failure,
    json_answer,
    only_metadata,
    service_account,
)
from tests.cluster.api_server import Received, Server
from tests.cluster.sample_requests import ACCOUNTS, REQUESTS


class Store:
    """One ServiceAccount that can be written, behind a way on which answers get lost."""

    def __init__(self, account: dict[str, Any] | None, *, lost: int, arrives: bool) -> None:
        self.account, self.lost, self.arrives = account, lost, arrives
        self.writes: list[str] = []

    def __call__(self, got: Received) -> Answer:
        if got.method == "GET":
            partial = "PartialObjectMetadata" in got.headers["Accept"]
            found = self.account
            if found and partial:
                found = only_metadata(**found["metadata"])
            return json_answer(found) if found else failure(404, "NotFound", "no")
        self.writes.append(got.method)
        if self.lost and not self.arrives:
            self.lost -= 1
            return DROPPED
        answer = self._write(got)
        if self.lost:
            self.lost -= 1
            return (200, {}, b"{}")
        return answer

    def _write(self, got: Received) -> Answer:
        if got.method == "POST" and self.account:
            return failure(409, "AlreadyExists", "there")
        if got.method != "POST" and not self.account:
            return failure(404, "NotFound", "gone")
        self.account = None if got.method == "DELETE" else service_account(labels={"a": "b"})
        return json_answer(self.account or {"kind": "Status", "status": "Success"})


WRITES: dict[str, tuple[Callable[[Cluster], object], dict[str, Any] | None]] = {
    "POST": (lambda cluster: cluster.create(ACCOUNTS, service_account(labels={"a": "b"})), None),
    "PATCH": (REQUESTS["patch"], service_account()),
    "PUT": (REQUESTS["replace"], service_account()),
    "DELETE": (REQUESTS["delete"], service_account()),
}


each_write = pytest.mark.parametrize("verb", WRITES)


@each_write
@pytest.mark.parametrize("lost", [1, 2])
def test_a_change_that_never_arrived_is_made_again(
    cluster: Cluster, server: Server, verb: str, lost: int
) -> None:
    write, before = WRITES[verb]
    server.script = store = Store(before, lost=lost, arrives=False)
    write(cluster)
    assert store.writes == [verb] * (lost + 1)


@each_write
def test_a_change_whose_answer_was_lost_is_seen_and_not_made_again(
    cluster: Cluster, server: Server, verb: str
) -> None:
    write, before = WRITES[verb]
    server.script = store = Store(before, lost=1, arrives=True)
    write(cluster)
    assert store.writes == [verb]


@each_write
def test_a_change_that_never_arrives_is_an_error_that_says_so(
    cluster: Cluster, server: Server, verb: str
) -> None:
    write, before = WRITES[verb]
    server.script = store = Store(before, lost=9, arrives=False)
    with pytest.raises(Unreachable, match=r"closed .*\nIt was looked at again, and is not done"):
        write(cluster)
    assert store.writes == [verb] * 3


@each_write
def test_a_change_that_cannot_be_looked_at_is_an_error_that_says_so(
    cluster: Cluster, server: Server, verb: str
) -> None:
    forbidden = failure(403, "Forbidden", "you may not look")
    server.script = lambda got: forbidden if got.method == "GET" else DROPPED
    with pytest.raises(Unreachable, match=r"closed .*\nWhether it was done is not known"):
        WRITES[verb][0](cluster)
    assert [got.method for got in server.received] == [verb, "GET"]


@pytest.mark.parametrize("verb", ["POST", "DELETE"])
def test_what_belongs_to_another_by_now_is_a_conflict(
    cluster: Cluster, server: Server, verb: str
) -> None:
    other = service_account(uid="3-4", labels={"a": "else"})
    server.script = store = Store(other, lost=1, arrives=False)
    with pytest.raises(Conflict):
        WRITES[verb][0](cluster)
    assert store.writes == [verb]
    assert store.account == other
