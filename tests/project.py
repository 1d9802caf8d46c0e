"""A kuberoster checkout of its own for each test, on the shared control plane."""

import base64
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from urllib3 import BaseHTTPResponse, HTTPSConnectionPool
from urllib3.util import parse_url

from controlplane import ControlPlane

ROOT = Path(__file__).resolve().parents[1]
FROM_KUBEROSTER = "from kuberoster import *\n"

Object = dict[str, Any]


class Shown(NamedTuple):
    """What a command ended with."""

    status: int
    output: str
    errors: str = ""


class Answer(NamedTuple):
    """What the API server said to one request."""

    status: int
    body: bytes


class Project:
    """main.py, cdktf.json and users/ in a folder, with the commands that a user would run.

    `outputs` keeps what every command printed, to be searched for tokens afterwards.
    """

    def __init__(self, folder: Path, control_plane: ControlPlane) -> None:
        self.folder = folder
        self.control_plane = control_plane
        self.outputs: list[str] = []
        kubeconfig = str(control_plane.kubeconfig)
        self.environment = os.environ | {
            "KUBECONFIG": kubeconfig,
            "KUBE_CONFIG_PATH": kubeconfig,
            # The code of this tree, whatever is installed.
            "PYTHONPATH": str(ROOT / "constructs"),
            "CHECKPOINT_DISABLE": "1",
            "DISABLE_VERSION_CHECK": "1",
            "CI": "true",
        }
        shutil.copy(ROOT / "main.py", folder)
        (folder / "constructs").symlink_to(ROOT / "constructs")
        (folder / "users").mkdir()
        self.configure()

    def configure(self, **own: Any) -> None:
        """Write cdktf.json with these settings under context.kuberoster."""
        document = json.loads((ROOT / "cdktf.json").read_text())
        document["app"] = f"{shlex.quote(sys.executable)} main.py"
        document["context"] = {"kuberoster": own}
        (self.folder / "cdktf.json").write_text(json.dumps(document))

    def write(self, team: str, users: str, *, team_is: str = "Team()") -> None:
        """Write users/<team>.py; `users` is the inside of the list."""
        source = f"{FROM_KUBEROSTER}TEAM = {team_is}\nUSERS = [{users}]\n"
        (self.folder / "users" / f"{team}.py").write_text(source)

    def act_as(self, who: str) -> None:
        """Let the commands be those of this user from now on, by impersonation."""
        config = yaml.safe_load(self.control_plane.kubeconfig.read_text())
        for user in config["users"]:
            user["user"]["as"] = who
        file = self.folder / "acting-as"
        file.write_text(yaml.safe_dump(config))
        self.environment = self.environment | {"KUBE_CONFIG_PATH": str(file)}

    def run_any(self, *arguments: str) -> "Shown":
        """Run a command of kuberoster whose exit status says something."""
        command = [sys.executable, "-m", "kuberoster.cli", *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.outputs += [done.stdout, done.stderr]
        assert "Traceback" not in done.stderr
        return Shown(done.returncode, done.stdout, done.stderr)

    def run(self, *command: str, fails: bool = False) -> str:
        """Run a command to its end; what it printed. Asserts whether it failed."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        self.outputs.append(done.stdout)
        assert bool(done.returncode) == fails, f"{command}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def kuberoster(self, *arguments: str, fails: bool = False) -> str:
        return self.run(sys.executable, "-m", "kuberoster.cli", *arguments, fails=fails)

    def cdktf(self, *arguments: str, fails: bool = False) -> str:
        # The lock file covers other platforms only with a registry at hand.
        command = str(ROOT / "node_modules" / ".bin" / "cdktf")
        return self.run(command, *arguments, "--auto-approve", "--skip-provider-lock", fails=fails)

    def synth(self, *, fails: bool = False) -> str:
        return self.run(sys.executable, "main.py", fails=fails)

    def stack(self, team: str) -> Path:
        return self.folder / "cdktf.out" / "stacks" / team

    def terraform(self, team: str, *arguments: str, fails: bool = False) -> str:
        where = f"-chdir={self.stack(team)}"
        if not (self.stack(team) / ".terraform").exists():
            self.run("terraform", where, "init", "-no-color", "-input=false")
        return self.run("terraform", where, *arguments, fails=fails)

    def apply(self, team: str, *options: str) -> str:
        """Synthesise and apply one stack, without the cdktf command."""
        self.synth()
        return self.terraform(team, "apply", "-no-color", "-input=false", "-auto-approve", *options)

    def plan(self, team: str, *options: str) -> Object:
        """Synthesise and plan one stack; the plan as Terraform's JSON."""
        self.synth()
        self.terraform(
            team, "plan", "-no-color", "-input=false", "-lock=false", "-out=plan", *options
        )
        shown = self.run("terraform", f"-chdir={self.stack(team)}", "show", "-json", "plan")
        plan: Object = json.loads(shown)
        return plan

    def changes(self, team: str, *options: str) -> dict[str, list[str]]:
        """Each address that a plan would change, with the plan's actions."""
        return {
            change["address"]: change["change"]["actions"]
            for change in self.plan(team, *options)["resource_changes"]
            if change["change"]["actions"] != ["no-op"]
        }

    def create(self) -> None:
        """Create the objects of `kuberoster manifests`, where a test needs no Terraform."""
        self.kubectl("create", "-f", "-", text=self.kuberoster("manifests"))

    # The cluster, seen by the administrator.

    def kubectl(
        self,
        *arguments: str,
        given: Object | None = None,
        text: str = "",
        fails: bool = False,
    ) -> str:
        done = subprocess.run(
            ["kubectl", *arguments],
            env=self.environment,
            input=json.dumps(given) if given else text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        # What others than create print may hold a Secret, so it is not shown.
        said = done.stdout if arguments[0] == "create" else ""
        assert bool(done.returncode) == fails, f"kubectl {arguments[:2]}: {done.returncode} {said}"
        return done.stdout

    def objects(self, kind: str, *arguments: str) -> list[Object]:
        items: list[Object] = json.loads(self.kubectl("get", kind, "-o", "json", *arguments))[
            "items"
        ]
        return items

    def secrets(self, user: str) -> dict[str, str]:
        """The names of the user's token Secrets, by label."""
        found = self.objects("secrets", "-A", "-l", f"kuberoster.io/user={user}")
        return {
            secret["metadata"]["labels"]["kuberoster.io/token"]: secret["metadata"]["name"]
            for secret in found
        }

    def token(self, user: str, label: str = "main") -> str:
        """The user's token, once the token controller has made it."""
        selector = f"kuberoster.io/user={user},kuberoster.io/token={label}"
        for _ in until(30):
            found = self.objects("secrets", "-A", "-l", selector)
            if len(found) == 1 and "token" in found[0].get("data", {}):
                return base64.b64decode(found[0]["data"]["token"]).decode()
        raise AssertionError(f"no token {label} for {user}")

    # The cluster, seen by a user.

    def status(self, token: str, path: str, *, create: Object | None = None) -> int:
        """The API server's HTTP status for one request with a token."""
        return self.ask(token, path, create=create).status

    def ask(self, token: str, path: str, *, create: Object | None = None) -> Answer:
        """One request with a token: a GET, or a POST of what is to be created."""
        answer = self._request(token, path, create, preload=True)
        return Answer(answer.status, answer.data)

    def opened(self, token: str, path: str) -> BaseHTTPResponse:
        """The open answer to a GET with a token, such as a watch."""
        return self._request(token, path, None, preload=False)

    def _request(
        self, token: str, path: str, create: Object | None, *, preload: bool
    ) -> BaseHTTPResponse:
        return self._api_server.request(
            "POST" if create else "GET",
            path,
            body=json.dumps(create).encode() if create else None,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            timeout=60,
            retries=False,
            preload_content=preload,
        )

    @cached_property
    def _api_server(self) -> HTTPSConnectionPool:
        """Connections that stay: a new one costs more than a request, which has its own token."""
        server = parse_url(self.control_plane.server)
        trust = str(self.control_plane.certificate_authority)
        return HTTPSConnectionPool(str(server.host), server.port, ca_certs=trust, maxsize=40)

    def reaches(self, token: str, path: str, status: int, *, within: float) -> float:
        """The seconds until requests with the token get this status; asserts that they do."""
        started = time.monotonic()
        answered = 0
        for waited in until(within, every=0.2):
            answered = self.status(token, path)
            if answered == status:
                return waited
        raise AssertionError(f"{answered} after {time.monotonic() - started:.1f} s")


def pods(namespace: str) -> str:
    """The path of a LIST of pods."""
    return f"/api/v1/namespaces/{namespace}/pods"


def until(seconds: float, every: float = 0.25) -> Iterator[float]:
    """The seconds waited so far, again and again until they are over."""
    started = time.monotonic()
    while (waited := time.monotonic() - started) <= seconds:
        yield waited
        time.sleep(every)


@contextmanager
def paused_controllers(control_plane: ControlPlane) -> Iterator[None]:
    """Keep the controller manager from doing anything, such as making tokens."""
    (process,) = (
        int(folder.name)
        for folder in Path("/proc").glob("[0-9]*")
        if _is_controller_manager(folder / "cmdline", control_plane)
    )
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def _is_controller_manager(command_line: Path, control_plane: ControlPlane) -> bool:
    try:
        program = command_line.read_text().split("\0")[0]
        folder = command_line.with_name("cwd").readlink()
    except OSError:
        return False
    return program.endswith("/kube-controller-manager") and folder == control_plane.directory
