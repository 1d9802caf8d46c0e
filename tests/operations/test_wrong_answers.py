"""A wrong answer to any one request of a command: no traceback, no false word, nothing half done.

Of requests with the same verb and path the first and the last are tried. A run of all tests takes
what is always tried, and a sample by a seed; KUBEROSTER_FAULTS=50 takes so many of each command,
KUBEROSTER_SEED=3 others, KUBEROSTER_ALL_FAULTS=1 everything.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from controlplane import ControlPlane
from tests.operations.scenes import (
    Bootstrap,
    Kubeconfig,
    Lifting,
    Projects,
    Reading,
    Recovering,
    Retiring,
    Revoking,
    Scene,
)
from tests.operations.trials import Played, Trial, play
from tests.snapshot import put_back

ALL = bool(os.environ.get("KUBEROSTER_ALL_FAULTS"))
SAMPLE = int(os.environ.get("KUBEROSTER_FAULTS", "0"))
SEED = int(os.environ.get("KUBEROSTER_SEED", "12"))
_QUESTION = ("seen-ann", "get", "secrets", "-n", "seen-web", "--live")

Made = Callable[[Projects], Scene]
SCENES: dict[str, tuple[Made, int]] = {
    "can": (lambda made: Reading(made, "can", *_QUESTION), 2),
    "who-can": (lambda made: Reading(made, "who-can", *_QUESTION[1:]), 2),
    "report": (lambda made: Reading(made, "report", "--live", "-o", "FILE"), 2),
    "drift": (lambda made: Reading(made, "drift"), 3),
    "review": (lambda made: Reading(made, "review", "--base", "HEAD", "--no-plan"), 2),
    "dry run": (
        lambda made: Reading(made, "review", "--base", "HEAD", "--no-plan", "--server-dry-run"),
        3,
    ),
    "kubeconfig": (Kubeconfig, 2),
    "bootstrap": (Bootstrap, 2),
    "lift": (Lifting, 2),
    "revoke": (Revoking, 2),
    "revoke a token": (lambda made: Revoking(made, "--token", "a"), 1),
    "retire": (Retiring, 2),
}
"""Each command, and how many faults a sample has of it."""
WITH_TERRAFORM: dict[str, tuple[Made, int]] = {
    "recover": (Recovering, 2),
    "plan": (lambda made: Reading(made, "review", "--base", "HEAD"), 2),
}
ALWAYS = {
    "revoke": [
        Trial(("GET", "/serviceaccounts/"), "{}"),
        Trial(("POST", "/subjectaccessreviews"), "{}"),
        Trial(("PATCH", "/configmaps/revoked-users"), "another kind"),
        Trial(("GET", "/version"), "cut"),
    ],
    "revoke a token": [Trial(("GET", "/version"), "cut")],
    "kubeconfig": [
        Trial(("GET", "/secrets/"), "{}"),
        Trial(("GET", "/serviceaccounts/"), "another kind"),
    ],
    "bootstrap": [
        Trial(("GET", "/namespaces/"), "{}"),
        Trial(("POST", "/namespaces"), "dropped after"),
    ],
}
"""What once made a traceback or a false word, and what is asked after a long wait alone."""


@pytest.fixture(scope="module")
def projects(
    prepared: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Projects]:
    with put_back(prepared):
        yield Projects(tmp_path_factory.mktemp("scenes"), prepared)


@pytest.fixture(scope="module")
def waiting(
    request: pytest.FixtureRequest, projects: Projects
) -> Iterator[dict[str, Future[Played]]]:
    """The scenes of this run that wait for most of their time, begun beside all others."""
    wanted = {item.name for item in request.session.items}
    with ThreadPoolExecutor() as pool:
        yield {
            name: pool.submit(_play, name, SCENES, projects)
            for name, (made, _) in SCENES.items()
            if made(projects).waits and any(f"[{name}]" in each for each in wanted)
        }


@pytest.mark.parametrize("name", SCENES)
def test_a_wrong_answer_makes_no_command_say_what_is_not_so(
    name: str, projects: Projects, waiting: dict[str, Future[Played]]
) -> None:
    played = waiting[name].result() if name in waiting else _play(name, SCENES, projects)
    _show(name, played)


@pytest.mark.acceptance
@pytest.mark.parametrize("name", WITH_TERRAFORM)
def test_nor_a_command_that_runs_terraform(name: str, projects: Projects) -> None:
    _show(name, _play(name, WITH_TERRAFORM, projects))


def _play(name: str, scenes: dict[str, tuple[Made, int]], projects: Projects) -> Played:
    made, size = scenes[name]
    folder = projects.folder / f"ways-{name}"
    folder.mkdir()
    return play(
        made(projects),
        folder,
        always=ALWAYS.get(name, []),
        others=None if ALL else SAMPLE or size,
        seed=f"{SEED} {name}",
    )


def _show(name: str, played: Played) -> None:
    print(f"{name}: {played.requests} requests, {played.trials} trials")
    assert not played.wrong, "\n\n".join(played.wrong)
