"""Commands at work, each run in a fresh place: what a wrong answer on the way may make of them."""

import base64
import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from itertools import count
from pathlib import Path

from tests.operations.planting import close_default_account
from tests.project import Project, Shown, pods

Make = Callable[[str], Project]

_USER = 'User("{0}", email="u@example.com", access=[edit("web"), view("api")], tokens={1})'
_WHO = {
    f"GIT_{who}_{what}": "kuberoster"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


class Scene(ABC):
    """A command of which each run has a place of its own, numbered from 0."""

    again_heals = True
    """Whether the same command, run again without a fault, brings all to its end."""

    beside_others = True
    """Whether runs may go on at once, and change nothing that another one looks at."""

    def __init__(self, make: Make) -> None:
        self.make = make

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
    _teams = count()

    def __init__(self, make: Make, *arguments: str) -> None:
        super().__init__(make)
        self.team = f"seen{next(self._teams)}"
        self.arguments = arguments

    def build(self, places: int) -> None:
        if places > 1:
            return
        team, ann = self.team, f"{self.team}-ann"
        project = self.project = self.make("reading")
        project.write(team, _USER.format(ann, ["main"]))
        project.create()
        close_default_account(project, f"users-{team}")
        project.token(ann)
        project.kubectl("delete", "rolebinding", f"{team}:{ann}:view", "-n", "api")
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "before"]):
            environment = os.environ | _WHO
            subprocess.run(["git", *command], cwd=project.folder, env=environment, check=True)
        users = [_USER.format(f"{team}-{name}", ["main"]) for name in ("ann", "eve")]
        project.write(team, ", ".join(users))

    def command(self, place: int) -> tuple[Project, list[str]]:
        words = {"ANN": f"{self.team}-ann", "FILE": str(self._file(place))}
        return self.project, [words.get(word, word) for word in self.arguments]

    def not_so(self, place: int, shown: Shown) -> str:
        return ""  # whoever sees less than the clean run did is found by what it printed

    def seen(self, place: int, shown: Shown) -> str:
        """All that a run said."""
        file = self._file(place)
        written = file.read_text() if file.exists() else ""
        return f"{shown.status}\n{shown.output}\n{written}".replace(str(file), "FILE")

    def _file(self, place: int) -> Path:
        return self.project.folder / f"report-{place}.html"


class Kubeconfig(Scene):
    """A kubeconfig that works, or none."""

    def build(self, places: int) -> None:
        if places > 1:
            return
        self.project = self.make("kubeconfig")
        self.project.write("handed", _USER.format("handed-ann", ["main"]))
        self.project.create()
        self.project.token("handed-ann")

    def file(self, place: int) -> Path:
        return self.project.folder / f"run-{place}.kubeconfig"

    def command(self, place: int) -> tuple[Project, list[str]]:
        return self.project, ["kubeconfig", "handed-ann", "-o", str(self.file(place))]

    def not_so(self, place: int, shown: Shown) -> str:
        asked = ["--kubeconfig", str(self.file(place)), "auth", "can-i", "get", "pods", "-n", "web"]
        server = self.project.control_plane.server
        said = self.project.kubectl(*asked, "--server", server).strip()
        return "" if said == "yes" else f"the kubeconfig gets {said}"


class Bootstrap(Scene):
    """A namespace for the state, closed to pods, in a roster that is new each time."""

    def build(self, places: int) -> None:
        self.projects = []
        for _ in range(places):
            name = f"boot-{len(list(self.make('count').folder.parent.iterdir()))}"
            project = self.make(name)
            project.configure(roster=name, state={"namespace": f"state-{name}"})
            project.write("booted", "")
            self.projects.append((name, project))

    def command(self, place: int) -> tuple[Project, list[str]]:
        return self.projects[place][1], ["bootstrap"]

    def not_so(self, place: int, shown: Shown) -> str:
        name, project = self.projects[place]
        space = f"state-{name}"
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

    def __init__(self, make: Make, *options: str) -> None:
        super().__init__(make)
        self.options = options
        self.again_heals = not options  # the token has ended, and is not found again
        self.builds = 0

    def build(self, places: int) -> None:
        self.builds += 1
        self.team = f"rev{len(self.options)}{self.builds}"
        self.space = f"users-{self.team}"
        self.project = project = self.make(self.team)
        users = [_USER.format(self.user(place), ["a", "b"]) for place in range(places)]
        project.write(self.team, ", ".join(users))
        project.create()
        for place in range(places):
            project.token(self.user(place), "b")
        self.tokens = {
            secret["metadata"]["name"]: base64.b64decode(secret["data"]["token"]).decode()
            for secret in project.objects("secrets", "-n", self.space)
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
        return "" if user in marks(self.project) else "there is no mark"


class Lifting(Scene):
    """Marks of users, which are lifted."""

    beside_others = False  # all are in one ConfigMap, and a change of it stops a lift

    def build(self, places: int) -> None:
        self.project = self.make(f"lift{places}")
        self.project.write("lifted", "")
        mark = {"when": "2026-01-01T00:00:00Z", "by": "x", "team": "lifted", "uid": "1"}
        text = json.dumps({**mark, "namespace": "users-lifted"})
        data = {self.user(place): text for place in range(places)}
        if not any(
            each["metadata"]["name"] == "revoked-users"
            for each in self.project.objects("configmaps", "-n", "kuberoster-state")
        ):
            self.project.kubectl("create", "configmap", "revoked-users", "-n", "kuberoster-state")
        patch = ["patch", "configmap", "revoked-users", "-n", "kuberoster-state", "-p"]
        self.project.kubectl(*patch, json.dumps({"data": data}))

    def user(self, place: int) -> str:
        return f"lifted-u{place:03}"

    def command(self, place: int) -> tuple[Project, list[str]]:
        return self.project, ["revoke", self.user(place), "--lift", "--yes"]

    def not_so(self, place: int, shown: Shown) -> str:
        return "the mark is there" if self.user(place) in marks(self.project) else ""


class Retiring(Scene):
    """Teams whose file is gone, which are retired."""

    builds = 0

    def build(self, places: int) -> None:
        self.builds += 1
        self.project = project = self.make(f"retire{self.builds}")
        project.configure(state={"backend": "local"})
        for place in range(places):
            team = self.team(place)
            project.write(team, _USER.format(f"{team}-ann", ["main"]))
        project.create()
        for place in range(places):
            project.token(f"{self.team(place)}-ann")
            (project.folder / "users" / f"{self.team(place)}.py").unlink()
        project.write("stays", "")

    def team(self, place: int) -> str:
        return f"left{self.builds}-{place}"

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

    def build(self, places: int) -> None:
        if places > 1:
            return
        project = self.project = self.make("recovering")
        project.configure(state={"backend": "local"})
        project.write("lost", _USER.format("lost-ann", ["main"]))
        project.apply("lost")
        project.token("lost-ann")

    @property
    def state(self) -> Path:
        return self.project.folder / "terraform.lost.tfstate"

    def command(self, place: int) -> tuple[Project, list[str]]:
        self.state.unlink(missing_ok=True)
        return self.project, ["recover", "lost", "--yes"]

    def not_so(self, place: int, shown: Shown) -> str:
        known = self.state.read_text() if self.state.exists() else ""
        missing = [
            kind
            for kind in ("service_account", "secret", "role_binding", "namespace")
            if f'"kubernetes_{kind}_v1"' not in known
        ]
        return f"the state has no {missing}" if missing else ""


def marks(project: Project) -> dict[str, str]:
    """Who is revoked."""
    for each in project.objects("configmaps", "-n", "kuberoster-state"):
        if each["metadata"]["name"] == "revoked-users":
            data: dict[str, str] = each.get("data") or {}
            return data
    return {}
