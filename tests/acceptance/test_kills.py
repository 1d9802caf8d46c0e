"""SIGKILL at moments that are drawn from a seed, and one command that heals each.

A round is a team's first deploy, a rotation and the removal of its users. Each of the three is
killed once, in all rounds but the first a recovery too, and then all is recovered and deployed.
`make test-long` has a round more, and 50 users.
"""

import dataclasses
import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.acceptance.killing import CountingProxy, Moment, recover
from tests.acceptance.leaks import leaks
from tests.long import sized
from tests.project import Object, Project, pods

COUNT = sized(12, long=50)
STEPS = {"deploy": ["a"], "rotate": ["a", "b"], "destroy": []}
"""The token labels that each user has in the end; none: no users."""
WRITES = {"deploy": 3 * COUNT, "rotate": COUNT, "destroy": 4 * COUNT}
"""At least as many writes has a step: one for each of its objects."""
KILLED_RECOVERIES = {
    ("kubernetes", 1): "deploy",
    ("kubernetes", 2): "rotate",
    ("local", 1): "rotate",
    ("local", 2): "destroy",
}
"""The step of a round whose recovery is killed too."""


@pytest.mark.parametrize("number", range(sized(2, long=3)))
def test_after_a_kill_at_any_write_one_command_brings_all_together(
    new_project: Callable[[str], Project],
    new_team: Callable[[], str],
    kill_seed: str,
    number: int,
) -> None:
    with ThreadPoolExecutor(2) as pool:
        rounds = [
            pool.submit(Round(new_project(backend), new_team(), backend, number, kill_seed).walk)
            for backend in ("kubernetes", "local")
        ]
    for walked in rounds:
        walked.result()


class Round:
    """One team, its moments, and what its users hold."""

    def __init__(self, project: Project, team: str, backend: str, number: int, seed: str) -> None:
        self.project = project
        self.team = team
        self.backend = backend
        self.number = number
        self.through_cdktf = number == 0
        self.seed = seed
        self.draw = random.Random(f"{seed} {backend} {number}")  # noqa: S311  # not for a secret
        self.kills_recovery_of = KILLED_RECOVERIES.get((backend, number))
        self.names = [f"{self.team}-{index}" for index in range(COUNT)]
        self.held: dict[tuple[str, str], str] = {}
        project.configure(state={"backend": backend})

    def walk(self) -> None:
        with CountingProxy(self.project.control_plane, self.project.folder) as proxy:
            for step in STEPS:
                # So early that there is nothing to recover, no recovery could be killed.
                earliest = 10 if step == self.kills_recovery_of else 1
                moment = self.draw_moment(WRITES[step], earliest)
                try:
                    self.kill_and_heal(step, moment, proxy)
                except BaseException as error:
                    error.add_note(
                        f"{self.backend}, round {self.number}: {step} killed {moment}; "
                        f"KUBEROSTER_KILL_SEED={self.seed}"
                    )
                    raise

    def draw_moment(self, last: int, first: int = 1) -> Moment:
        return Moment(number=self.draw.randint(first, last), arrives=self.draw.random() < 0.5)

    def kill_and_heal(self, step: str, moment: Moment, proxy: CountingProxy) -> None:
        project, labels = self.project, STEPS[step]
        users = (
            f'User("{name}", email="u@example.com", access=[view("web")], tokens={labels})'
            for name in self.names
        )
        project.write(self.team, ", ".join(users) if labels else "")
        project.synth()
        project.terraform(self.team, "version")  # init
        apply = ["apply", "-no-color", "-input=false", "-auto-approve"]
        proxy.kill(project, ["terraform", f"-chdir={project.stack(self.team)}", *apply], moment)

        if step == self.kills_recovery_of:
            self.kill_recovery(step, moment, proxy)
        project.run(*recover(self.team))
        healed = self.everything()
        assert "nothing to do" in project.run(*recover(self.team))
        assert self.everything() == healed
        if self.through_cdktf:
            project.cdktf("deploy")
        else:
            project.terraform(self.team, *apply)
        project.kuberoster("drift", self.team)
        self.check_credentials(labels)
        self.check_access(labels)

    def kill_recovery(self, step: str, moment: Moment, proxy: CountingProxy) -> None:
        """Kill a recovery as well, at a moment before which it can't have ended."""
        if self.backend == "kubernetes":
            at = self.draw_moment(4)  # a lock released, another one taken and released, a state
        else:
            # As a kill in the middle of its writing often leaves it.
            (self.project.folder / f"terraform.{self.team}.tfstate").write_text("")
            if step == "destroy":
                at = self.draw_moment(max(1, WRITES[step] - moment.number - 10))
            else:
                at = dataclasses.replace(self.draw_moment(3 * COUNT), of="request")
        proxy.kill(self.project, recover(self.team), at)

    def check_credentials(self, labels: list[str]) -> None:
        """Exactly the declared tokens are in the cluster and in the state."""
        declared = sorted(f"{name} {label}" for name in self.names for label in labels)
        live = self.token_secrets()
        assert sorted(_owner(secret) for secret in live) == declared
        tracked = [
            instance["attributes"]["metadata"][0]["name"]
            for resource in self.state().get("resources", [])
            if resource["type"] == "kubernetes_secret_v1"
            for instance in resource["instances"]
        ]
        assert sorted(tracked) == sorted(secret["metadata"]["name"] for secret in live)

    def check_access(self, labels: list[str]) -> None:
        """A sample of users is in with what they were given, or out for good."""
        for (name, label), token in self.held.items():
            status = 200 if label in labels else 401
            assert self.project.reaches(token, pods("web"), status, within=15) < 15, name
        for name in self.draw.sample(self.names, 3):
            for label in labels:
                token = self.project.token(name, label)
                assert self.project.reaches(token, pods("web"), 200, within=5) < 5, name
                self.held[name, label] = token
        token = next(iter(self.held.values()))
        assert leaks(self.project, token) == []

    def token_secrets(self) -> list[Object]:
        selector = "--field-selector=type=kubernetes.io/service-account-token"
        return self.project.objects("secrets", "-n", f"users-{self.team}", selector)

    def state(self) -> Object:
        said = self.project.terraform(self.team, "state", "pull")
        state: Object = json.loads(said) if said.strip() else {}
        # Terraform writes them in another order each time.
        (state.get("check_results") or []).sort(key=str)
        return state

    def everything(self) -> tuple[Object, list[str]]:
        """The state, each Secret, and each other object of the team with its version."""
        kinds = "serviceaccounts,resourcequotas,rolebindings"
        label = ["-A", "-l", f"kuberoster.io/team={self.team}"]
        # A Secret gets a new version when Kubernetes puts its token in.
        secrets = [f"Secret {secret['metadata']['name']}" for secret in self.token_secrets()]
        return self.state(), sorted(secrets) + sorted(
            f"{item['kind']} {item['metadata']['name']} {item['metadata']['resourceVersion']}"
            for item in self.project.objects(kinds, *label)
        )


def _owner(secret: Object) -> str:
    labels = secret["metadata"]["labels"]
    return f"{labels['kuberoster.io/user']} {labels['kuberoster.io/token']}"
