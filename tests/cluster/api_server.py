"""A stand-in for an API server: it notes what arrives, and answers as a test says."""

import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.cluster.answers import Answer, failure, json_answer, self_review

PROBE = "/probe"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


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


Script = Callable[[Received], Answer | None]


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
                return failure(403, "Forbidden", 'User "system:anonymous" cannot create reviews')
            info = {"username": who, "groups": ["system:authenticated"]}
            return self_review({"userInfo": info})
        if got.path == PROBE:
            return json_answer({"kind": "Probe"})
        if got.path == "/version":
            return json_answer({"major": "1", "minor": "32", "gitVersion": "v1.32.4"})
        return failure(404, "NotFound", f"the server has no {got.path}")

    def probes(self) -> list[Seen]:
        return [got.seen for got in self.received if got.path == PROBE]

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()
