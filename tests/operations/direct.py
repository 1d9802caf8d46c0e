"""Requests to a control plane's API over plain HTTP, many at a time."""

import json
import ssl
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Self
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse, HTTPSConnectionPool

from controlplane import ControlPlane
from tests.project import Object

_THREADS = 8


class Direct:
    """The API of a control plane, as its administrator, without kubectl's own rate limit."""

    def __init__(self, control_plane: ControlPlane) -> None:
        server = urlsplit(control_plane.server)
        certificates = control_plane.certificate_authority.parent
        trust = ssl.create_default_context(cafile=str(certificates / "ca.crt"))
        trust.load_cert_chain(certificates / "admin.crt", certificates / "admin.key")
        self._pool = HTTPSConnectionPool(
            str(server.hostname), server.port, ssl_context=trust, maxsize=_THREADS
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> BaseHTTPResponse:
        """One answer, whatever its status."""
        return self._pool.request(method, path, body=body, headers=headers, retries=False)

    def create(self, objects: Iterable[tuple[str, Object]]) -> None:
        """POST each object to its collection, in no order."""

        def post(entry: tuple[str, Object]) -> None:
            path, body = entry
            content = json.dumps(body).encode()
            answer = self.ask("POST", path, content, {"Content-Type": "application/json"})
            assert answer.status == 201, f"{path}: {answer.status} {answer.data[:200]!r}"

        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(post, objects):
                pass
