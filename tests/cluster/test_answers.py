"""An answer that is not what was asked for is never believed."""

import json

import pytest

from kuberoster.cluster import Cluster, ClusterError
from tests.cluster.answers import failure, json_answer, service_account
from tests.cluster.api_server import Server
from tests.cluster.sample_requests import ACCESS, ACCOUNT, REQUESTS

_WHOLE = json.dumps(service_account()).encode()
NO_ANSWERS = {
    "an empty object": b"{}",
    "a list": b"[]",
    "nothing": b"",
    "a page": b"<html>sign in</html>",
    "a part": _WHOLE[: len(_WHOLE) // 2],
    "another kind": json.dumps({**service_account(), "kind": "ConfigMap"}).encode(),
    "another version": json.dumps({**service_account(), "apiVersion": "v2"}).encode(),
    "another name": json.dumps(service_account(name="bob")).encode(),
    "another namespace": json.dumps(service_account(namespace="web")).encode(),
    "no uid": json.dumps(service_account(uid=None)).encode(),
    "labels that are none": json.dumps(service_account(labels=["a"])).encode(),
    "no metadata": json.dumps({**service_account(), "metadata": None}).encode(),
    "a failure": json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure"}).encode(),
    "no verdict": json.dumps({**ACCESS, "status": {}}).encode(),
}


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"[]", b"", b"\xff"])
def test_an_answer_that_is_no_object_is_an_error(
    cluster: Cluster, server: Server, body: bytes
) -> None:
    server.script = lambda _: (200, {}, body)
    with pytest.raises(ClusterError, match="no JSON object"):
        cluster.get(ACCOUNT)


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("body", NO_ANSWERS)
def test_what_was_not_asked_for_is_one_clear_error(
    cluster: Cluster,
    server: Server,
    request_: str,
    body: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    server.script = lambda _: (200, {}, NO_ANSWERS[body])
    with pytest.raises(ClusterError, match=r"no JSON object|of another kind") as caught:
        REQUESTS[request_](cluster)
    assert server.url in str(caught.value)
    questions = {"review", "request", "try_create", "try_patch", "get", "list", "list_metadata"}
    if request_ in questions:
        assert len(server.received) == 3
    else:
        assert "Whether it was done is not known" in str(caught.value)
        # The answer to the first look does not count either.
        assert [got.method for got in server.received[1:]] == ["GET"] * 3


@pytest.mark.parametrize("fault", [500, 502, 503, 504, "a part", "an empty object"])
def test_a_read_is_tried_again_where_the_answer_was_lost(
    cluster: Cluster, server: Server, fault: int | str
) -> None:
    lost = failure(fault, "", "") if isinstance(fault, int) else (200, {}, NO_ANSWERS[fault])
    server.script = lambda _: lost if len(server.received) < 3 else json_answer(service_account())
    assert cluster.get(ACCOUNT) == service_account()
