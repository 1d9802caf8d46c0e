"""kuberoster reaches the cluster that kubectl reaches, with the credential that kubectl sends.

A TLS server of this file's own notes what arrives. Each case of the table is asserted for
kuberoster; where `kubectl` is on PATH, it runs the same case.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import http.client
import io
import ipaddress
import json
import logging
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kuberoster import cluster as public
from kuberoster.cluster import (
    Cluster,
    ClusterError,
    Conflict,
    Expired,
    Forbidden,
    NotFound,
    Unreachable,
    exec_plugin,
    from_one_moment,
    kubeconfig,
    quote_name,
    transport,
)
from kuberoster.model.errors import KuberosterError

KUBECTL = shutil.which("kubectl")
PROBE = "/probe"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
V1, V1BETA1 = "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"


# --- certificates ---------------------------------------------------------------------------


@dataclass
class Pki:
    """Certificates of one test run, as PEM."""

    ca: bytes
    other_ca: bytes
    intermediate: bytes
    server: tuple[bytes, bytes]
    by_intermediate: tuple[bytes, bytes]
    client: tuple[bytes, bytes]
    client2: tuple[bytes, bytes]
    encrypted_key: bytes


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption(),
    )


def _issue(
    name: str,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = None,
    *,
    authority: bool = False,
    hosts: tuple[str, ...] = (),
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if hosts:
        names: list[x509.GeneralName] = [x509.DNSName(host) for host in hosts]
        address = ipaddress.ip_address("127.0.0.1")
        builder = builder.add_extension(
            x509.SubjectAlternativeName([*names, x509.IPAddress(address)]), critical=False
        )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


@pytest.fixture(scope="module")
def pki() -> Pki:
    ca = _issue("test-ca", authority=True)
    intermediate = _issue("test-intermediate", ca, authority=True)
    hosts = ("localhost", "api.test", "inner.test")
    server, server2 = _issue("server", ca, hosts=hosts), _issue("s2", intermediate, hosts=hosts)
    client, client2 = _issue("cert-user", ca), _issue("cert-user-2", ca)
    return Pki(
        ca=_pem(ca[0]),
        other_ca=_pem(_issue("other-ca", authority=True)[0]),
        intermediate=_pem(intermediate[0]),
        server=(_pem(server[0]), _key_pem(server[1])),
        by_intermediate=(_pem(server2[0]), _key_pem(server2[1])),
        client=(_pem(client[0]), _key_pem(client[1])),
        client2=(_pem(client2[0]), _key_pem(client2[1])),
        encrypted_key=_key_pem(client[1], b"secret"),
    )


# --- servers --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What of a request tells who sent it, and by which way."""

    authorization: str | None = None
    certificate: str | None = None
    sni: str | None = None
    proxy: str | None = None
    impersonation: tuple[tuple[str, str], ...] = ()


@dataclass
class Received:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Message
    body: Any
    seen: Seen


Answer = tuple[int, dict[str, str], bytes]
Script = Callable[[Received], "Answer | None"]


def _json(body: Any, status: int = 200, **headers: str) -> Answer:
    return status, headers, json.dumps(body).encode()


def _status(code: int, reason: str, message: str, **headers: str) -> Answer:
    body = {"kind": "Status", "apiVersion": "v1", "code": code, "reason": reason}
    return _json({**body, "message": message}, code, **headers)


def _review(status: Any) -> Answer:
    kind = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    return _json({**kind, "status": status}, 201)


def _account(**metadata: Any) -> dict[str, Any]:
    kind = {"apiVersion": "v1", "kind": "ServiceAccount"}
    return {**kind, "metadata": {"name": "ann", "namespace": "users", "uid": "1-2", **metadata}}


class Server:
    """An API server's stand-in: TLS or plain, on a port of its own."""

    def __init__(self, certificate: tuple[bytes, bytes] | None, ca: bytes, folder: Path) -> None:
        self.received: list[Received] = []
        self.script: Script | None = None
        self.date: str | None = ""
        """The header `Date`; empty for the time it is, None for no header."""
        self.proxied: dict[int, str] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            sni: str | None = None

            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                got = outer._note(self, json.loads(body) if body else None)
                answer = (outer.script(got) if outer.script else None) or outer._default(got)
                if answer[0] == 0:  # drop the connection without an answer
                    self.close_connection = True
                    self.connection.close()
                    return
                status, headers, content = answer
                self.send_response_only(status)
                date = self.date_time_string() if outer.date == "" else outer.date
                if date is not None:
                    self.send_header("Date", date)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.port: int = self.http.server_address[1]
        self.tls = certificate is not None
        self.names: dict[int, str | None] = {}
        if certificate is not None:
            file = folder / f"server-{self.port}.pem"
            file.write_bytes(b"".join(certificate))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
            context.load_verify_locations(cadata=ca.decode())
            context.verify_mode = ssl.CERT_OPTIONAL
            context.sni_callback = self._name
            self.http.socket = context.wrap_socket(
                self.http.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def _name(self, sock: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: object) -> None:
        self.names[id(sock)] = name

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def _note(self, handler: BaseHTTPRequestHandler, body: Any) -> Received:
        connection = handler.connection
        certificate = None
        if isinstance(connection, ssl.SSLSocket) and (peer := connection.getpeercert()):
            certificate = str(dict(part[0] for part in peer["subject"])["commonName"])  # type: ignore[misc]
        url = urlsplit(handler.path)
        headers = handler.headers
        seen = Seen(
            authorization=headers.get("Authorization"),
            certificate=certificate,
            sni=self.names.get(id(connection)),
            proxy=self.proxied.get(handler.client_address[1]),
            impersonation=tuple(
                sorted(
                    (name.title(), value)
                    for name, value in headers.items()
                    if name.lower().startswith("impersonate-")
                )
            ),
        )
        got = Received(handler.command, url.path, parse_qs(url.query), headers, body, seen)
        self.received.append(got)
        return got

    def _default(self, got: Received) -> Answer:
        who = got.seen.certificate or got.seen.authorization
        if not self.tls:
            who = "via-kubectl-proxy"
        if got.path == WHO:
            if who is None:
                return _status(403, "Forbidden", 'User "system:anonymous" cannot create reviews')
            info = {"username": who, "groups": ["system:authenticated"]}
            return _review({"userInfo": info})
        if got.path == PROBE:
            return _json({"kind": "Probe"})
        if got.path == "/version":
            return _json({"major": "1", "minor": "32", "gitVersion": "v1.32.4"})
        return _status(404, "NotFound", f"the server has no {got.path}")

    def probes(self) -> list[Seen]:
        return [got.seen for got in self.received if got.path == PROBE]

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()


class Proxy:
    """A CONNECT proxy that leads everything to one server and notes for whom."""

    def __init__(self, server: Server, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        if tls is not None:
            self.listener = tls.wrap_socket(self.listener, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.listener.getsockname()[1]}"
        self.server = server
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            first, _, rest = head.partition(b"\r\n")
            headers = http.client.parse_headers(io.BytesIO(rest))
            target = first.split()[1].decode()
            self.asked.append((target, headers.get("Proxy-Authorization")))
            with socket.create_connection(("127.0.0.1", self.server.port)) as upstream:
                self.server.proxied[upstream.getsockname()[1]] = target
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=_pipe, args=(upstream, client), daemon=True)
                back.start()
                _pipe(client, upstream)
                back.join()

    def stop(self) -> None:
        self.listener.close()


def _pipe(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def shared_server(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(pki.server, pki.ca, tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
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


# --- a home with a kubeconfig ---------------------------------------------------------------

PLUGIN = """#!/bin/sh
printf '%s' "$KUBERNETES_EXEC_INFO" > "$0.asked"
echo run >> "$0.runs"
printf '%s' "$PRINT"
exit "${EXIT:-0}"
"""


@dataclass
class Home:
    """A folder with everything that a kubeconfig may name, and an environment that names it."""

    folder: Path
    server: Server
    pki: Pki

    def write(
        self,
        user: Mapping[str, Any] | None,
        cluster: Mapping[str, Any] | None = None,
        *,
        name: str = "config",
        **top: Any,
    ) -> str:
        place = {"server": self.server.url, "certificate-authority": "ca.crt", **(cluster or {})}
        place = {key: value for key, value in place.items() if value is not None}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": place}],
            "users": [{"name": "u", "user": dict(user or {})}],
            **top,
        }
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(document))
        return str(file)

    def plugin_runs(self) -> int:
        file = self.folder / "bin/plugin.runs"
        return len(file.read_text().splitlines()) if file.exists() else 0


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


# --- the table ------------------------------------------------------------------------------


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _jwt(expires: float) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part({'exp': int(expires)})}.c2ln"


def _credential(version: str = V1, **status: Any) -> str:
    return json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status})


def _exec(printed: str, version: str = V1, **settings: Any) -> dict[str, Any]:
    env = [{"name": "PRINT", "value": printed}, *settings.pop("env", [])]
    plugin = {"apiVersion": version, "command": "./bin/plugin", "env": env}
    if version == V1:
        plugin["interactiveMode"] = "Never"
    return {"exec": {**plugin, **settings}}


def _oidc(token: str | None) -> dict[str, Any]:
    config = {"idp-issuer-url": "https://127.0.0.1:1", "client-id": "x"}
    return {
        "auth-provider": {
            "name": "oidc",
            "config": {**config, **({"id-token": token} if token else {})},
        }
    }


REFUSES = "refuses"
"""kubectl ends with an error too, and no request reaches the server."""

Settings = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One kubeconfig, what we do with it, and what kubectl does (None: the same)."""

    name: str
    user: Settings | Callable[[Pki], Settings]
    ours: Seen | str
    cluster: Settings | Callable[[Home], Settings] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    kubectl: Seen | str | None = None


CERT = Seen(certificate="cert-user")
GOOD = _credential(token="from-plugin")
FROM_PLUGIN = Seen(authorization="Bearer from-plugin")
BASIC = Seen(authorization="Basic " + _b64(b"ann:pass:word"))
ANN = ("Impersonate-User", "ann")
TOKEN = {"token": "plain"}
BY_TOKEN = Seen(authorization="Bearer plain")

CASES = [
    Case(name="token", user=TOKEN, ours=BY_TOKEN),
    Case(
        name="tokenFile", user={"tokenFile": "token"}, ours=Seen(authorization="Bearer from-file")
    ),
    Case(
        name="tokenFile before token",
        user={"token": "plain", "tokenFile": "token"},
        ours=Seen(authorization="Bearer from-file"),
    ),
    Case(
        name="missing tokenFile", user={"tokenFile": "gone"}, ours="No such file", kubectl=REFUSES
    ),
    Case(
        name="missing tokenFile beside a token",
        user={"token": "plain", "tokenFile": "gone"},
        ours="No such file",
        kubectl=BY_TOKEN,
    ),
    Case(name="empty tokenFile", user={"tokenFile": "empty"}, ours="is empty", kubectl=REFUSES),
    Case(
        name="token with a line break",
        user={"token": "pla\nin"},
        ours="holds a space, a line break",
        kubectl=REFUSES,
    ),
    Case(name="token is a number", user={"token": 12345}, ours="Put it in quotes", kubectl=REFUSES),
    Case(name="basic auth", user={"username": "ann", "password": "pass:word"}, ours=BASIC),
    Case(
        name="token and basic auth",
        user={**TOKEN, "username": "ann"},
        ours="both a token and a password",
        kubectl=REFUSES,
    ),
    Case(name="no credential", user={}, ours="has no credential", kubectl=REFUSES),
    Case(
        name="client certificate files",
        user={"client-certificate": "client.crt", "client-key": "client.key"},
        ours=CERT,
    ),
    Case(
        name="client certificate data",
        user=lambda pki: {
            "client-certificate-data": _b64(pki.client[0]),
            "client-key-data": _b64(pki.client[1]),
        },
        ours=CERT,
    ),
    Case(
        name="client certificate as data and as file",
        user=lambda pki: {
            "client-certificate": "client.crt",
            "client-certificate-data": _b64(pki.client[0]),
            "client-key": "client.key",
        },
        ours="both 'client-certificate' and 'client-certificate-data'",
        kubectl=REFUSES,
    ),
    Case(
        name="client certificate and token",
        user={**TOKEN, "client-certificate": "client.crt", "client-key": "client.key"},
        ours=replace(CERT, authorization="Bearer plain"),
    ),
    Case(
        name="client certificate without key",
        user={"client-certificate": "client.crt"},
        ours="client-key is missing",
        kubectl=REFUSES,
    ),
    Case(
        name="client key of another certificate",
        user=lambda pki: {
            "client-certificate": "client.crt",
            "client-key-data": _b64(pki.client2[1]),
        },
        ours="do not belong together",
        kubectl=REFUSES,
    ),
    Case(
        name="encrypted client key",
        user=lambda pki: {
            "client-certificate": "client.crt",
            "client-key-data": _b64(pki.encrypted_key),
        },
        ours="the key is encrypted",
        kubectl=REFUSES,
    ),
    Case(
        name="client key data that is not base64",
        user={"client-certificate": "client.crt", "client-key-data": "%%%"},
        ours="'client-key-data' is not base64",
        kubectl=REFUSES,
    ),
    Case(name="exec v1", user=_exec(GOOD), ours=FROM_PLUGIN),
    Case(
        name="exec v1beta1",
        user=_exec(_credential(V1BETA1, token="from-plugin"), V1BETA1),
        ours=FROM_PLUGIN,
    ),
    Case(
        name="exec v1alpha1",
        user=_exec(GOOD, "client.authentication.k8s.io/v1alpha1"),
        ours="apiVersion is 'client.authentication.k8s.io/v1alpha1'",
        kubectl=REFUSES,
    ),
    Case(
        name="exec fails",
        user=_exec(GOOD, env=[{"name": "EXIT", "value": "3"}]),
        ours="failed with exit code 3",
        kubectl=REFUSES,
    ),
    Case(name="exec prints nonsense", user=_exec("nonsense"), ours="is not JSON", kubectl=REFUSES),
    Case(name="exec prints nothing", user=_exec(""), ours="is not JSON", kubectl=REFUSES),
    Case(
        name="exec gives no credential",
        user=_exec(_credential()),
        ours="neither a token nor a certificate",
        kubectl=REFUSES,
    ),
    Case(
        name="exec without status",
        user=_exec(json.dumps({"apiVersion": V1, "kind": "ExecCredential"})),
        ours="has no status",
        kubectl=REFUSES,
    ),
    Case(
        name="exec answers in another version",
        user=_exec(_credential(V1BETA1, token="x")),
        ours="another apiVersion",
        kubectl=REFUSES,
    ),
    Case(
        name="exec answers with another kind",
        user=_exec(json.dumps({"apiVersion": V1, "kind": "Token", "status": {"token": "x"}})),
        ours="is no ExecCredential",
        kubectl=REFUSES,
    ),
    Case(
        name="exec gives a certificate",
        user=lambda pki: _exec(
            _credential(
                clientCertificateData=pki.client[0].decode(), clientKeyData=pki.client[1].decode()
            )
        ),
        ours=CERT,
    ),
    Case(
        name="exec gives a certificate without key",
        user=lambda pki: _exec(_credential(clientCertificateData=pki.client[0].decode())),
        ours="a certificate without its key",
        kubectl=REFUSES,
    ),
    Case(
        name="exec command is missing",
        user=_exec(GOOD, command="no-such-plugin", installHint="Install it from there."),
        ours="'no-such-plugin' is not on PATH. Install it from there.",
        kubectl=REFUSES,
    ),
    Case(
        name="exec command is not executable",
        user=_exec(GOOD, command="./bin/not-executable"),
        ours="can't be run: Permission denied",
        kubectl=REFUSES,
    ),
    Case(
        name="exec v1 without interactiveMode",
        user=_exec(GOOD, interactiveMode=None),
        ours="interactiveMode must be",
        kubectl=REFUSES,
    ),
    Case(
        name="exec interactiveMode IfAvailable",
        user=_exec(GOOD, interactiveMode="IfAvailable"),
        ours=FROM_PLUGIN,
    ),
    Case(
        name="exec interactiveMode Always without a terminal",
        user=_exec(GOOD, interactiveMode="Always"),
        ours="stdin is no terminal",
        kubectl=REFUSES,
    ),
    Case(name="token before exec", user={**_exec(GOOD), **TOKEN}, ours=BY_TOKEN),
    Case(
        name="client certificate before exec",
        user={**_exec(GOOD), "client-certificate": "client.crt", "client-key": "client.key"},
        ours=CERT,
    ),
    Case(
        name="exec and auth-provider",
        user={**_exec(GOOD), **_oidc(_jwt(time.time() + 3600))},
        ours="both exec and auth-provider",
        kubectl=REFUSES,
    ),
    Case(name="token before auth-provider", user={**_oidc(_jwt(2e9)), **TOKEN}, ours=BY_TOKEN),
    Case(
        name="auth-provider beside a client certificate",
        user={**_oidc(_jwt(2e9)), "client-certificate": "client.crt", "client-key": "client.key"},
        ours=replace(CERT, authorization=f"Bearer {_jwt(2e9)}"),
    ),
    Case(
        name="token beside auth-provider gcp",
        user={"auth-provider": {"name": "gcp"}, **TOKEN},
        ours="auth-provider 'gcp' is no longer supported",
        kubectl=REFUSES,
    ),
    Case(
        name="oidc id-token",
        user=_oidc(_jwt(2e9)),
        ours=Seen(authorization=f"Bearer {_jwt(2e9)}"),
    ),
    Case(
        name="oidc expired id-token",
        user=_oidc(_jwt(1e9)),
        ours="an id-token that is expired",
        kubectl=REFUSES,
    ),
    Case(name="oidc without id-token", user=_oidc(None), ours="has no id-token", kubectl=REFUSES),
    Case(name="oidc nonsense", user=_oidc("nonsense"), ours="no JSON Web Token", kubectl=REFUSES),
    Case(
        name="auth-provider gcp",
        user={"auth-provider": {"name": "gcp", "config": {"access-token": "x"}}},
        ours="auth-provider 'gcp' is no longer supported",
        kubectl=REFUSES,
    ),
    Case(
        name="impersonation",
        user={
            **TOKEN,
            "as": "ann",
            "as-uid": "1",
            "as-groups": ["a", "b"],
            "as-user-extra": {"example.com/x": ["1", "2"]},
        },
        ours=replace(
            BY_TOKEN,
            impersonation=(
                ("Impersonate-Extra-Example.Com%2Fx".title(), "1"),
                ("Impersonate-Extra-Example.Com%2Fx".title(), "2"),
                ("Impersonate-Group", "a"),
                ("Impersonate-Group", "b"),
                ("Impersonate-Uid", "1"),
                ANN,
            ),
        ),
    ),
    Case(
        name="impersonated groups without a user",
        user={**TOKEN, "as-groups": ["a"]},
        ours="'as-groups' without 'as'",
        kubectl=REFUSES,
    ),
    Case(
        name="tls-server-name",
        user=TOKEN,
        cluster={"tls-server-name": "inner.test"},
        ours=replace(BY_TOKEN, sni="inner.test"),
    ),
    Case(
        name="wrong tls-server-name",
        user=TOKEN,
        cluster={"tls-server-name": "elsewhere.test"},
        ours="its certificate is not accepted",
        kubectl=REFUSES,
    ),
    Case(
        name="certificate-authority-data",
        user=TOKEN,
        cluster=lambda home: {
            "certificate-authority": None,
            "certificate-authority-data": _b64(home.pki.ca),
        },
        ours=BY_TOKEN,
    ),
    Case(
        name="certificate-authority as data and as file",
        user=TOKEN,
        cluster=lambda home: {"certificate-authority-data": _b64(home.pki.ca)},
        ours="both 'certificate-authority' and 'certificate-authority-data'",
        kubectl=REFUSES,
    ),
    Case(
        name="another certificate-authority",
        user=TOKEN,
        cluster=lambda home: {
            "certificate-authority": None,
            "certificate-authority-data": _b64(home.pki.other_ca),
        },
        ours="its certificate is not accepted",
        kubectl=REFUSES,
    ),
    Case(
        name="no certificate-authority",
        user=TOKEN,
        cluster={"certificate-authority": None},
        ours="its certificate is not accepted",
        kubectl=REFUSES,
    ),
    Case(
        name="certificate-authority is no certificate",
        user=TOKEN,
        cluster={"certificate-authority": "token"},
        ours="holds no PEM certificate",
        kubectl=REFUSES,
    ),
    Case(
        name="server's own certificate as authority",
        user=TOKEN,
        cluster=lambda home: {
            "certificate-authority": None,
            "certificate-authority-data": _b64(home.pki.server[0]),
        },
        ours=BY_TOKEN,
    ),
    Case(
        name="insecure-skip-tls-verify",
        user=TOKEN,
        cluster={"certificate-authority": None, "insecure-skip-tls-verify": True},
        ours=BY_TOKEN,
    ),
    Case(
        name="insecure-skip-tls-verify with an authority",
        user=TOKEN,
        cluster={"insecure-skip-tls-verify": True},
        ours="both certificate-authority and insecure",
        kubectl=REFUSES,
    ),
    Case(
        name="proxy-url",
        user=TOKEN,
        cluster={"proxy-url": "{proxy}"},
        ours=replace(BY_TOKEN, proxy="{address}"),
    ),
    Case(
        name="proxy-url despite NO_PROXY",
        user=TOKEN,
        cluster={"proxy-url": "{proxy}"},
        env={"NO_PROXY": "*"},
        ours=replace(BY_TOKEN, proxy="{address}"),
    ),
    Case(
        name="proxy-url before HTTPS_PROXY",
        user=TOKEN,
        cluster={"proxy-url": "{proxy}", "server": "https://api.test:7"},
        env={"HTTPS_PROXY": "http://127.0.0.1:9"},
        ours=replace(BY_TOKEN, proxy="api.test:7", sni="api.test"),
    ),
    Case(
        name="HTTPS_PROXY",
        user=TOKEN,
        cluster={"server": "https://api.test:7"},
        env={"HTTPS_PROXY": "{proxy}"},
        ours=replace(BY_TOKEN, proxy="api.test:7", sni="api.test"),
    ),
    Case(
        name="https_proxy without scheme",
        user=TOKEN,
        cluster={"server": "https://api.test:7"},
        env={"https_proxy": "{proxy_address}"},
        ours=replace(BY_TOKEN, proxy="api.test:7", sni="api.test"),
    ),
    Case(
        name="HTTPS_PROXY does not hold for this machine",
        user=TOKEN,
        env={"HTTPS_PROXY": "http://127.0.0.1:9"},
        ours=BY_TOKEN,
    ),
    Case(
        name="ALL_PROXY is not kubectl's",
        user=TOKEN,
        cluster={"server": "https://api.test:7"},
        env={"ALL_PROXY": "{proxy}"},
        ours="its name is not known",
        kubectl=REFUSES,
    ),
    *(
        Case(
            name=f"NO_PROXY={rule}",
            user=TOKEN,
            cluster={"server": "https://api.test:7"},
            env={"HTTPS_PROXY": "{proxy}", "NO_PROXY": rule},
            ours="its name is not known",
            kubectl=REFUSES,
        )
        for rule in ("api.test", "x, TEST", ".test", "*.test", "api.test:7", "*")
    ),
    *(
        Case(
            name=f"NO_PROXY={rule}",
            user=TOKEN,
            cluster={"server": "https://api.test:7"},
            env={"HTTPS_PROXY": "{proxy}", "NO_PROXY": rule},
            ours=replace(BY_TOKEN, proxy="api.test:7", sni="api.test"),
        )
        for rule in ("pi.test", ".api.test", "api.test:8", "10.0.0.0/8", "")
    ),
    Case(
        name="proxy-url with another scheme",
        user=TOKEN,
        cluster={"proxy-url": "ftp://127.0.0.1:1"},
        ours="is no proxy's URL",
        kubectl=REFUSES,
    ),
    Case(
        name="proxy-url refused",
        user=TOKEN,
        cluster={"proxy-url": "http://127.0.0.1:9"},
        ours="through the proxy 127.0.0.1:9: connection refused",
        kubectl=REFUSES,
    ),
    Case(name="no server", user=TOKEN, cluster={"server": None}, ours="'server'", kubectl=REFUSES),
    Case(
        name="server without scheme",
        user=TOKEN,
        cluster=lambda home: {"server": f"127.0.0.1:{home.server.port}"},
        ours="Write it as https://host:port",
        kubectl=REFUSES,
    ),
    Case(
        name="server with a slash at its end",
        user=TOKEN,
        cluster=lambda home: {"server": f"{home.server.url}/"},
        ours=BY_TOKEN,
    ),
]


def _prepared(case: Case, home: Home, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> str:
    user = case.user(home.pki) if callable(case.user) else case.user
    place = case.cluster(home) if callable(case.cluster) else case.cluster
    values = {"{proxy}": proxy.url, "{proxy_address}": proxy.url.removeprefix("http://")}
    for name, value in case.env.items():
        monkeypatch.setenv(name, values.get(value, value))
    return home.write(user, {key: values.get(v, v) for key, v in place.items()})


def _expected(seen: Seen, home: Home) -> Seen:
    if seen.proxy == "{address}":
        return replace(seen, proxy=f"127.0.0.1:{home.server.port}")
    return seen


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_request_carries_what_the_kubeconfig_says_or_is_not_made(
    case: Case, home: Home, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _prepared(case, home, proxy, monkeypatch)
    if isinstance(case.ours, str):
        with pytest.raises(KuberosterError) as caught:
            Cluster.connect(file).get(PROBE)
        assert case.ours in str(caught.value)
        assert home.server.received == []
        return
    cluster = Cluster.connect(file)
    assert cluster.get(PROBE) == {"kind": "Probe"}
    assert home.server.probes() == [_expected(case.ours, home)]
    assert cluster.whoami()
    cluster.close()


def _kubectl(*arguments: str) -> subprocess.CompletedProcess[str]:
    if KUBECTL is None:
        pytest.skip("kubectl is not on PATH: our own behaviour is asserted, the comparison is not")
    return subprocess.run(
        [KUBECTL, "--request-timeout=10s", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_kubectl_does_the_same_or_the_table_says_what(
    case: Case, home: Home, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _prepared(case, home, proxy, monkeypatch)
    done = _kubectl("--kubeconfig", file, "get", "--raw", PROBE)
    expected = case.kubectl or case.ours
    if expected == REFUSES:
        assert done.returncode != 0
        assert home.server.probes() == []
    else:
        assert isinstance(expected, Seen)
        assert home.server.probes() == [_expected(expected, home)], done.stderr
        assert done.returncode == 0


# --- which file, which context --------------------------------------------------------------


def _message(kubeconfig: str | None = None, context: str | None = None) -> str:
    with pytest.raises(KuberosterError) as caught:
        Cluster.connect(kubeconfig, context)
    return str(caught.value)


def _three(home: Home) -> list[str]:
    """Three files: the second defines everything of the first again, and something of its own."""
    first = home.write(
        {"tokenFile": "../token"}, {"certificate-authority": "../ca.crt"}, name="a/1"
    )
    more: dict[str, Any] = {
        "current-context": "other",
        "contexts": [
            {"name": "here", "context": {"cluster": "c", "user": "other"}},
            {"name": "other", "context": {"cluster": "c", "user": "other"}},
        ],
        "users": [
            {"name": "u", "user": {"token": "second", "username": "x"}},
            {"name": "other", "user": {"tokenFile": "token"}},
        ],
    }
    second = home.write({}, name="b/2", **more)
    (home.folder / "b/token").write_text("of-b")
    return [str(home.folder / "gone"), first, "", second]


@pytest.mark.parametrize(
    ("context", "token"), [(None, "from-file"), ("here", "from-file"), ("other", "of-b")]
)
def test_a_list_of_files_is_merged_as_kubectl_merges_it(
    home: Home, monkeypatch: pytest.MonkeyPatch, context: str | None, token: str
) -> None:
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(_three(home)))
    cluster = Cluster.connect(context=context)
    cluster.get(PROBE)
    assert cluster.context == (context or "here")
    if KUBECTL:
        _kubectl(*(["--context", context] if context else []), "get", "--raw", PROBE)
    assert {seen.authorization for seen in home.server.probes()} == {f"Bearer {token}"}
    assert len(home.server.probes()) == (2 if KUBECTL else 1)


def test_terraforms_variables_come_before_kubeconfig_and_a_named_file_before_both(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {token: home.write({"token": token}, name=token) for token in ("p", "ps", "k", "x")}
    (home.folder.parent / ".kube").symlink_to(home.folder)

    def seen(kubeconfig: str | None = None) -> str:
        return Cluster.connect(kubeconfig).whoami()

    home.write({"token": "default"})
    assert seen() == "Bearer default"
    monkeypatch.setenv("KUBECONFIG", files["k"])
    assert seen() == "Bearer k"
    monkeypatch.setenv("KUBE_CONFIG_PATHS", files["ps"])
    assert seen() == "Bearer ps"
    monkeypatch.setenv("KUBE_CONFIG_PATH", files["p"])
    assert seen() == "Bearer p"
    assert seen(files["x"]) == "Bearer x"


@pytest.mark.parametrize("variable", ["KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "KUBECONFIG"])
def test_a_variable_that_names_no_file_is_an_error(
    home: Home, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for file in ("/no/such/file", "~nobody-of-this-name/config"):
        monkeypatch.setenv(variable, file)
        assert f"{variable} is '{file}', and no such file exists" in _message()


@pytest.mark.parametrize("name", ["", "/no/such/file"])
def test_a_named_file_that_is_missing_is_an_error(home: Home, name: str) -> None:
    assert f"is '{name}', and no such file exists" in _message(name)


def test_without_any_kubeconfig_the_message_says_where_it_was_looked_for(home: Home) -> None:
    message = _message()
    for place in ("KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "KUBECONFIG", "~/.kube/config", "pod"):
        assert place in message


def test_in_a_pod_its_own_service_account_is_used_and_its_token_read_anew(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubeconfig, "IN_CLUSTER", home.folder)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(home.server.port))
    cluster = Cluster.connect()
    assert (cluster.context, cluster.server) == ("in-cluster", home.server.url)
    assert cluster.certificate_authority == home.pki.ca
    (home.folder / "token").write_text("rotated")
    cluster.get(PROBE)
    assert home.server.probes() == [Seen(authorization="Bearer rotated")]
    assert "No context 'x'" in _message(context="x")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no current-context"),
        (b"# only a comment", "no current-context"),
        (b"apiVersion: v1\nkind: Config\nusers: null\nclusters:\ncontexts: null\n", "no contexts"),
        (b"a: [1", "line 1, column 6: is not YAML"),
        (b"users:\n- user: {token: s3cret\n  x: }}", "is not YAML"),
        (b"\xff\x00\x01", "is not YAML"),
        (b"at: 2001-99-99", "is not YAML"),
        (b"[" * 5000, "is not YAML"),
        (b"just text", "it holds a str"),
        (b"- a\n", "it holds a list"),
        (b"kind: Secret\napiVersion: v1\n", "those have kind Config"),
        (b"users: {a: b}", "'users' must be a list of mappings"),
        (b"users: [text]", "'users' must be a list of mappings"),
        (b"users: [{user: {}}]", "each of 'users' needs"),
        (b"users: [{name: a, user: text}]", "each of 'users' needs"),
        (b"users: [{name: a}, {name: a}]", "user 'a' is there twice"),
        (b"current-context: 7", "'current-context' must be text"),
        (b"current-context: a", "no context 'a'. There are none."),
        (b"current-context: prd\ncontexts: [{name: prod}]", "Did you mean 'prod'?"),
        (b"current-context: a\ncontexts: [{name: a}]", "names no cluster"),
        (
            b"current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n",
            "names cluster 'c', which is in no file",
        ),
        (
            b"current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n"
            b"clusters: [{name: c, cluster: {server: 'https://x'}}]",
            "names no user",
        ),
        (
            b"current-context: a\ncontexts: [{name: a, context: {cluster: c, user: an}}]\n"
            b"clusters: [{name: c}]\nusers: [{name: ann}]",
            "names user 'an', which is in no file. Did you mean 'ann'?",
        ),
    ],
)
def test_a_broken_kubeconfig_is_one_clear_error_that_quotes_no_secret(
    home: Home, content: bytes, words: str
) -> None:
    file = home.folder / "broken"
    file.write_bytes(content)
    message = _message(str(file))
    assert words in message
    assert "s3cret" not in message


def test_a_folder_or_an_unreadable_file_is_an_error(home: Home) -> None:
    assert "Is a directory" in _message(str(home.folder))
    file = Path(home.write(TOKEN))
    file.chmod(0)
    if not os.access(file, os.R_OK):
        assert "Permission denied" in _message(str(file))


def test_an_authority_with_a_comment_is_an_authority(home: Home) -> None:
    (home.folder / "ca.crt").write_bytes("# Gruß\n".encode() + home.pki.ca)
    cluster = Cluster.connect(home.write(TOKEN))
    assert cluster.certificate_authority == (home.folder / "ca.crt").read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_obstacle(home: Home, encoding: str) -> None:
    file = Path(home.write(TOKEN))
    file.write_text(file.read_text(), encoding=encoding)
    assert Cluster.connect(str(file)).whoami() == "Bearer plain"
    if KUBECTL:
        assert _kubectl("--kubeconfig", str(file), "get", "--raw", PROBE).returncode == 0


@pytest.mark.parametrize(
    "top",
    [
        {"users": [{"name": "u", "user": {"token": t}} for t in ("one", "two")]},
        {"users": None},
        {"current-context": "gone"},
        {"contexts": [{"name": "here", "context": {"cluster": "gone", "user": "u"}}]},
        {"contexts": [{"name": "here", "context": {"cluster": "c"}}]},
        {"apiVersion": "v2"},
        {"kind": "Secret"},
    ],
    ids=str,
)
def test_a_kubeconfig_that_kubectl_refuses_is_refused(home: Home, top: dict[str, Any]) -> None:
    file = home.write(TOKEN, **top)
    assert file in _message(file)
    assert home.server.received == []
    if KUBECTL:
        assert _kubectl("--kubeconfig", file, "get", "--raw", PROBE).returncode != 0
        assert home.server.probes() == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://x y", "with a blank"),
        ("https://", "Write it as"),
        ("https://x:0", "Write it as"),
        ("https://x:999999", "which is no URL"),
        ("https://ann:s3cret@x", "must hold no user"),
        ("https://x/?a=b", "must hold no user"),
        ("http://api.test", "plain HTTP"),
        ("ftp://x", "Write it as"),
    ],
)
def test_a_server_that_is_no_https_url_is_refused(home: Home, url: str, words: str) -> None:
    message = _message(home.write(TOKEN, {"server": url}))
    assert words in message
    assert "s3cret" not in message


@pytest.mark.parametrize(
    ("user", "cluster", "words"),
    [
        ({"exec": "text"}, {}, "'exec' must be a mapping"),
        ({"exec": {"apiVersion": V1}}, {}, "names no command"),
        (_exec(GOOD, args="text"), {}, "'args' must be a list"),
        (_exec(GOOD, env=[{"name": "A"}]), {}, "each 'env' needs"),
        (_exec(_credential(token="a b")), {}, "the token of the exec plugin holds a space"),
        (_exec(_credential(token=7)), {}, "'token' must be text"),
        (_exec(_credential(token="x", expirationTimestamp="soon")), {}, "that is no time"),
        ({**TOKEN, "as": "a\nb"}, {}, "that no header may hold"),
        ({**TOKEN, "as": "Zoë"}, {}, "that no header may hold"),
        ({**TOKEN, "as": "a", "as-groups": "g"}, {}, "'as-groups' must be a list"),
        (TOKEN, {"insecure-skip-tls-verify": "true"}, "must be true or false"),
        (TOKEN, {"certificate-authority": "gone"}, "No such file"),
        (TOKEN, {"proxy-url": "socks5://127.0.0.1:1"}, "SOCKS proxy"),
    ],
)
def test_a_wrong_setting_is_one_clear_error(
    home: Home, user: Settings, cluster: Settings, words: str
) -> None:
    assert words in _message(home.write(user, cluster))
    assert home.server.received == []


# --- credentials over time ------------------------------------------------------------------


def test_a_plugin_runs_once_until_its_credential_expires(home: Home) -> None:
    lasting = Cluster.connect(home.write(_exec(GOOD)))
    lasting.get(PROBE)
    assert home.plugin_runs() == 1
    soon = _credential(token="t", expirationTimestamp="2001-01-01T00:00:00Z")
    Cluster.connect(home.write(_exec(soon))).get(PROBE)
    assert home.plugin_runs() == 3


def test_a_plugins_credential_that_is_refused_is_renewed_once(home: Home) -> None:
    cluster = Cluster.connect(home.write(_exec(GOOD)))
    home.server.script = lambda got: _status(401, "Unauthorized", "Unauthorized")
    with pytest.raises(ClusterError, match="does not accept this credential"):
        cluster.get(PROBE)
    assert home.plugin_runs() == 2
    assert len(home.server.probes()) == 2


def test_a_token_is_tried_alone_and_only_the_api_servers_own_401_says_that_it_is_dead(
    home: Home,
) -> None:
    admin = {"client-certificate": "client.crt", "client-key": "client.key", "as": "boss"}
    cluster = Cluster.connect(home.write(admin, {"tls-server-name": "inner.test"}))
    assert cluster.accepts("t0ken")
    seen = home.server.received[-1].seen
    assert seen == Seen(authorization="Bearer t0ken", sni="inner.test")
    home.server.script = lambda got: (
        _status(401, "Unauthorized", "Unauthorized") if got.path == "/version" else None
    )
    assert not cluster.accepts("t0ken")
    home.server.script = lambda _: _status(403, "Forbidden", "no version for you")
    assert cluster.accepts("t0ken")
    others: list[Answer] = [(401, {}, b"<html>sign in</html>"), (500, {}, b"t0ken"), (302, {}, b"")]
    for answer in others:
        home.server.script = lambda _, answer=answer: answer
        with pytest.raises(ClusterError) as caught:
            cluster.accepts("t0ken")
        assert "t0ken" not in str(caught.value)


def test_a_plugin_learns_of_the_cluster_when_it_asks_to(home: Home) -> None:
    info = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "a"}}
    place = {"tls-server-name": "inner.test", "extensions": [info]}
    file = home.write(_exec(GOOD, provideClusterInfo=True), place)
    Cluster.connect(file)
    asked = home.folder / "bin/plugin.asked"
    ours = json.loads(asked.read_text())
    assert ours["spec"]["cluster"]["config"] == {"audience": "a"}
    assert ours["spec"]["cluster"]["certificate-authority-data"] == _b64(home.pki.ca)
    if KUBECTL:
        _kubectl("--kubeconfig", file, "get", "--raw", PROBE)
        assert json.loads(asked.read_text()) == ours
    file = home.write(_exec(GOOD, provideClusterInfo=True))
    Cluster.connect(file)
    ours = json.loads(asked.read_text())
    if KUBECTL:
        _kubectl("--kubeconfig", file, "get", "--raw", PROBE)
        assert json.loads(asked.read_text()) == ours
    Cluster.connect(home.write(_exec(GOOD)))
    assert "cluster" not in json.loads(asked.read_text())["spec"]


def test_a_plugin_on_path_gets_its_arguments(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home.folder / "bin"), prepend=os.pathsep)
    script = home.folder / "bin/by-name"
    script.write_text(f"#!/bin/sh\nprintf '%s' \"$2\" > {home.folder}/arguments\n{PLUGIN[10:]}")
    script.chmod(0o755)
    Cluster.connect(home.write(_exec(GOOD, command="by-name", args=["a", "b c"])))
    assert (home.folder / "arguments").read_text() == "b c"


def test_a_plugin_that_hangs_is_stopped(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exec_plugin, "PATIENCE", 0.2)
    assert "gave no answer within 0.2 s" in _message(
        home.write(_exec("", command="sleep", args=["5"]))
    )


def test_a_plugin_works_with_stdin_closed(home: Home) -> None:
    file = home.write(_exec(GOOD, interactiveMode="IfAvailable"))
    program = f"from kuberoster.cluster import Cluster\nprint(Cluster.connect({file!r}).whoami())"
    done = _python(program, before=lambda: os.close(0))
    assert (done.returncode, done.stdout.strip()) == (0, "Bearer from-plugin"), done.stderr


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
    _message(home.write({"client-certificate": "client.crt", "client-key": "token"}))
    assert named == [not in_memory] * 2
    assert modes == ([] if in_memory else [0o600, 0o700] * 2)
    assert list(temporary.iterdir()) == []


# --- what the administrator's connection tells ----------------------------------------------


def test_a_cluster_tells_what_a_users_kubeconfig_needs(home: Home, proxy: Proxy) -> None:
    with_password = proxy.url.replace("//", "//me:s3cret@")
    cluster = Cluster.connect(
        home.write(TOKEN, {"tls-server-name": "inner.test", "proxy-url": with_password})
    )
    assert cluster.certificate_authority == home.pki.ca
    assert cluster.tls_server_name == "inner.test"
    assert cluster.proxy_url == proxy.url
    assert proxy.asked[0][1] == "Basic " + _b64(b"me:s3cret")


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
            _kubectl("--kubeconfig", file, "get", "--raw", PROBE)
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
            assert _kubectl("--kubeconfig", file, "get", "--raw", PROBE).returncode == 0
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
            assert _kubectl("--kubeconfig", file, "get", "--raw", PROBE).returncode == 0
    finally:
        server.stop()


# --- never anonymous ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        _status(403, "Forbidden", 'User "system:anonymous" cannot create resource'),
        _review({"userInfo": {"username": "system:anonymous"}}),
        _review({"userInfo": {"username": "x", "groups": ["system:unauthenticated"]}}),
        _review({"userInfo": {}}),
    ],
)
def test_a_connection_that_is_anonymous_is_refused(home: Home, answer: Answer) -> None:
    home.server.script = lambda _: answer
    assert "never works anonymously" in _message(home.write(TOKEN))


def test_a_server_without_self_subject_review_is_refused(home: Home) -> None:
    home.server.script = lambda _: _status(404, "NotFound", "no such resource")
    assert "before Kubernetes 1.28" in _message(home.write(TOKEN))


# --- requests -------------------------------------------------------------------------------

SECRETS = "/api/v1/namespaces/users/secrets"
ACCOUNT = "/api/v1/namespaces/users/serviceaccounts/ann"


@pytest.fixture
def cluster(home: Home) -> Iterator[Cluster]:
    cluster = Cluster.connect(home.write(TOKEN))
    home.server.received.clear()
    yield cluster
    cluster.close()


def test_create_patch_and_delete_say_what_they_mean(cluster: Cluster, server: Server) -> None:
    done = {"kind": "Status", "apiVersion": "v1", "status": "Success"}
    server.script = lambda got: _json(
        done if got.method == "DELETE" else _account(labels={"asked": got.method})
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
    server.script = lambda _: _status(code, reason, said)
    with pytest.raises(error) as caught:
        cluster.get(ACCOUNT)
    message = str(caught.value)
    for part in (f"GET {ACCOUNT}", "context 'here'", server.url, " ".join(said.split())):
        assert part in message


@pytest.mark.parametrize("code", [400, 404, 409, 422, 500, 503])
def test_an_error_never_holds_a_token_or_a_secrets_data(
    cluster: Cluster, server: Server, code: int
) -> None:
    token = _jwt(2e9)
    bodies = [
        _json({"kind": "Secret", "data": {"token": "s3cret"}}, code),
        (code, {}, b"s3cret"),
        _status(code, "Invalid", f"token {token} is wrong"),
    ]
    if code not in {404, 409}:
        bodies.append(_status(code, "Invalid", 'data[x]: Invalid value: "s3cret"'))
    for body in bodies:
        server.script = lambda _, body=body: body
        with pytest.raises(ClusterError) as caught:
            cluster.create(SECRETS, {"data": {"token": "s3cret"}})
        assert "s3cret" not in str(caught.value)
        assert token not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"[]", b"", b"\xff"])
def test_an_answer_that_is_no_object_is_an_error(
    cluster: Cluster, server: Server, body: bytes
) -> None:
    server.script = lambda _: (200, {}, body)
    with pytest.raises(ClusterError, match="no JSON object"):
        cluster.get(ACCOUNT)


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
    busy = _status(429, "TooManyRequests", "slow down", Retry_After="7")
    account = _account() if verb == "get" else _partial("ann")
    server.script = lambda _: busy if len(server.received) < 3 else _json(account)
    getattr(cluster, verb)(ACCOUNT)
    assert waited == [7, 7]
    server.script = lambda _: _status(429, "TooManyRequests", "slow down", Retry_After="900")
    with pytest.raises(ClusterError, match="overloaded"):
        cluster.get(ACCOUNT)
    assert waited[2:] == [30, 30, 30, 30]


DROPPED: Answer = (0, {}, b"")


def test_a_get_whose_connection_broke_is_repeated(cluster: Cluster, server: Server) -> None:
    server.script = lambda _: DROPPED if len(server.received) < 3 else _json(_account())
    assert cluster.get(ACCOUNT) == _account()
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
    refused = _message(home.write(TOKEN, {"server": f"https://127.0.0.1:{port}"}))
    assert f"https://127.0.0.1:{port}): no answer: connection refused" in refused
    assert "its name is not known (DNS)" in _message(
        home.write(TOKEN, {"server": "https://api.invalid"})
    )
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.3)
    server.script = lambda _: time.sleep(1)
    with pytest.raises(Unreachable, match="nothing came within"):
        cluster.get(ACCOUNT)
    plain = Server(None, b"", home.folder)
    try:
        url = plain.url.replace("http", "https")
        assert "TLS failed" in _message(home.write(TOKEN, {"server": url}))
    finally:
        plain.stop()


def test_requests_are_silent(
    home: Home, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    unverified = {"certificate-authority": None, "insecure-skip-tls-verify": True}
    Cluster.connect(home.write(TOKEN, unverified)).get(PROBE)
    _message(home.write(TOKEN, {"server": "https://127.0.0.1:9"}))
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
    server.script = lambda got: _json(_account(name=name, labels={"path": got.path}))
    assert cluster.get(path)["metadata"]["labels"]["path"] == path
    assert path.endswith("/platform%3Aann%40x%3Aedit%20%C3%BC")
    for name in ("", ".", "..", "a/b", "a%2fb"):
        with pytest.raises(ValueError, match="is no name"):
            quote_name(name)


# --- lists ----------------------------------------------------------------------------------


def _partial(name: str, **metadata: Any) -> dict[str, Any]:
    kind = {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata"}
    return {**kind, "metadata": {"name": name, "namespace": "users", "uid": "1", **metadata}}


def _page(
    items: list[Any] | None, token: str = "", kind: str = "PartialObjectMetadataList"
) -> Answer:
    version = "meta.k8s.io/v1" if kind.startswith("Partial") else "rbac.authorization.k8s.io/v1"
    metadata = {"resourceVersion": "7", "continue": token}
    return _json({"apiVersion": version, "kind": kind, "metadata": metadata, "items": items})


def test_metadata_is_listed_page_by_page_without_the_objects(
    cluster: Cluster, server: Server
) -> None:
    copy = {"kubectl.kubernetes.io/last-applied-configuration": "s3cret", "a": "b"}

    def script(got: Received) -> Answer:
        if "continue" not in got.query:
            return _page([_partial("a", annotations=copy), _partial("b")], "more=&x")
        return _page([_partial("c")])

    server.script = script
    items = list(
        cluster.list_metadata(
            SECRETS, field_selector="type=kubernetes.io/service-account-token", label_selector="x=y"
        )
    )
    assert [item["metadata"]["name"] for item in items] == ["a", "b", "c"]
    assert items[0]["metadata"]["annotations"] == {"a": "b"}
    first, second = server.received
    assert first.headers["Accept"] == (
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    )
    assert first.query == {
        "limit": ["500"],
        "fieldSelector": ["type=kubernetes.io/service-account-token"],
        "labelSelector": ["x=y"],
    }
    assert second.query == {**first.query, "continue": ["more=&x"]}


@pytest.mark.parametrize(
    "answer",
    [
        _page([{"metadata": {"name": "a"}, "data": {"token": "s3cret"}}], kind="SecretList"),
        _page([{"metadata": {"name": "a"}, "data": {"token": "s3cret"}}]),
        _page([], kind="Table"),
        _json({"items": []}),
        _page(["text"]),
    ],
)
def test_whole_objects_in_place_of_metadata_are_refused(
    cluster: Cluster, server: Server, answer: Answer
) -> None:
    server.script = lambda _: answer
    with pytest.raises(ClusterError, match="of another kind") as caught:
        list(cluster.list_metadata(SECRETS))
    assert "s3cret" not in str(caught.value)


def test_a_page_is_asked_for_only_when_the_one_before_has_been_read(
    cluster: Cluster, server: Server
) -> None:
    server.script = lambda got: _page(
        [_partial("a"), _partial("b")], "" if "continue" in got.query else "more"
    )
    items = cluster.list_metadata(SECRETS)
    assert [next(items)["metadata"]["name"] for _ in range(2)] == ["a", "b"]
    assert len(server.received) == 1
    next(items)
    assert len(server.received) == 2


EXPIRED = _status(410, "Expired", "The provided continue parameter is too old")


def test_a_list_that_expires_half_way_is_read_again_from_its_start(
    cluster: Cluster, server: Server
) -> None:
    def script(got: Received) -> Answer:
        starts = sum("continue" not in asked.query for asked in server.received)
        if "continue" in got.query:
            return EXPIRED if starts == 1 else _page([_partial("c")])
        # What was on the first page has moved to the second one meanwhile, and the reverse.
        return _page([_partial("c" if starts == 1 else "a")], "t")

    server.script = script
    names = from_one_moment(
        lambda: [item["metadata"]["name"] for item in cluster.list_metadata(SECRETS)]
    )
    assert names == ["a", "c"]
    server.received.clear()
    with pytest.raises(Expired, match=r"too old\. Try again"):
        list(cluster.list_metadata(SECRETS))


def test_a_list_that_expires_again_and_again_is_one_clear_error(
    cluster: Cluster, server: Server
) -> None:
    server.script = lambda got: EXPIRED if "continue" in got.query else _page([], "t")
    with pytest.raises(ClusterError, match="read from its start 3 times") as caught:
        from_one_moment(lambda: list(cluster.list_metadata(SECRETS)))
    assert not isinstance(caught.value, Expired)
    assert f"GET {SECRETS}" in str(caught.value)
    assert len(server.received) == 6


def test_the_api_servers_clock_is_known(home: Home, server: Server) -> None:
    def at(date: str | None) -> datetime.datetime | None:
        server.date = date
        return Cluster.connect(home.write(TOKEN)).time

    try:
        told = datetime.datetime(2026, 11, 24, 2, 3, 4, tzinfo=datetime.UTC)
        assert at("Tue, 24 Nov 2026 02:03:04 GMT") == told
        assert at("Tue, 24 Nov 2026 03:03:04 +0100") == told
        assert at("Tue, 24 Nov 2026 02:03:04 -0000") == told
        for silent in (None, "yesterday", "Tue, 99 Nov 2026 02:03:04 GMT"):
            assert at(silent) is None
    finally:
        server.date = ""


def test_whole_objects_are_listed_but_never_secrets(cluster: Cluster, server: Server) -> None:
    roles = "/apis/rbac.authorization.k8s.io/v1/roles"
    role = {"metadata": {"name": "r", "namespace": "web", "uid": "1"}, "rules": None}
    server.script = lambda got: _page([role], kind="RoleList")
    assert list(cluster.list(roles)) == [role]
    server.script = lambda got: _page(None, kind="RoleList")
    assert list(cluster.list(roles, label_selector="a=b")) == []
    server.received.clear()
    for path in (SECRETS, "/api/v1/secrets", "/api/v1/%73ecrets", "/api/v1/secrets/"):
        with pytest.raises(ValueError, match="use list_metadata"):
            cluster.list(path)
        with pytest.raises(ValueError, match="use list_metadata"):
            cluster.get(path)
    assert server.received == []
    server.script = lambda got: _page([{"data": {"a": "b"}}], kind="SecretList")
    with pytest.raises(ClusterError, match="of another kind"):
        list(cluster.list("/api/v1/anything"))


# --- answers that are none, and changes whose answer is lost --------------------------------

ACCOUNTS = ACCOUNT.rpartition("/")[0]
ACCESS = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview"}
ROLES = "/apis/rbac.authorization.k8s.io/v1/roles"
REQUESTS: dict[str, Callable[[Cluster], object]] = {
    "get": lambda cluster: cluster.get(ACCOUNT),
    "create": lambda cluster: cluster.create(ACCOUNTS, {"metadata": {"name": "ann"}}),
    "patch": lambda cluster: cluster.patch(ACCOUNT, {"metadata": {"labels": {"a": "b"}}}),
    "replace": lambda cluster: cluster.replace(ACCOUNT, _account(labels={"a": "b"})),
    "delete": lambda cluster: cluster.delete(ACCOUNT, "1-2"),
    "try_create": lambda cluster: cluster.try_create(ACCOUNTS, _account()),
    "try_patch": lambda cluster: cluster.try_patch(ACCOUNT, {}),
    "list": lambda cluster: list(cluster.list(ACCOUNTS)),
    "list_metadata": lambda cluster: list(cluster.list_metadata(ACCOUNTS)),
    "review": lambda cluster: cluster.create(WHO.replace("selfsubject", "subjectaccess"), ACCESS),
    "request": lambda cluster: cluster.create(f"{ACCOUNT}/token", {"kind": "TokenRequest"}),
}
_WHOLE = json.dumps(_account()).encode()
NO_ANSWERS = {
    "an empty object": b"{}",
    "a list": b"[]",
    "nothing": b"",
    "a page": b"<html>sign in</html>",
    "a part": _WHOLE[: len(_WHOLE) // 2],
    "another kind": json.dumps({**_account(), "kind": "ConfigMap"}).encode(),
    "another version": json.dumps({**_account(), "apiVersion": "v2"}).encode(),
    "another name": json.dumps(_account(name="bob")).encode(),
    "another namespace": json.dumps(_account(namespace="web")).encode(),
    "no uid": json.dumps(_account(uid=None)).encode(),
    "labels that are none": json.dumps(_account(labels=["a"])).encode(),
    "no metadata": json.dumps({**_account(), "metadata": None}).encode(),
    "a failure": json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure"}).encode(),
    "no verdict": json.dumps({**ACCESS, "status": {}}).encode(),
}


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


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"metadata": {}},
        {"metadata": {"name": "r", "uid": "1"}},
        {"metadata": {"name": "r", "namespace": "web", "uid": "1", "labels": {"a": 1}}},
        {"kind": "Secret", "metadata": {"name": "r", "namespace": "web", "uid": "1"}},
        {"metadata": {"name": "r", "namespace": "web", "uid": "1"}, "rules": "all"},
    ],
)
def test_a_list_with_an_item_that_is_none_is_no_list(
    cluster: Cluster, server: Server, item: object
) -> None:
    server.script = lambda _: _page([item], kind="RoleList")
    with pytest.raises(ClusterError, match="of another kind"):
        list(cluster.list(ROLES))


@pytest.mark.parametrize(
    "answer",
    [
        _page(None, kind="RoleBindingList"),
        _json({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleList", "metadata": {}}),
        _json({"apiVersion": "v1", "kind": "RoleList", "metadata": {}, "items": []}),
    ],
)
def test_a_list_of_another_kind_or_without_its_items_is_never_an_empty_one(
    cluster: Cluster, server: Server, answer: Answer
) -> None:
    server.script = lambda _: answer
    with pytest.raises(ClusterError, match="of another kind"):
        list(cluster.list(ROLES))


def test_a_page_that_comes_again_ends_the_list(cluster: Cluster, server: Server) -> None:
    server.script = lambda _: _page([], "more", kind="RoleList")
    with pytest.raises(ClusterError, match="the same page came twice"):
        list(cluster.list(ROLES))


@pytest.mark.parametrize("fault", [500, 502, 503, 504, "a part", "an empty object"])
def test_a_read_is_tried_again_where_the_answer_was_lost(
    cluster: Cluster, server: Server, fault: int | str
) -> None:
    lost = _status(fault, "", "") if isinstance(fault, int) else (200, {}, NO_ANSWERS[fault])
    server.script = lambda _: lost if len(server.received) < 3 else _json(_account())
    assert cluster.get(ACCOUNT) == _account()


def test_it_waits_as_long_as_a_server_says_that_is_not_there_yet(
    cluster: Cluster, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    starting = _status(503, "ServiceUnavailable", "starting", Retry_After="4")
    server.script = lambda _: starting if len(server.received) < 2 else _json(_account())
    cluster.get(ACCOUNT)
    assert waited == [4]


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
                found = _partial(**found["metadata"])
            return _json(found) if found else _status(404, "NotFound", "no")
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
            return _status(409, "AlreadyExists", "there")
        if got.method != "POST" and not self.account:
            return _status(404, "NotFound", "gone")
        self.account = None if got.method == "DELETE" else _account(labels={"a": "b"})
        return _json(self.account or {"kind": "Status", "status": "Success"})


WRITES: dict[str, tuple[Callable[[Cluster], object], dict[str, Any] | None]] = {
    "POST": (lambda cluster: cluster.create(ACCOUNTS, _account(labels={"a": "b"})), None),
    "PATCH": (REQUESTS["patch"], _account()),
    "PUT": (REQUESTS["replace"], _account()),
    "DELETE": (REQUESTS["delete"], _account()),
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
    forbidden = _status(403, "Forbidden", "you may not look")
    server.script = lambda got: forbidden if got.method == "GET" else DROPPED
    with pytest.raises(Unreachable, match=r"closed .*\nWhether it was done is not known"):
        WRITES[verb][0](cluster)
    assert [got.method for got in server.received] == [verb, "GET"]


@pytest.mark.parametrize("verb", ["POST", "DELETE"])
def test_what_belongs_to_another_by_now_is_a_conflict(
    cluster: Cluster, server: Server, verb: str
) -> None:
    other = _account(uid="3-4", labels={"a": "else"})
    server.script = store = Store(other, lost=1, arrives=False)
    with pytest.raises(Conflict):
        WRITES[verb][0](cluster)
    assert store.writes == [verb]
    assert store.account == other


# --- what importing costs -------------------------------------------------------------------


def _python(
    program: str, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    root = Path(kubeconfig.__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(root)},
        preexec_fn=before,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_importing_loads_no_http_client_and_connecting_does(home: Home) -> None:
    done = _python(
        "import sys; from kuberoster.cluster import Cluster\n"
        "print({'ssl', 'urllib3', 'yaml'} & set(sys.modules))\n"
        f"Cluster.connect({home.write(TOKEN)!r})\n"
        "print(sorted({'ssl', 'urllib3', 'yaml'} & set(sys.modules)))\n"
    )
    assert done.stdout.splitlines() == ["set()", "['ssl', 'urllib3', 'yaml']"], done.stderr


def test_the_public_names_are_these() -> None:
    assert sorted(public.__all__) == [
        "Cluster",
        "ClusterError",
        "Conflict",
        "Expired",
        "Forbidden",
        "NotFound",
        "Unauthorized",
        "Unreachable",
        "Untrusted",
        "from_one_moment",
        "in_one_line",
        "quote_name",
    ]
    for error in (Conflict, Expired, Forbidden, NotFound, Unreachable):
        assert issubclass(error, ClusterError)
    assert issubclass(ClusterError, KuberosterError)
