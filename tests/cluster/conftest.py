"""A stand-in for an API server, and a kubeconfig that leads to it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kuberoster.cluster import Cluster
from tests.cluster.api_server import Server
from tests.cluster.certificates import Pki, issue_all
from tests.cluster.connect_proxy import Proxy
from tests.cluster.kubeconfigs import PLUGIN, TOKEN, Home


@pytest.fixture(scope="session")
def pki() -> Pki:
    return issue_all()


@pytest.fixture(scope="session")
def shared_server(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(pki.server, pki.ca, tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def shared_proxy(shared_server: Server) -> Iterator[Proxy]:
    proxy = Proxy(shared_server)
    yield proxy
    proxy.stop()


@pytest.fixture
def server(shared_server: Server) -> Server:
    shared_server.received.clear()
    shared_server.script = None
    return shared_server


@pytest.fixture
def proxy(shared_proxy: Proxy) -> Proxy:
    shared_proxy.asked.clear()
    return shared_proxy


@pytest.fixture
def home(tmp_path: Path, server: Server, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> Home:
    for variable in os.environ:
        if variable.startswith("KUBE") or variable.lower().endswith("_proxy"):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "kube"
    (folder / "bin").mkdir(parents=True)
    (folder / "ca.crt").write_bytes(pki.ca)
    (folder / "client.crt").write_bytes(pki.client[0])
    (folder / "client.key").write_bytes(pki.client[1])
    (folder / "token").write_text("from-file\n")
    (folder / "empty").write_text("\n")
    (folder / "bin/plugin").write_text(PLUGIN)
    (folder / "bin/plugin").chmod(0o755)
    (folder / "bin/not-executable").write_text("#!/bin/sh\n")
    return Home(folder=folder, server=server, pki=pki)


@pytest.fixture
def cluster(home: Home) -> Iterator[Cluster]:
    cluster = Cluster.connect(home.write(TOKEN))
    home.server.received.clear()
    yield cluster
    cluster.close()
