"""`kuberoster kubeconfig` asks the API server with the file before anybody gets it."""

import base64
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tests.operations.planting import names_of
from tests.project import Object, Project


def _cluster_of(project: Project) -> Object:
    """The administrator's entry for the cluster."""
    document = yaml.safe_load(project.control_plane.kubeconfig.read_text())
    entry: Object = document["clusters"][0]["cluster"]
    return entry


def _as_administrator(project: Project, **changes: object) -> None:
    """Let the project's commands use the administrator's kubeconfig with another way there."""
    document = yaml.safe_load(project.control_plane.kubeconfig.read_text())
    entry = document["clusters"][0]["cluster"]
    for key, value in changes.items():
        entry.pop(key.replace("_", "-"), None)
        if value is not None:
            entry[key.replace("_", "-")] = value
    file = project.folder / "administrator"
    file.write_text(yaml.safe_dump(document))
    project.environment |= {"KUBE_CONFIG_PATH": str(file)}


def _written(project: Project) -> Object:
    _, user = names_of(project)
    document: Object = yaml.safe_load((project.folder / f"{user}.kubeconfig").read_text())
    entry: Object = document["clusters"][0]["cluster"]
    return entry


def _refused(project: Project) -> str:
    """What the command says as it writes nothing."""
    _, user = names_of(project)
    said = project.kuberoster("kubeconfig", user, fails=True)
    assert not (project.folder / f"{user}.kubeconfig").exists()
    assert project.token(user, "new") not in said
    return said


@contextmanager
def _answering(folder: Path, status: int, body: Object) -> Iterator[tuple[str, bytes]]:
    """A TLS server that answers all alike, as a proxy does; its address and its authority."""
    certificate, key = folder / "proxy.crt", folder / "proxy.key"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    name = ["-subj", "/CN=proxy", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        ["openssl", "req", *kind, *name, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}", certificate.read_bytes()
        finally:
            server.shutdown()


def test_it_is_asked_with_the_users_token_and_nothing_of_the_administrators(
    deployed: Project,
) -> None:
    _, user = names_of(deployed)
    said = deployed.kuberoster("kubeconfig", user)
    assert f"{user}.kubeconfig: {user} at kuberoster-demo, token new, tried\n" in said


def test_without_an_authority_it_takes_that_of_the_token_secret(deployed: Project) -> None:
    _, user = names_of(deployed)
    _as_administrator(deployed, certificate_authority_data=None, insecure_skip_tls_verify=True)
    said = deployed.kuberoster("kubeconfig", user)
    assert "the certificate authority is that of Secret users-" in said
    entry = _written(deployed)
    assert "insecure-skip-tls-verify" not in entry
    trusted = base64.b64decode(entry["certificate-authority-data"])
    assert trusted == deployed.control_plane.certificate_authority.read_bytes()
    file = str(deployed.folder / f"{user}.kubeconfig")
    assert user in deployed.kubectl("--kubeconfig", file, "auth", "whoami")


def test_where_the_system_trusts_the_server_no_authority_is_added(deployed: Project) -> None:
    _, user = names_of(deployed)
    _as_administrator(deployed, certificate_authority_data=None)
    deployed.environment["SSL_CERT_FILE"] = str(deployed.control_plane.certificate_authority)
    deployed.kuberoster("kubeconfig", user)
    assert set(_written(deployed)) == {"server"}


def test_the_authority_of_another_cluster_is_named(deployed: Project, tmp_path: Path) -> None:
    with _answering(tmp_path, 200, {}) as (_, other):
        (deployed.folder / "ca.pem").write_bytes(other)
    deployed.configure(cluster={"certificate_authority": "ca.pem"})
    said = _refused(deployed)
    assert "is not written, for it would not work: the server's certificate is not accepted" in said
    assert "context.kuberoster.cluster.certificate_authority" in said


def test_a_proxy_with_tokens_of_its_own_is_named(deployed: Project, tmp_path: Path) -> None:
    with _answering(tmp_path, 401, {"error": "sign in"}) as (server, authority):
        (deployed.folder / "ca.pem").write_bytes(authority)
        deployed.configure(cluster={"server": server, "certificate_authority": "ca.pem"})
        said = _refused(deployed)
    assert "something before the API server wants a credential of its own (401)" in said
    assert "context.kuberoster.cluster.server" in said


def test_another_cluster_is_named(deployed: Project, tmp_path: Path) -> None:
    no = {"kind": "Status", "apiVersion": "v1", "message": "Unauthorized", "code": 401}
    with _answering(tmp_path, 401, no) as (server, authority):
        (deployed.folder / "ca.pem").write_bytes(authority)
        deployed.configure(cluster={"server": server, "certificate_authority": "ca.pem"})
        said = _refused(deployed)
    assert "does not know the token (401), and that of context kuberoster-demo does" in said


@pytest.mark.parametrize("name", ["system:anonymous", "system:serviceaccount:users-x:eve", ""])
def test_an_answer_to_somebody_else_proves_nothing(
    deployed: Project, tmp_path: Path, name: str
) -> None:
    kind = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = {**kind, "status": {"userInfo": {"username": name}}}
    with _answering(tmp_path, 201, answer) as (server, authority):
        (deployed.folder / "ca.pem").write_bytes(authority)
        deployed.configure(cluster={"server": server, "certificate_authority": "ca.pem"})
        said = _refused(deployed)
    assert f"sees its token {f'as {name!r}' if name else 'as nobody'}, not as" in said


def test_a_forged_token_with_the_right_claims_is_named(deployed: Project) -> None:
    team, user = names_of(deployed)
    secret, token = deployed.secrets(user)["new"], deployed.token(user, "new")
    forged = token.rpartition(".")[0] + "." + "A" * 342
    patch: Object = {"data": {"token": base64.b64encode(forged.encode()).decode()}}
    where = ["secret", secret, "-n", f"users-{team}"]
    deployed.kubectl("patch", *where, "--patch-file", "/dev/stdin", given=patch)
    said = deployed.kuberoster("kubeconfig", user, fails=True)
    assert f"does not accept the token of Secret users-{team}/{secret} (401)" in said
    assert f"deploy: cdktf deploy {team}" in said
    assert not (deployed.folder / f"{user}.kubeconfig").exists()


def test_what_can_be_reached_from_elsewhere_only_is_written_untried_and_says_so(
    deployed: Project,
) -> None:
    _, user = names_of(deployed)
    deployed.configure(cluster={"server": "https://127.0.0.1:1"})
    assert "no answer: connection refused" in (said := _refused(deployed))
    assert "--untried" in said
    said = deployed.kuberoster("kubeconfig", user, "--untried")
    assert f"{user} at kuberoster-demo, token new, not tried\n" in said


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("https://127.0.0.1:6443", "127.0.0.1 is this machine alone"),
        ("https://127.1:6443", "127.1 is this machine alone"),
        ("https://localhost", "localhost is this machine alone"),
        ("https://[::1]:6443", "::1 is this machine alone"),
        ("https://[::ffff:127.9.9.9]", "::ffff:127.9.9.9 is this machine alone"),
        ("https://0.0.0.0:6443", "0.0.0.0 is this machine alone"),
        ("https://169.254.1.1", "169.254.1.1 is link-local"),
        ("https://[fe80::1]", "fe80::1 is link-local"),
        ("https://192.168.1.1", ""),
        ("https://kubernetes.example.com", ""),
    ],
)
def test_an_address_that_is_another_machine_elsewhere_is_warned_of(
    deployed: Project, server: str, words: str
) -> None:
    _, user = names_of(deployed)
    deployed.configure(cluster={"server": server})
    said = deployed.kuberoster("kubeconfig", user, "--untried")
    assert ("warning: its server is" in said) == bool(words)
    assert words in said
