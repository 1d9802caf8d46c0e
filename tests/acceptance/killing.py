"""Commands that are killed at a moment that a seed can name: the n-th write to the API server."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from controlplane import ControlPlane
from controlplane.files import write_private
from tests.acceptance.http_message import read_message
from tests.project import Project, Shown, until

# To ask who one is or what one may do is a POST, and changes nothing.
_WRITE = re.compile(rb"(POST|PUT|PATCH|DELETE) (?!\S+reviews[? ])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When a command is killed: at its n-th write or request, which still arrives or doesn't."""

    number: int
    arrives: bool
    of: Literal["write", "request"] = "write"

    def __str__(self) -> str:
        return f"{'after' if self.arrives else 'before'} {self.of} {self.number}"


class _Closed(ssl.SSLSocket):
    """Closed where the peer is gone before it is wrapped; Python 3.11 leaves it open then."""

    def getpeername(self) -> Any:
        """Ask as wrap_socket does first, which goes on after some errors and fails by others."""
        try:
            return super().getpeername()
        except OSError:
            self.close()
            raise


class CountingProxy:
    """Stands between commands and the API server, counts writes, and kills at one of them.

    It shows the API server's own certificate and demands the administrator's, so that
    `kubeconfig` is the administrator's with another port. HTTP/1.1, and no watches.
    """

    def __init__(self, control_plane: ControlPlane, folder: Path) -> None:
        certificates = control_plane.directory / "certificates"
        authority = str(control_plane.certificate_authority)
        self._inwards = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority)
        self._inwards.verify_mode = ssl.CERT_REQUIRED
        self._inwards.load_cert_chain(certificates / "server.crt", certificates / "server.key")
        self._onwards = ssl.create_default_context(cafile=authority)
        self._onwards.load_cert_chain(certificates / "admin.crt", certificates / "admin.key")
        url = urlsplit(control_plane.server)
        self._api_server = (str(url.hostname), url.port or 443)
        self._inwards.sslsocket_class = self._onwards.sslsocket_class = _Closed
        self._listener = socket.create_server((self._api_server[0], 0))
        port = self._listener.getsockname()[1]
        self.kubeconfig = folder / "proxy.kubeconfig"
        config = control_plane.kubeconfig.read_text()
        own = config.replace(f":{self._api_server[1]}", f":{port}")
        write_private(self.kubeconfig, own.encode())
        self.counts = {"write": 0, "request": 0}
        self._lock = threading.Lock()
        self._moment: Moment | None = None
        self._then: Callable[[], object] | None = None
        self._victim = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Refuse new connections from now on, as a server does that is down."""
        if self._listener.fileno() == -1:
            return
        # Closing alone doesn't wake the thread that waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def kill(self, project: Project, command: Sequence[str], at: Moment) -> str:
        """Run a command that is killed with all its children at the moment; what it printed."""
        done = self._run(project, command, at, None)
        assert done.returncode == -signal.SIGKILL, f"{command}: ended before {at}\n{done.stdout}"
        return done.stdout

    def interrupt(
        self, project: Project, command: Sequence[str], at: Moment, then: Callable[[], object]
    ) -> Shown:
        """Run a command, and at the moment do something else before its request goes on."""
        done = self._run(project, command, at, then)
        assert self.counts[at.of] >= at.number, f"{command}: ended before {at}\n{done.stdout}"
        return Shown(done.returncode, done.stdout)

    def _run(
        self,
        project: Project,
        command: Sequence[str],
        at: Moment,
        then: Callable[[], object] | None,
    ) -> "subprocess.CompletedProcess[str]":
        with self._lock:  # nothing is counted until it is known whom to kill
            process = subprocess.Popen(
                command,
                cwd=project.folder,
                env=project.environment
                | {"KUBECONFIG": str(self.kubeconfig), "KUBE_CONFIG_PATH": str(self.kubeconfig)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            self.counts = dict.fromkeys(self.counts, 0)
            self._moment, self._then, self._victim = at, then, process.pid
        try:
            said, _ = process.communicate(timeout=300)
        finally:
            if process.poll() is None:
                _kill(process.pid)
                process.wait()
        project.outputs.append(said)
        # Killed all at once, they take a moment to end.
        ended = any(not _living(process.pid) for _ in until(30))
        assert ended, f"{command}: still at work: {_living(process.pid)}"
        return subprocess.CompletedProcess(command, process.returncode, said)

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[accepted], daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        """Pass on the requests of one connection, one after the other, on one of our own."""
        with accepted, suppress(OSError), socket.create_connection(self._api_server) as connected:
            for end in (accepted, connected):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with (
                # At once after it was connected, before the API server may be stopped.
                self._onwards.wrap_socket(connected, server_hostname="localhost") as server,
                self._inwards.wrap_socket(accepted, server_side=True) as client,
                client.makefile("rb") as requests,
                server.makefile("rb") as answers,
            ):
                while request := read_message(requests):
                    moment = self._count(request)
                    if moment and not moment.arrives and not self._goes_on():
                        return
                    server.sendall(request)
                    answer = read_message(answers)
                    if moment and moment.arrives and not self._goes_on():
                        return
                    if not answer:  # the API server is gone
                        return
                    client.sendall(answer)

    def _goes_on(self) -> bool:
        """Do what is to be done at the moment; whether the command lives."""
        if self._then is None:
            _kill(self._victim)
            return False
        self._then()
        return True

    def _count(self, request: bytes) -> Moment | None:
        """The moment, if this is the request that it names."""
        with self._lock:
            kinds = ["request", "write"] if _WRITE.match(request) else ["request"]
            for kind in kinds:
                self.counts[kind] += 1
            moment = self._moment
            if moment and moment.of in kinds and moment.number == self.counts[moment.of]:
                return moment
        return None


def recover(team: str) -> list[str]:
    """The command that heals; the only place that says it."""
    return [sys.executable, "-m", "kuberoster.cli", "recover", team, "--yes"]


def processes_of(session: int, program: str) -> list[int]:
    """The processes of a session that run this program; the kernel keeps 15 letters of a name."""
    return [process for process, name in _running(session) if name == program]


def _kill(session: int) -> None:
    """Kill all processes of a session at once; Terraform is in a process group of its own."""
    os.killpg(session, signal.SIGKILL)
    for process, _ in _running(session):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _living(session: int) -> list[str]:
    """The programs of a session that have not ended."""
    return [name for _, name in _running(session)]


def _running(session: int) -> list[tuple[int, str]]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            name, _, fields = (folder / "stat").read_text().rpartition(") ")
            state, _, _, own_session, *_ = fields.split()
            if int(own_session) == session and state not in "ZX":
                found.append((int(folder.name), name.partition("(")[2]))
    return found
