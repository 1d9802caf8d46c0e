"""A control plane as it was: what a test made, changed or deleted does not reach the next.

Deleted by the API, a namespace would be on its way out for seconds, and nothing would put back what
a test changed. etcd does both at once, and tells its watchers, the API server's caches among them.
"""

import base64
import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any, NamedTuple

from controlplane import ControlPlane

# What servers and controllers keep of themselves, and what happened, to whomever.
NOT_OF_TESTS = {"events", "leases", "masterleases", "peerserverleases", "ranges"}


class Stored(NamedTuple):
    """A value in etcd, as base64, and the revision of its last change."""

    value: str
    revision: str


@contextmanager
def put_back(control_plane: ControlPlane) -> Iterator[None]:
    """At the end make the control plane's objects what they were at the beginning."""
    with closing(_Etcd(control_plane)) as etcd:
        before = etcd.objects()
    yield
    with closing(_Etcd(control_plane)) as etcd:
        after = etcd.objects()
        # A namespace goes before what is in it, or controllers fill it again.
        for key in sorted(after.keys() - before.keys(), key=_namespaces_first):
            etcd.ask("deleterange", key=_encoded(key))
        for key, stored in before.items():
            if after.get(key) != stored:
                etcd.ask("put", key=_encoded(key), value=stored.value)


class _Etcd(HTTPConnection):
    """etcd's gateway for JSON, on the socket in the control plane's folder."""

    def __init__(self, control_plane: ControlPlane) -> None:
        super().__init__("etcd", timeout=60)
        self._socket = str(control_plane.directory / "etcd.sock")

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._socket)

    def ask(self, call: str, **given: str) -> dict[str, Any]:
        self.request("POST", f"/v3/kv/{call}", json.dumps(given))
        answer = self.getresponse()
        body = answer.read()
        assert answer.status == 200, f"etcd {call}: {answer.status}"
        shown: dict[str, Any] = json.loads(body)
        return shown

    def objects(self) -> dict[str, Stored]:
        """Each key below /registry/ that a test may have to do with."""
        found = self.ask("range", key=_encoded("/registry/"), range_end=_encoded("/registry0"))
        objects = {
            base64.b64decode(each["key"]).decode(): Stored(each["value"], each["mod_revision"])
            for each in found["kvs"]
        }
        return {
            key: stored for key, stored in objects.items() if key.split("/")[2] not in NOT_OF_TESTS
        }


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _namespaces_first(key: str) -> tuple[bool, str]:
    return not key.startswith("/registry/namespaces/"), key
