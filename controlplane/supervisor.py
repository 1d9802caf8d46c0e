"""The process that owns the three programs: while it lives they live, and no longer.

It is single-threaded, so that it may run code between fork and exec: there each program asks the
kernel to be killed when its parent dies (prctl(2), PR_SET_PDEATHSIG), which covers even a SIGKILL
of the supervisor. It runs in a session of its own, so a Ctrl-C in the terminal doesn't reach it.
"""

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from controlplane import certificates, health, kubeconfig, ports, programs
from controlplane.errors import ControlPlaneError
from controlplane.files import last_lines, locked, write_private
from controlplane.layout import Layout
from controlplane.process import die_with, find

_PATIENCE = 60.0  # seconds for a start, on a busy machine


class Stopped(Exception):
    """SIGTERM, SIGINT, or the end of the command pipe."""


def supervise(directory: Path, *, detached: bool) -> None:
    """Run the control plane of `directory`, which is prepared, until it is told to stop.

    stdin is a pipe whose lines are obeyed, and whose end means stop: the kernel closes it when
    whoever started us ends, in any way. A detached one heeds it only until it is ready. The start
    and each command are answered by one JSON line on stdout, {} or {"error": ...}. After an error,
    or when a program ends by itself, everything is stopped.
    """
    os.umask(0o077)
    os.chdir(directory)
    layout = Layout(directory)
    with locked(layout.lock("supervisor"), busy=f"{directory}: its control plane already runs."):
        myself = find(os.getpid())
        if myself:
            myself.save(layout.process_file)
        try:
            _Supervisor(layout, detached=detached).run()
        finally:
            layout.process_file.unlink(missing_ok=True)


def answer(error: ControlPlaneError | None = None) -> None:
    """Write the answer to a start or a command."""
    line = json.dumps({"error": str(error)} if error else {})
    try:
        os.write(1, line.encode() + b"\n")
    except BrokenPipeError:
        return  # whoever asked is gone


class _Supervisor:
    def __init__(self, layout: Layout, *, detached: bool) -> None:
        self._layout = layout
        self._settings = layout.settings()
        self._detached = detached
        self._commands: int | None = 0
        self._received = b""
        self._programs: dict[str, subprocess.Popen[bytes]] = {}
        # A byte here for each signal, so that waiting ends at once when a program does.
        self._woken, self._wake = os.pipe()

    def run(self) -> None:
        os.set_blocking(self._woken, False)
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        try:
            self._start()
            if self._detached:
                self._commands = None
            answer()
            while True:
                for command in self._wait(None):
                    self._obey(command)
                    answer()
        except Stopped:
            pass
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            for name in reversed(list(self._programs)):
                self._end(name)

    def _start(self) -> None:
        certificates.create(self._layout.certificates)
        write_private(Path(programs.AUDIT_POLICY_FILE), programs.AUDIT_POLICY)
        self._reserved = (
            ports.reserve(self._settings.api_server_port),
            ports.reserve(self._settings.controller_manager_port),
        )
        self._settings = self._settings.with_ports(
            *(reserved.getsockname()[1] for reserved in self._reserved)
        )
        self._layout.save(self._settings)
        self._write_kubeconfigs()
        socket = Path(programs.ETCD_SOCKET)
        socket.unlink(missing_ok=True)
        self._begin("etcd", programs.etcd())
        self._until(socket.exists)
        self._begin("kube-apiserver", programs.kube_apiserver(self._settings))
        # The controller manager gives up when nothing listens within 10 s.
        self._until(lambda: health.listens(self._layout, self._settings.api_server_port))
        manager = programs.kube_controller_manager(self._settings)
        self._begin("kube-controller-manager", manager)
        self._until(lambda: health.ready(self._layout))

    def _write_kubeconfigs(self) -> None:
        for path, user in (
            (self._layout.kubeconfig, "admin"),
            (Path(programs.CONTROLLER_MANAGER_KUBECONFIG), "controller-manager"),
        ):
            kubeconfig.write(
                path,
                context=self._settings.context,
                server=self._settings.server,
                certificates=self._layout.certificates,
                user=user,
            )

    def _obey(self, command: str) -> None:
        name = "kube-apiserver"
        if command == "stop-api-server" and name in self._programs:
            self._end(name)
        elif command == "start-api-server" and name not in self._programs:
            self._begin(name, programs.kube_apiserver(self._settings))
            port = self._settings.api_server_port
            self._until(lambda: health.answers(self._layout, port, "/readyz"))

    def _begin(self, name: str, arguments: list[str]) -> None:
        with self._layout.log(name).open("ab") as log:
            self._programs[name] = subprocess.Popen(
                [str(Path(self._settings.binaries) / name), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # etcd reads ETCD_* from the environment, and Go proxies and debug switches.
                env={"PATH": os.defpath},
                preexec_fn=die_with(os.getpid()),  # noqa: PLW1509 - safe without threads
            )

    def _end(self, name: str) -> None:
        program = self._programs.pop(name)
        # Only etcd keeps anything; the others may as well crash, and stop at once.
        if name == "etcd":
            program.terminate()
            try:
                program.wait(5)
            except subprocess.TimeoutExpired:
                program.kill()
        else:
            program.kill()
        program.wait()

    def _until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                logs = [f"{name}:\n{last_lines(self._layout.log(name))}" for name in self._programs]
                raise ControlPlaneError("\n".join([f"Not ready in {_PATIENCE:.0f} s.", *logs]))
            self._wait(0.1)

    def _wait(self, seconds: float | None) -> list[str]:
        watched = [self._woken] if self._commands is None else [self._woken, self._commands]
        readable, _, _ = select.select(watched, [], [], seconds)
        if self._woken in readable:
            os.read(self._woken, 4096)
        for name, program in self._programs.items():
            if program.poll() is not None:
                log = self._layout.log(name)
                raise ControlPlaneError(
                    f"{name} ended with status {program.returncode}. The end of {log}:\n"
                    f"{last_lines(log)}"
                )
        if self._commands not in readable or self._commands is None:
            return []
        chunk = os.read(self._commands, 4096)
        if not chunk:
            raise Stopped
        *lines, self._received = (self._received + chunk).split(b"\n")
        return [line.decode() for line in lines]


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped
