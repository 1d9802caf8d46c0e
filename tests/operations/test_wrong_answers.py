"""A wrong answer to any one request of a command: no traceback, no false word, nothing half done.

Of requests with the same verb and path the first and the last are tried. A run of all tests takes
a sample by a seed, and what was once wrong; KUBEROSTER_FAULTS=50 takes so many of each command,
KUBEROSTER_SEED=3 others, KUBEROSTER_ALL_FAULTS=1 everything.
"""

import os
import random
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from controlplane import ControlPlane
from tests.operations.faulty import FAULTS, Asked, way_to
from tests.operations.scenes import (
    Bootstrap,
    Kubeconfig,
    Lifting,
    Make,
    Reading,
    Recovering,
    Retiring,
    Revoking,
    Scene,
)
from tests.project import Project, Shown

ALL = bool(os.environ.get("KUBEROSTER_ALL_FAULTS"))
SAMPLE = int(os.environ.get("KUBEROSTER_FAULTS", "0"))
SEED = int(os.environ.get("KUBEROSTER_SEED", "12"))
LASTING = 6
"""More often than any request is sent again."""
_QUESTION = ("ANN", "get", "secrets", "-n", "web", "--live")

SCENES: dict[str, tuple[Callable[[Make], Scene], int]] = {
    "can": (lambda make: Reading(make, "can", *_QUESTION), 2),
    "who-can": (lambda make: Reading(make, "who-can", *_QUESTION[1:]), 2),
    "report": (lambda make: Reading(make, "report", "--live", "-o", "FILE"), 2),
    "drift": (lambda make: Reading(make, "drift"), 3),
    "review": (lambda make: Reading(make, "review", "--base", "HEAD", "--no-plan"), 2),
    "dry run": (
        lambda make: Reading(make, "review", "--base", "HEAD", "--no-plan", "--server-dry-run"),
        3,
    ),
    "kubeconfig": (Kubeconfig, 2),
    "bootstrap": (Bootstrap, 2),
    "revoke": (Revoking, 2),
    "revoke a token": (lambda make: Revoking(make, "--token", "a"), 1),
    "lift": (Lifting, 2),
    "retire": (Retiring, 2),
}
"""Each command, and how many faults a sample has of it."""
WITH_TERRAFORM: dict[str, tuple[Callable[[Make], Scene], int]] = {
    "recover": (Recovering, 2),
    "plan": (lambda make: Reading(make, "review", "--base", "HEAD"), 2),
}
ONCE_WRONG = {
    "revoke": [
        ("GET", "/serviceaccounts/", "{}"),
        ("POST", "/subjectaccessreviews", "{}"),
        ("PATCH", "/configmaps/revoked-users", "another kind"),
    ],
    "kubeconfig": [("GET", "/secrets/", "{}"), ("GET", "/serviceaccounts/", "another kind")],
    "bootstrap": [("GET", "/namespaces/", "{}"), ("POST", "/namespaces", "dropped after")],
}
"""By a part of the path, what made a traceback or a false word."""


class Trial(NamedTuple):
    """One fault that happens to one request, once or whenever it is sent again."""

    request: int
    fault: str
    times: int


@pytest.fixture
def make(new_project: Callable[[str], Project]) -> Make:
    numbers = count()
    return lambda name: new_project(f"{name}-{next(numbers)}")


@pytest.mark.parametrize("name", SCENES)
def test_a_wrong_answer_makes_no_command_say_what_is_not_so(
    name: str, make: Make, tmp_path: Path
) -> None:
    _play(name, *SCENES[name], make, tmp_path, threads=4)


@pytest.mark.acceptance
@pytest.mark.parametrize("name", WITH_TERRAFORM)
def test_nor_a_command_that_runs_terraform(name: str, make: Make, tmp_path: Path) -> None:
    _play(name, *WITH_TERRAFORM[name], make, tmp_path, threads=1)


def _play(
    name: str,
    scene_of: Callable[[Make], Scene],
    size: int,
    make: Make,
    folder: Path,
    *,
    threads: int,
) -> None:
    scene = scene_of(make)
    scene.build(1)
    plane = make("ways").control_plane
    with way_to(plane, folder / "clean") as way:
        clean = scene.run(0, way.kubeconfig)
        wrong = _faults_of(scene, 0, clean, clean)
        assert not wrong, f"without a fault: {wrong}\n{clean}"
        asked = way.asked
    trials = list(_trials(name, asked, size))
    scene.build(len(trials) + 1)
    tried = partial(_try, scene, clean, folder, plane)
    with ThreadPoolExecutor(threads if scene.beside_others else 1) as pool:
        ended = list(pool.map(tried, range(1, len(trials) + 1), trials))
    print(f"{name}: {len(asked)} requests, {len(trials)} trials")
    wrong = "\n\n".join(
        f"{trial.fault} x {trial.times} at {trial.request} "
        f"({' '.join(asked[trial.request].shape)}): {what}"
        for trial, what in zip(trials, ended, strict=True)
        if what
    )
    assert not wrong, wrong


def _trials(name: str, asked: list[Asked], size: int) -> Iterator[Trial]:
    first = {each.shape: number for number, each in reversed([*enumerate(asked)])}
    last = {each.shape: number for number, each in enumerate(asked)}
    numbers = sorted({*first.values(), *last.values()})
    every = [
        Trial(number, fault, times)
        for number in numbers
        for fault in FAULTS
        for times in (1, LASTING)
        if times == 1 or FAULTS[fault].change or not FAULTS[fault].seconds
    ]
    if ALL:
        yield from every
        return
    for verb, part, fault in ONCE_WRONG.get(name, []):
        found = [n for n, each in enumerate(asked) if each.verb == verb and part in each.path]
        assert found, f"{name} asks no {verb} {part}"
        yield Trial(found[0], fault, LASTING)
    # No secret is made of it.
    yield from random.Random(f"{SEED} {name}").sample(every, min(SAMPLE or size, len(every)))  # noqa: S311


def _try(
    scene: Scene, clean: Shown, folder: Path, plane: ControlPlane, place: int, trial: Trial
) -> str:
    with way_to(plane, folder / f"way-{place}") as way:
        way.at, way.fault, way.times = trial.request, FAULTS[trial.fault], trial.times
        shown = scene.run(place, way.kubeconfig)
    wrong = _faults_of(scene, place, shown, clean)
    if wrong or shown.status == 0 or not scene.again_heals:
        return wrong
    again = scene.run(place, plane.kubeconfig)
    if again.status:
        return f"{shown}\nwas not healed by another run: {again}"
    return _faults_of(scene, place, again, clean)


def _faults_of(scene: Scene, place: int, shown: Shown, clean: Shown) -> str:
    """What is wrong with the end of a run; empty where nothing is."""
    said = shown.output + shown.errors
    for wrong, what in (
        ("Traceback" in said, "a traceback"),
        ("eyJ" in said, "a token is shown"),
        (shown.status == 1 and not shown.errors.strip(), "an error without a word"),
        # Each user here may edit a namespace, and so make Secrets and pods in it.
        ("could not have been used" in said, "a false reassurance"),
        (shown.status not in {0, 1, clean.status, 3}, "another verdict"),
    ):
        if wrong:
            return f"{what}: {shown}"
    if isinstance(scene, Reading):
        return _less_than(clean, scene, place, shown)
    return scene.not_so(place, shown) if shown.status == 0 else ""


def _less_than(clean: Shown, scene: Reading, place: int, shown: Shown) -> str:
    before = _seen(scene, 0, clean)
    if shown.status == 1 or _seen(scene, place, shown) == before:
        return ""
    # What could not be looked at is said, beside all that was seen without a fault.
    known = before.splitlines()
    lines = _seen(scene, place, shown).splitlines()
    if [line for line in lines if line in known or not line.startswith("not checked: ")] == known:
        return ""
    # A dry run that was not answered is no object that passed.
    if shown.status == 3 and "refused" in shown.output:
        return ""
    return f"it says otherwise than without a fault: {shown}"


def _seen(scene: Reading, place: int, shown: Shown) -> str:
    return re.sub(r"127\.0\.0\.1:\d+", "API", scene.seen(place, shown))
