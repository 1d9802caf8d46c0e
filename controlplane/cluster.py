"""A control plane that ends with the Python process that started it."""

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from controlplane import launch
from controlplane.errors import ControlPlaneError
from controlplane.layout import Layout


class ControlPlane:
    """etcd, kube-apiserver and kube-controller-manager on free ports of 127.0.0.1.

        with ControlPlane(Path("/tmp/demo")) as cluster:
            subprocess.run(["kubectl", "--kubeconfig", cluster.kubeconfig, "get", "namespaces"])

    All files are below `directory` (mode 0700, made if need be). A second start in it goes on with
    the same data, ports and certificates. The programs end with this process, however it ends.
    With `audit`, <directory>/audit.log gets an event of level Metadata for each request.
    """

    def __init__(
        self,
        directory: Path,
        *,
        context: str = "kuberoster-demo",
        audit: bool = False,
        extra_api_server_args: Sequence[str] = (),
    ) -> None:
        self.directory = directory.absolute()
        self._layout = Layout(self.directory)
        self._context = context
        self._audit = audit
        self._extra_api_server_args = tuple(extra_api_server_args)
        self._supervisor: subprocess.Popen[str] | None = None

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig of a member of system:masters, mode 0600, needing no other file."""
        return self._layout.kubeconfig

    @property
    def server(self) -> str:
        """The API server's URL, known after the first start."""
        return self._layout.settings().server

    @property
    def certificate_authority(self) -> Path:
        """The PEM file of the CA that signed the API server's certificate."""
        return self._layout.certificates / "ca.crt"

    @property
    def audit_log(self) -> Path:
        """The audit log: one JSON event per line."""
        return self._layout.audit_log

    def start(self) -> None:
        """Start, and return when the API server and the controllers work; about 5 s.

        Raises ControlPlaneError, with the end of the log, when a program ends; when Go is missing;
        when the directory holds other files, or its control plane runs already.
        """
        if self._supervisor:
            raise ControlPlaneError(f"{self.directory}: already started.")
        launch.prepare(
            self._layout,
            context=self._context,
            audit=self._audit,
            extra_api_server_args=self._extra_api_server_args,
        )
        self._supervisor = launch.supervisor(self._layout, "run")
        try:
            launch.expect_answer(self._layout, self._supervisor.stdout)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all programs and wait for their end; nothing when none runs. The data stays."""
        supervisor, self._supervisor = self._supervisor, None
        if not supervisor:
            return
        with suppress(BrokenPipeError):  # an unsent command, when the supervisor has died
            if supervisor.stdin:
                supervisor.stdin.close()
        try:
            supervisor.wait(20)
        except subprocess.TimeoutExpired:
            supervisor.kill()  # takes the programs with it
            supervisor.wait()
        if supervisor.stdout:
            supervisor.stdout.close()

    def stop_api_server(self) -> None:
        """Kill the API server at once, as a crash would; etcd and its data stay."""
        self._order("stop-api-server")

    def start_api_server(self) -> None:
        """Start the API server again on the same port, and return when it is ready."""
        self._order("start-api-server")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _order(self, command: str) -> None:
        if not self._supervisor or not self._supervisor.stdin:
            raise ControlPlaneError(f"{self.directory}: not started.")
        try:
            self._supervisor.stdin.write(f"{command}\n")
            self._supervisor.stdin.flush()
        except BrokenPipeError:
            pass  # the answer, written before the end, says why
        launch.expect_answer(self._layout, self._supervisor.stdout)
