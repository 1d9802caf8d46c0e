"""The way to a cluster: whom it trusts, through which proxy, and what it hands on."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from kuberoster.cluster import Cluster
from tests.cluster.api_server import PROBE, Server
from tests.cluster.certificates import Pki
from tests.cluster.connect_proxy import Proxy
from tests.cluster.kubeconfigs import BY_TOKEN, TOKEN, Home, b64
from tests.cluster.kubectl import KUBECTL, kubectl


def test_a_cluster_tells_what_a_users_kubeconfig_needs(home: Home, proxy: Proxy) -> None:
    with_password = proxy.url.replace("//", "//me:s3cret@")
    cluster = Cluster.connect(
        home.write(TOKEN, {"tls-server-name": "inner.test", "proxy-url": with_password})
    )
    assert cluster.certificate_authority == home.pki.ca
    assert cluster.tls_server_name == "inner.test"
    assert cluster.proxy_url == proxy.url
    assert proxy.asked[0][1] == "Basic " + b64(b"me:s3cret")


def test_a_proxy_may_itself_speak_tls(
    home: Home, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(home.folder / "ca.crt"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = home.folder / "proxy.pem"
    pem.write_bytes(b"".join(pki.server))
    context.load_cert_chain(pem)
    proxy = Proxy(home.server, context)
    try:
        place = {"proxy-url": proxy.url, "tls-server-name": "inner.test"}
        file = home.write(TOKEN, place)
        Cluster.connect(file).get(PROBE)
        if KUBECTL:
            kubectl("--kubeconfig", file, "get", "--raw", PROBE)
        arrived = replace(BY_TOKEN, sni="inner.test", proxy=f"127.0.0.1:{home.server.port}")
        assert set(home.server.probes()) == {arrived}
        assert len(home.server.probes()) == (2 if KUBECTL else 1)
    finally:
        proxy.stop()


def test_an_unverified_connection_hands_on_no_authority(
    home: Home, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    unverified = {"certificate-authority": None, "insecure-skip-tls-verify": True}
    cluster = Cluster.connect(home.write(TOKEN, {**unverified, "server": "https://api.test"}))
    assert cluster.certificate_authority is None
    assert cluster.tls_server_name is None
    assert cluster.proxy_url is None


def test_over_plain_http_to_this_machine_no_credential_is_sent(
    home: Home, pki: Pki, tmp_path: Path
) -> None:
    plain = Server(None, pki.ca, tmp_path)
    try:
        file = home.write({**TOKEN, "as": "ann"}, {"server": plain.url})
        assert Cluster.connect(file).whoami() == "via-kubectl-proxy"
        Cluster.connect(file).get(PROBE)
        if KUBECTL:
            assert kubectl("--kubeconfig", file, "get", "--raw", PROBE).returncode == 0
        assert {seen.authorization for seen in plain.probes()} == {None}
    finally:
        plain.stop()


def test_an_authority_below_a_root_is_trusted_as_kubectl_trusts_it(
    home: Home, pki: Pki, tmp_path: Path
) -> None:
    server = Server(pki.by_intermediate, pki.ca, tmp_path)
    (home.folder / "ca.crt").write_bytes(pki.intermediate)
    try:
        file = home.write(TOKEN, {"server": server.url})
        Cluster.connect(file).get(PROBE)
        if KUBECTL:
            assert kubectl("--kubeconfig", file, "get", "--raw", PROBE).returncode == 0
    finally:
        server.stop()


def test_an_authority_with_a_comment_is_an_authority(home: Home) -> None:
    (home.folder / "ca.crt").write_bytes("# Gruß\n".encode() + home.pki.ca)
    cluster = Cluster.connect(home.write(TOKEN))
    assert cluster.certificate_authority == (home.folder / "ca.crt").read_bytes()
