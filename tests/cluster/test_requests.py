"""A request arrives as it was meant, waits, is repeated, or fails with its reason."""

import logging
import socket
import time

import pytest

from kuberoster.cluster import (
    Cluster,
    ClusterError,
    Conflict,
    Forbidden,
    NotFound,
    Unreachable,
    quote_name,
    transport,
)
from tests.cluster.answers import DROPPED, failure, json_answer, only_metadata, service_account
from tests.cluster.api_server import PROBE, Server
from tests.cluster.kubeconfigs import TOKEN, Home, connect_error, jwt
from tests.cluster.sample_requests import ACCOUNT, SECRETS


def test_create_patch_and_delete_say_what_they_mean(cluster: Cluster, server: Server) -> None:
    done = {"kind": "Status", "apiVersion": "v1", "status": "Success"}
    server.script = lambda got: json_answer(
        done if got.method == "DELETE" else service_account(labels={"asked": got.method})
    )
    made = cluster.create(ACCOUNT.rpartition("/")[0], {"kind": "ServiceAccount"})
    assert made["metadata"]["labels"] == {"asked": "POST"}
    patched = cluster.patch(ACCOUNT, {"metadata": {"labels": {"a": None}}})
    assert patched["metadata"]["labels"] == {"asked": "PATCH"}
    cluster.delete(ACCOUNT)
    cluster.delete(ACCOUNT, uid="1-2")
    create, patch, delete, delete_one = server.received
    assert create.body == {"kind": "ServiceAccount"}
    assert create.headers["Content-Type"] == "application/json"
    assert patch.headers["Content-Type"] == "application/merge-patch+json"
    assert patch.body == {"metadata": {"labels": {"a": None}}}
    assert "preconditions" not in delete.body
    assert delete_one.body["preconditions"] == {"uid": "1-2"}


@pytest.mark.parametrize(
    ("code", "reason", "error"),
    [
        (404, "NotFound", NotFound),
        (403, "Forbidden", Forbidden),
        (409, "Conflict", Conflict),
        (409, "AlreadyExists", Conflict),
        (422, "Invalid", ClusterError),
        (500, "InternalError", ClusterError),
    ],
)
def test_an_error_names_the_request_the_server_and_its_words(
    cluster: Cluster, server: Server, code: int, reason: str, error: type[ClusterError]
) -> None:
    said = 'serviceaccounts "ann" is what it is:\n cannot get resource in the namespace "users"'
    server.script = lambda _: failure(code, reason, said)
    with pytest.raises(error) as caught:
        cluster.get(ACCOUNT)
    message = str(caught.value)
    for part in (f"GET {ACCOUNT}", "context 'here'", server.url, " ".join(said.split())):
        assert part in message


@pytest.mark.parametrize("code", [400, 404, 409, 422, 500, 503])
def test_an_error_never_holds_a_token_or_a_secrets_data(
    cluster: Cluster, server: Server, code: int
) -> None:
    token = jwt(2e9)
    bodies = [
        json_answer({"kind": "Secret", "data": {"token": "s3cret"}}, code),
        (code, {}, b"s3cret"),
        failure(code, "Invalid", f"token {token} is wrong"),
    ]
    if code not in {404, 409}:
        bodies.append(failure(code, "Invalid", 'data[x]: Invalid value: "s3cret"'))
    for body in bodies:
        server.script = lambda _, body=body: body
        with pytest.raises(ClusterError) as caught:
            cluster.create(SECRETS, {"data": {"token": "s3cret"}})
        assert "s3cret" not in str(caught.value)
        assert token not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_redirect_is_not_followed(cluster: Cluster, server: Server) -> None:
    server.script = lambda got: (302, {"Location": server.url + "/other"}, b"")
    with pytest.raises(ClusterError, match="sends us elsewhere"):
        cluster.get(ACCOUNT)
    assert len(server.received) == 1


@pytest.mark.parametrize("verb", ["get", "delete"])
def test_a_request_waits_as_long_as_an_overloaded_server_says(
    cluster: Cluster, server: Server, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    busy = failure(429, "TooManyRequests", "slow down", Retry_After="7")
    account = service_account() if verb == "get" else only_metadata("ann")
    server.script = lambda _: busy if len(server.received) < 3 else json_answer(account)
    getattr(cluster, verb)(ACCOUNT)
    assert waited == [7, 7]
    server.script = lambda _: failure(429, "TooManyRequests", "slow down", Retry_After="900")
    with pytest.raises(ClusterError, match="overloaded"):
        cluster.get(ACCOUNT)
    assert waited[2:] == [30, 30, 30, 30]


def test_it_waits_as_long_as_a_server_says_that_is_not_there_yet(
    cluster: Cluster, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    starting = failure(503, "ServiceUnavailable", "starting", Retry_After="4")
    server.script = lambda _: (
        starting if len(server.received) < 2 else json_answer(service_account())
    )
    cluster.get(ACCOUNT)
    assert waited == [4]


def test_a_get_whose_connection_broke_is_repeated(cluster: Cluster, server: Server) -> None:
    server.script = lambda _: (
        DROPPED if len(server.received) < 3 else json_answer(service_account())
    )
    assert cluster.get(ACCOUNT) == service_account()
    server.script = lambda _: DROPPED
    server.received.clear()
    with pytest.raises(Unreachable, match="the connection was closed"):
        cluster.get(ACCOUNT)
    assert len(server.received) == 3


def test_an_unreachable_server_is_named_with_the_cause(
    home: Home, cluster: Cluster, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    refused = connect_error(home.write(TOKEN, {"server": f"https://127.0.0.1:{port}"}))
    assert f"https://127.0.0.1:{port}): no answer: connection refused" in refused
    assert "its name is not known (DNS)" in connect_error(
        home.write(TOKEN, {"server": "https://api.invalid"})
    )
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.3)
    server.script = lambda _: time.sleep(1)
    with pytest.raises(Unreachable, match="nothing came within"):
        cluster.get(ACCOUNT)
    plain = Server(None, b"", home.folder)
    try:
        url = plain.url.replace("http", "https")
        assert "TLS failed" in connect_error(home.write(TOKEN, {"server": url}))
    finally:
        plain.stop()


def test_requests_are_silent(
    home: Home, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    unverified = {"certificate-authority": None, "insecure-skip-tls-verify": True}
    Cluster.connect(home.write(TOKEN, unverified)).get(PROBE)
    connect_error(home.write(TOKEN, {"server": "https://127.0.0.1:9"}))
    assert capfd.readouterr() == ("", "")
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
    assert "plain" not in caplog.text


@pytest.mark.parametrize(
    "path",
    ["api/v1", "/api/../x", "/api//x", "/a?b", "/a#b", "/a b", "/a/%2e%2e/b", "/a/", "/a\n", ""],
)
def test_a_path_that_may_lead_elsewhere_is_a_mistake_of_the_caller(
    cluster: Cluster, server: Server, path: str
) -> None:
    with pytest.raises(ValueError, match="is no path"):
        cluster.delete(path)
    assert server.received == []


def test_a_name_is_quoted_and_arrives_whole(cluster: Cluster, server: Server) -> None:
    name = "platform:ann@x:edit ü"
    path = f"/api/v1/namespaces/users/serviceaccounts/{quote_name(name)}"
    server.script = lambda got: json_answer(service_account(name=name, labels={"path": got.path}))
    assert cluster.get(path)["metadata"]["labels"]["path"] == path
    assert path.endswith("/platform%3Aann%40x%3Aedit%20%C3%BC")
    for name in ("", ".", "..", "a/b", "a%2fb"):
        with pytest.raises(ValueError, match="is no name"):
            quote_name(name)
