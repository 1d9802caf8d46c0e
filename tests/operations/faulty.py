"""A way to the API server on which one request of a command gets a wrong answer, or none."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse, HTTPSConnectionPool

from controlplane import ControlPlane

_STATUS = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "not now"}
_OTHER = {
    "kind": "ConfigMap",
    "apiVersion": "v1",
    "metadata": {"name": "other", "namespace": "other", "uid": "1-2-3"},
    "data": {"a": "b"},
}


class Asked(NamedTuple):
    """A request as it is told from others."""

    verb: str
    path: str
    body: bytes

    @property
    def shape(self) -> tuple[str, str]:
        """Verb and path, which requests share that differ in what they ask alone."""
        return self.verb, urlsplit(self.path).path


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to a request in place of its answer."""

    name: str
    arrives: bool = True
    """Whether the API server gets the request all the same."""
    status: int = 200
    change: Callable[[bytes], bytes] | None = None
    """What becomes of the answer's content; None where the connection is dropped."""
    breaks_off: bool = False
    """Whether the connection ends within the answer."""
    seconds: float = 0.0
    """How long the answer takes; it is the right one then."""
    content_type: str = "application/json"


def _renamed(content: bytes) -> bytes:
    answer = json.loads(content)
    if "name" in answer.get("metadata", {}):
        answer["metadata"]["name"] = "other"
    return json.dumps(answer).encode()


def _refusal(status: int) -> Fault:
    body = json.dumps({**_STATUS, "code": status}).encode()
    return Fault(name=str(status), arrives=False, status=status, change=lambda _: body)


FAULTS = {
    fault.name: fault
    for fault in (
        Fault(name="dropped before", arrives=False),
        Fault(name="dropped after"),
        *map(_refusal, (429, 500, 503)),
        Fault(name="502 of a proxy", status=502, change=lambda _: b"<h1>Bad Gateway</h1>"),
        Fault(name="{}", change=lambda _: b"{}"),
        Fault(name="[]", change=lambda _: b"[]"),
        Fault(name="nothing", change=lambda _: b""),
        Fault(name="cut", change=lambda content: content[: len(content) // 2]),
        Fault(name="broken off", change=lambda content: content, breaks_off=True),
        Fault(name="another kind", change=lambda _: json.dumps(_OTHER).encode()),
        Fault(name="another name", change=_renamed),
        Fault(name="a page", change=lambda _: b"<h1>Sign in</h1>", content_type="text/html"),
        Fault(name="slow", seconds=2.0),
        Fault(name="as text/html", change=lambda content: content, content_type="text/html"),
    )
}


@dataclass(kw_only=True)
class Way:
    """The way of one command: what it asked, and what is done to it."""

    kubeconfig: Path
    asked: list[Asked] = field(default_factory=list)
    is_victim: Callable[[int, Asked], bool] = lambda *_: False
    """Whether the fault happens to a request, with its number from 0; the first one counts."""
    victim: Asked | None = None
    fault: Fault | None = None
    times: int = 1
    """How often it happens to that request, when it is sent again."""
    news: float = 0.0
    """When last something was asked that is not what was asked just before, `time.monotonic`."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault_of(self, asked: Asked) -> Fault | None:
        """Count a request of kuberoster, and say what is to happen to it."""
        with self.lock:
            if self.victim is None and self.is_victim(len(self.asked), asked):
                self.victim = asked
            if asked not in self.asked[-1:]:
                self.news = time.monotonic()
            self.asked.append(asked)
            if asked != self.victim or not self.times:
                return None
            self.times -= 1
            return self.fault


@contextmanager
def way_to(control_plane: ControlPlane, kubeconfig: Path) -> Iterator[Way]:
    """A way with the API server's own certificate; whoever has no token is the administrator.

    `kubeconfig` is made: the administrator's, with another port.
    """
    server = urlsplit(control_plane.server)
    certificates = control_plane.certificate_authority.parent
    pools = [_pool(control_plane, certificates if admin else None) for admin in (False, True)]
    way = Way(kubeconfig=kubeconfig)

    class Forward(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(self.command, self.path, self.rfile.read(length))
            own = self.headers.get("User-Agent") == "kuberoster"
            fault = way.fault_of(asked) if own else None
            if fault is None or fault.arrives:
                answer = self._pass_on(asked)
            if fault is None or fault.seconds:
                time.sleep(fault.seconds if fault else 0)
                self._answer(answer.status, answer.data, dict(answer.headers))
            elif fault.change is None:
                self._drop()
            else:
                content = fault.change(answer.data if fault.arrives else b"")
                kind = {"Content-Type": fault.content_type}
                if fault.content_type != "application/json" and content == answer.data:
                    self._answer(answer.status, content, kind)  # all but its type is right
                elif fault.breaks_off:
                    self._answer(answer.status, content, kind, sent=len(content) // 2)
                    self._drop()
                else:
                    self._answer(fault.status, content, kind)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def _pass_on(self, asked: Asked) -> BaseHTTPResponse:
            names = ("Accept", "Content-Type", "Authorization")
            headers = {name: self.headers[name] for name in names if name in self.headers}
            pool = pools["Authorization" not in headers]
            body = asked.body or None
            return pool.request(asked.verb, asked.path, body=body, headers=headers, retries=False)

        def _answer(
            self, status: int, content: bytes, headers: dict[str, str], sent: int | None = None
        ) -> None:
            self.send_response_only(status)
            kept = {name: headers[name] for name in ("Content-Type",) if name in headers}
            for name, value in {**kept, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.send_header("Date", self.date_time_string())
            self.end_headers()
            self.wfile.write(content[:sent])

        def _drop(self) -> None:
            self.close_connection = True
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    inwards = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    inwards.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    with Quiet((str(server.hostname), 0), Forward) as listening:
        listening.socket = inwards.wrap_socket(
            listening.socket, server_side=True, do_handshake_on_connect=False
        )
        config = control_plane.kubeconfig.read_text()
        port = listening.server_address[1]
        kubeconfig.touch(0o600)
        kubeconfig.write_text(config.replace(f":{server.port}", f":{port}"))
        threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield way
        finally:
            listening.shutdown()
            for pool in pools:
                pool.close()


def _pool(control_plane: ControlPlane, certificates: Path | None) -> HTTPSConnectionPool:
    server = urlsplit(control_plane.server)
    trust = ssl.create_default_context(cafile=str(control_plane.certificate_authority))
    if certificates:
        trust.load_cert_chain(certificates / "admin.crt", certificates / "admin.key")
    return HTTPSConnectionPool(str(server.hostname), server.port, ssl_context=trust, maxsize=8)
