"""Commands at work, each run in a fresh place: what a wrong answer on the way may make of them."""

import base64
import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from functools import cached_property
from itertools import count
from pathlib import Path

from controlplane import ControlPlane
from tests.operations.planting import close_default_account
from tests.project import Project, Shown, pods

_USER = 'User("{0}", email="u@example.com", access=[edit("{2}web"), view("{2}api")], tokens={1})'
_WHO = {
    f"GIT_{who}_{what}": "kuberoster"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


class Projects:
    """Projects on one control plane, each in a folder of its own."""

    def __init__(self, folder: Path, control_plane: ControlPlane) -> None:
        self.folder, self.control_plane = folder, control_plane
        self.numbers = count()

    def make(self, name: str) -> Project:
        folder = self.folder / f"{name}-{next(self.numbers)}"
        folder.mkdir()
        return Project(folder, self.control_plane)

    @cached_property
    def looked_at(self) -> Project:
        """A roster of its own that differs from its cluster, and namespaces that no other has."""
        project = self.make("looked-at")
        project.configure(roster="seen", state={"namespace": "state-seen"})
        for name in ("seen-web", "seen-api"):
            project.kubectl("create", "namespace", name)
        project.write("seen", _USER.format("seen-ann", ["main"], "seen-"))
        project.kuberoster("bootstrap")
        project.create()
        close_default_account(project, "users-seen")
        project.token("seen-ann")
        project.kubectl("delete", "rolebinding", "seen:seen-ann:view", "-n", "seen-api")
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "before"]):
            subprocess.run(["git", *command], cwd=project.folder, env=os.environ | _WHO, check=True)
        users = [_USER.format(f"seen-{name}", ["main"], "seen-") for name in ("ann", "eve")]
        project.write("seen", ", ".join(users))
        return project


class Scene(ABC):
    """A command of which each run has a place of its own, numbered from 0."""

    again_heals = True
    """Whether the same command, run again without a fault, brings all to its end."""

    beside_others = True
    """Whether runs may go on at once, and change nothing that another one looks at."""

    waits = False
    """Whether a run waits for most of its time, so that other scenes go on beside it."""

    asks_all_before_it_waits = False
    """Whether it asks nothing new after that, but what is tried always."""

    def __init__(self, projects: Projects) -> None:
        self.projects = projects

    @abstractmethod
    def build(self, places: int) -> None:
        """Make new places, for as many runs; those before are no longer needed."""

    @abstractmethod
    def command(self, place: int) -> tuple[Project, list[str]]:
        """The project and the arguments of a run."""

    @abstractmethod
    def not_so(self, place: int, shown: Shown) -> str:
        """What a run that ended with 0 says and is not so; empty where all of it is."""

    def run(self, place: int, kubeconfig: Path) -> Shown:
        """Run the command by a way."""
        project, arguments = self.command(place)
        done = subprocess.run(
            [sys.executable, "-m", "kuberoster.cli", *arguments],
            cwd=project.folder,
            env=project.environment
            | {"KUBECONFIG": str(kubeconfig), "KUBE_CONFIG_PATH": str(kubeconfig)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return Shown(done.returncode, done.stdout, done.stderr)


class Reading(Scene):
    """A command that changes nothing, where there is something to be seen."""

    again_heals = False

    def __init__(self, projects: Projects, *arguments: str) -> None:
        super().__init__(projects)
        self.arguments = arguments

    def build(self, places: int) -> None:
        self.project = self.projects.looked_at

    def command(self, place: int) -> tuple[Project, list[str]]:
        file = str(self._file(place))
        return self.project, [file if word == "FILE" else word for word in self.arguments]

    def not_so(self, place: int, shown: Shown) -> str:
        return ""  # whoever sees less than the clean run did is found by what it printed

    def seen(self, place: int, shown: Shown) -> str:
        """All that a run said."""
        file = self._file(place)
        written = file.read_text() if file.exists() else ""
        return f"{shown.status}\n{shown.output}\n{written}".replace(str(file), "FILE")

    def _file(self, place: int) -> Path:
        return self.project.folder / f"{self.arguments[0]}-{place}.html"


class Kubeconfig(Scene):
    """A kubeconfig that works, or none."""

    def build(self, places: int) -> None:
        self.project = project = self.projects.make("handed")
        self.user = f"{project.folder.name}-ann"
        project.write(project.folder.name, _user(self.user))
        project.create()
        project.token(self.user)

    def file(self, place: int) -> Path:
        return self.project.folder / f"run-{place}.kubeconfig"

    def command(self, place: int) -> tuple[Project, list[str]]:
        return self.project, ["kubeconfig", self.user, "-o", str(self.file(place))]

    def not_so(self, place: int, shown: Shown) -> str:
        asked = ["--kubeconfig", str(self.file(place)), "auth", "can-i", "get", "pods", "-n", "web"]
        server = self.project.control_plane.server
        said = self.project.kubectl(*asked, "--server", server).strip()
        return "" if said == "yes" else f"the kubeconfig gets {said}"


class Bootstrap(Scene):
    """A namespace for the state, closed to pods, in a roster that is new each time."""

    def build(self, places: int) -> None:
        self.made = [self.projects.make("boot") for _ in range(places)]
        for project in self.made:
            name = project.folder.name
            project.configure(roster=name, state={"namespace": f"state-{name}"})
            project.write("booted", "")

    def command(self, place: int) -> tuple[Project, list[str]]:
        return self.made[place], ["bootstrap"]

    def not_so(self, place: int, shown: Shown) -> str:
        project = self.made[place]
        space = f"state-{project.folder.name}"
        labels = json.loads(project.kubectl("get", "namespace", space, "-o", "json"))["metadata"][
            "labels"
        ]
        if labels.get("pod-security.kubernetes.io/enforce") != "restricted":
            return "the namespace has no Pod Security"
        quotas = project.objects("resourcequotas", "-n", space)
        if [quota["spec"]["hard"].get("pods") for quota in quotas] != ["0"]:
            return "the namespace is open to pods"
        default = json.loads(
            project.kubectl("get", "serviceaccount", "default", "-n", space, "-o", "json")
        )
        if default.get("automountServiceAccountToken") is not False:
            return "pods of the namespace get a token"
        return ""


class Revoking(Scene):
    """Users with two tokens each, who are revoked, or lose one token."""

    waits = asks_all_before_it_waits = True

    def __init__(self, projects: Projects, *options: str) -> None:
        super().__init__(projects)
        self.options = options

    def build(self, places: int) -> None:
        self.project = project = self.projects.make("rev")
        self.team = project.folder.name
        users = [_user(self.user(place), "a", "b") for place in range(places)]
        project.write(self.team, ", ".join(users))
        project.create()
        for place in range(places):
            project.token(self.user(place), "b")
        self.tokens = {
            secret["metadata"]["name"]: base64.b64decode(secret["data"]["token"]).decode()
            for secret in project.objects("secrets", "-n", f"users-{self.team}")
            if "token" in secret.get("data", {})
        }

    def user(self, place: int) -> str:
        return f"{self.team}-u{place:03}"

    def command(self, place: int) -> tuple[Project, list[str]]:
        return self.project, ["revoke", self.user(place), "--yes", *self.options]

    def not_so(self, place: int, shown: Shown) -> str:
        user, label = self.user(place), "a" if self.options else ""
        for name, token in self.tokens.items():
            if (
                name.startswith(f"{user}-{label}")
                and (status := self.project.status(token, pods("web"))) != 401
            ):
                return f"the token of {name} gets {status}"
        if self.options:
            return ""
        kinds = "serviceaccounts,secrets,roles,rolebindings"
        left = self.project.objects(kinds, "-A", "-l", f"kuberoster.io/user={user}")
        if left:
            return f"{[each['metadata']['name'] for each in left]} is left"
        return "" if user in marks(self.project, "kuberoster-state") else "there is no mark"


class Lifting(Scene):
    """Marks of users, which are lifted."""

    beside_others = False  # all are in one ConfigMap, and a change of it stops a lift

    def build(self, places: int) -> None:
        self.project = project = self.projects.make("lift")
        self.space = f"state-{project.folder.name}"
        project.configure(state={"namespace": self.space})
        project.write("lifted", "")
        mark = {"when": "2026-01-01T00:00:00Z", "by": "x", "team": "lifted", "uid": "1"}
        text = json.dumps({**mark, "namespace": "users-lifted"})
        project.kubectl("create", "namespace", self.space)
        project.kubectl("create", "configmap", "revoked-users", "-n", self.space)
        data = {self.user(place): text for place in range(places)}
        patch = ["patch", "configmap", "revoked-users", "-n", self.space, "-p"]
        project.kubectl(*patch, json.dumps({"data": data}))

    def user(self, place: int) -> str:
        return f"lifted-u{place:03}"

    def command(self, place: int) -> tuple[Project, list[str]]:
        return self.project, ["revoke", self.user(place), "--lift", "--yes"]

    def not_so(self, place: int, shown: Shown) -> str:
        return "the mark is there" if self.user(place) in marks(self.project, self.space) else ""


class Retiring(Scene):
    """Teams whose file is gone, which are retired."""

    waits = True

    def build(self, places: int) -> None:
        self.project = project = self.projects.make("retire")
        project.configure(state={"backend": "local"})
        for place in range(places):
            team = self.team(place)
            project.write(team, _user(f"{team}-ann"))
        project.create()
        for place in range(places):
            project.token(f"{self.team(place)}-ann")
            (project.folder / "users" / f"{self.team(place)}.py").unlink()
        project.write("stays", "")

    def team(self, place: int) -> str:
        return f"{self.project.folder.name}-{place}"

    def command(self, place: int) -> tuple[Project, list[str]]:
        team = self.team(place)
        return self.project, ["recover", "--retire", team, "--in", f"users-{team}", "--yes"]

    def not_so(self, place: int, shown: Shown) -> str:
        team = f"kuberoster.io/team={self.team(place)}"
        kinds = "namespaces,serviceaccounts,secrets,rolebindings"
        left = self.project.objects(kinds, "-A", "-l", team)
        return f"{[each['metadata']['name'] for each in left]} is left" if left else ""


class Recovering(Scene):
    """A state that was lost; what is to be done is shown, and done."""

    beside_others = False  # all are of one team, and so of one state

    def build(self, places: int) -> None:
        self.project = project = self.projects.make("lost")
        self.team = project.folder.name
        project.configure(state={"backend": "local"})
        project.write(self.team, _user(f"{self.team}-ann"))
        project.apply(self.team)
        project.token(f"{self.team}-ann")
        self.state = project.folder / f"terraform.{self.team}.tfstate"

    def command(self, place: int) -> tuple[Project, list[str]]:
        self.state.unlink(missing_ok=True)
        return self.project, ["recover", self.team, "--yes"]

    def not_so(self, place: int, shown: Shown) -> str:
        known = self.state.read_text() if self.state.exists() else ""
        missing = [
            kind
            for kind in ("service_account", "secret", "role_binding", "namespace")
            if f'"kubernetes_{kind}_v1"' not in known
        ]
        return f"the state has no {missing}" if missing else ""


def marks(project: Project, namespace: str) -> dict[str, str]:
    """Who is revoked."""
    for each in project.objects("configmaps", "-n", namespace):
        if each["metadata"]["name"] == "revoked-users":
            data: dict[str, str] = each.get("data") or {}
            return data
    return {}


def _user(name: str, *tokens: str) -> str:
    return _USER.format(name, list(tokens or ["main"]), "")
