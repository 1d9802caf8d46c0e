"""Trials of one scene, a fault each: whether what the command then says is so."""

import difflib
import heapq
import random
import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.operations.faulty import FAULTS, Asked, Way, way_to
from tests.operations.scenes import Reading, Scene
from tests.project import Shown

LASTING = 6
"""More often than any request is sent again."""
_QUIET = 2.5
"""Seconds without a new request after which a command waits for something."""


class Trial(NamedTuple):
    """One fault that happens to one request, once or whenever it is sent again."""

    request: int | tuple[str, str]
    """Its number from 0; or its verb and a part of its path, and it is the first such one."""
    fault: str
    times: int = LASTING

    def is_victim(self, number: int, asked: Asked) -> bool:
        if isinstance(self.request, int):
            return number == self.request
        verb, part = self.request
        return asked.verb == verb and part in asked.path


class Played(NamedTuple):
    """How a scene went."""

    requests: int
    trials: int
    wrong: list[str]


def play(
    scene: Scene,
    folder: Path,
    *,
    always: Sequence[Trial],
    others: int | None,
    seed: str,
) -> Played:
    """Play a scene without a fault, with each that is always tried, and with some others.

    `others` is how many of these, drawn by the seed; with None each that there can be is tried,
    and what is always tried is among them. The others begin once it is known what is asked.
    """
    if others is None:
        always = ()
    scene.build(1 + len(always) + (others or 0))
    threads = (16 if scene.waits else 4) if scene.beside_others else 1
    with (
        way_to(scene.projects.control_plane, folder / "clean") as way,
        ThreadPoolExecutor(threads) as pool,
    ):
        clean = pool.submit(scene.run, 0, way.kubeconfig)

        def begin(place: int, trial: Trial) -> Future[str]:
            return pool.submit(_try, scene, clean, folder, place, trial)

        ended = {trial: begin(place, trial) for place, trial in enumerate(always, 1)}
        asked = _known(scene, way, clean)
        every = list(_every(asked))
        if others is None:
            wrong = faults_of(scene, 0, clean.result(), clean.result())
            scene.build(1 + len(every))
        else:
            every = heapq.nsmallest(others, every, key=partial(_rank, seed))
        ended |= {trial: begin(place, trial) for place, trial in enumerate(every, 1 + len(always))}
    if others is not None:
        wrong = faults_of(scene, 0, clean.result(), clean.result())
    failed = [f"without a fault: {wrong}"] if wrong else []
    for trial, end in ended.items():
        if what := end.result():
            where = (
                trial.request if isinstance(trial.request, tuple) else asked[trial.request].shape
            )
            failed.append(f"{trial.fault} x {trial.times} at {' '.join(where)}: {what}")
    return Played(len(way.asked), len(ended), failed)


def _known(scene: Scene, way: Way, clean: Future[Shown]) -> list[Asked]:
    """What a command asks to its end, or until it waits and asks nothing else afterwards."""
    while not clean.done():
        quiet = way.asked and time.monotonic() - way.news > _QUIET
        if quiet and scene.asks_all_before_it_waits:
            break
        time.sleep(0.1)
    return list(way.asked)


def _every(asked: Sequence[Asked]) -> Iterator[Trial]:
    first = {each.shape: number for number, each in reversed([*enumerate(asked)])}
    last = {each.shape: number for number, each in enumerate(asked)}
    for number in sorted({*first.values(), *last.values()}):
        for name, fault in FAULTS.items():
            for times in (1, LASTING):
                if times == 1 or fault.change or not fault.seconds:
                    yield Trial(number, name, times)


def _rank(seed: str, trial: Trial) -> float:
    """The same whatever else there is to be tried."""
    return random.Random(f"{seed} {trial}").random()  # noqa: S311  # no secret is made of it


def _try(scene: Scene, clean: Future[Shown], folder: Path, place: int, trial: Trial) -> str:
    plane = scene.projects.control_plane
    with way_to(plane, folder / f"way-{place}") as way:
        way.is_victim, way.fault, way.times = trial.is_victim, FAULTS[trial.fault], trial.times
        shown = scene.run(place, way.kubeconfig)
    if way.victim is None and isinstance(trial.request, tuple):
        return f"nothing like that is asked: {shown}"
    wrong = faults_of(scene, place, shown, clean.result())
    if wrong or shown.status == 0 or not scene.again_heals:
        return wrong
    again = scene.run(place, plane.kubeconfig)
    if again.status:
        return f"{shown}\nwas not healed by another run: {again}"
    return faults_of(scene, place, again, clean.result())


def faults_of(scene: Scene, place: int, shown: Shown, clean: Shown) -> str:
    """What is wrong with the end of a run; empty where nothing is."""
    said = shown.output + shown.errors
    for wrong, what in (
        ("Traceback" in said, "a traceback"),
        ("eyJ" in said, "a token is shown"),
        (shown.status == 1 and not shown.errors.strip(), "an error without a word"),
        # Each user here may edit a namespace, and so make Secrets and pods in it.
        ("is known here to make" in said, "a false reassurance"),
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
    differs = difflib.unified_diff(known, lines, "without a fault", "with it", lineterm="", n=0)
    return "it says otherwise:\n" + "\n".join([*differs, shown.errors])


def _seen(scene: Reading, place: int, shown: Shown) -> str:
    return re.sub(r"127\.0\.0\.1:\d+", "API", scene.seen(place, shown))
