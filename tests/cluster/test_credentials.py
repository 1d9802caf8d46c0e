"""Whose a connection is, never nobody's, and where a private key lies."""

import os
import ssl
import tempfile
from pathlib import Path
from typing import Any

import pytest

from kuberoster.cluster import Cluster, ClusterError
from tests.cluster.answers import Answer, failure, self_review
from tests.cluster.api_server import PROBE, Seen
from tests.cluster.kubeconfigs import TOKEN, Home, connect_error


@pytest.mark.parametrize(
    "answer",
    [
        failure(403, "Forbidden", 'User "system:anonymous" cannot create resource'),
        self_review({"userInfo": {"username": "system:anonymous"}}),
        self_review({"userInfo": {"username": "x", "groups": ["system:unauthenticated"]}}),
        self_review({"userInfo": {}}),
    ],
)
def test_a_connection_that_is_anonymous_is_refused(home: Home, answer: Answer) -> None:
    home.server.script = lambda _: answer
    assert "never works anonymously" in connect_error(home.write(TOKEN))


def test_a_server_without_self_subject_review_is_refused(home: Home) -> None:
    home.server.script = lambda _: failure(404, "NotFound", "no such resource")
    assert "before Kubernetes 1.28" in connect_error(home.write(TOKEN))


def test_a_token_is_tried_alone_and_only_the_api_servers_own_401_says_that_it_is_dead(
    home: Home,
) -> None:
    admin = {"client-certificate": "client.crt", "client-key": "client.key", "as": "boss"}
    cluster = Cluster.connect(home.write(admin, {"tls-server-name": "inner.test"}))
    assert cluster.accepts("t0ken")
    seen = home.server.received[-1].seen
    assert seen == Seen(authorization="Bearer t0ken", sni="inner.test")
    home.server.script = lambda got: (
        failure(401, "Unauthorized", "Unauthorized") if got.path == "/version" else None
    )
    assert not cluster.accepts("t0ken")
    home.server.script = lambda _: failure(403, "Forbidden", "no version for you")
    assert cluster.accepts("t0ken")
    others: list[Answer] = [(401, {}, b"<html>sign in</html>"), (500, {}, b"t0ken"), (302, {}, b"")]
    for answer in others:
        home.server.script = lambda _, answer=answer: answer
        with pytest.raises(ClusterError) as caught:
            cluster.accepts("t0ken")
        assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize("in_memory", [True, False])
def test_no_private_key_stays_behind_or_is_ever_readable_by_others(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    if not in_memory:
        monkeypatch.delattr(os, "memfd_create")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    modes: list[int] = []
    named: list[bool] = []
    load = ssl.SSLContext.load_cert_chain

    def watched(self: ssl.SSLContext, certfile: str, keyfile: str, password: Any = None) -> None:
        key = Path(keyfile)
        named.append(key.resolve().exists())
        if named[-1]:
            modes.extend(path.stat().st_mode & 0o777 for path in (key, key.parent))
        load(self, certfile, keyfile, password)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
    good = {"client-certificate": "client.crt", "client-key": "client.key"}
    Cluster.connect(home.write(good)).get(PROBE)
    connect_error(home.write({"client-certificate": "client.crt", "client-key": "token"}))
    assert named == [not in_memory] * 2
    assert modes == ([] if in_memory else [0o600, 0o700] * 2)
    assert list(temporary.iterdir()) == []
