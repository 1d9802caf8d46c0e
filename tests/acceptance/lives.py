"""A life: what happens to users step by step, with every token that they ever had."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.project import Project, pods

REQUESTED = "requested"
"""Stands for a label: a token of the TokenRequest API, as `kubectl create token` makes it."""


def one(name: str, more: str = "", *, access: str = 'view("web")') -> str:
    """A user as a line of a roster."""
    return f'User("{name}", email="u@example.com", access=[{access}], {more}),'


@dataclass
class Held:
    """A token that somebody was given once and never threw away."""

    user: str
    label: str
    token: str = field(repr=False)
    ended: str = ""
    """The step that ended it."""

    def __str__(self) -> str:
        return f"{self.user}/{self.label}"

    def is_of(self, names: Collection[str]) -> bool:
        """Whether its user or itself is among these: `ann`, or `ann/main`."""
        return self.user in names or str(self) in names


class Life:
    """The lives of a project's users, each a list of steps.

    After every step each token that there ever was is tried again: any that goes on answers
    200, and an ended one 401, for the first time within 15 s. Those seconds run while the next
    step is done; `over` waits for the last ones.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.namespace = "web"
        """Where tokens are tried."""
        self.held: list[Held] = []
        self._ending: list[Future[None]] = []
        self._pool = ThreadPoolExecutor(32)

    def step(
        self,
        what: str,
        *actions: Callable[[], object],
        ends: Collection[str] = (),
        new: Sequence[str] = (),
        meanwhile: Collection[int] = (200,),
    ) -> None:
        """Do something, and see what became of everybody's tokens.

        `ends` says whose tokens end by it, `ann` or `ann/main`; `new` which ones are there
        for the first time, `ann/main`. All others go on: while it is done they are tried all
        the time, and answer `meanwhile` and nothing else.
        """
        before = [held for held in self.held if not held.ended]
        staying = [held for held in before if not held.is_of(ends)]
        with self._tried(staying) as answers:
            for act in actions:
                act()
        assert answers <= {(str(held), status) for held in staying for status in meanwhile}, what
        for held in before:
            if held.is_of(ends):
                held.ended = what
        earlier = self._ending
        self._ending = [
            # The API server remembers a good token for 10 s.
            self._pool.submit(self._expect, 401, held, what, within=15)
            for held in before
            if held.ended
        ]
        for name in new:
            self._receive(name, what)
        for held in self.held:
            if not held.ended:
                self._expect(200, held, what, within=5)
        for ending in earlier:
            ending.result()
        self._try_ended([held for held in self.held if held not in before], what)

    def settle(self) -> None:
        """Wait until every ended token is refused."""
        for ending in self._ending:
            ending.result()
        self._try_ended(self.held, "settled")

    def over(self) -> None:
        """Try every ended token for the last time."""
        self.settle()
        self._pool.shutdown()

    def revived(self, name: str) -> None:
        """Say that an ended token works again: what no deploy does, and somebody else can."""
        held = next(held for held in reversed(self.held) if str(held) == name and held.ended)
        self._expect(200, held, "revived", within=15)
        held.ended = ""

    def deploy(self, **rosters: str | None) -> Callable[[], object]:
        """Write the files of these teams, and run `cdktf deploy`; None removes a file."""

        def run() -> None:
            self._write(rosters)
            teams = [*self.project.folder.glob("users/*.py")]
            self.project.cdktf("deploy", *(["*"] if len(teams) > 1 else []))

        return run

    def apply(self, **rosters: str) -> Callable[[], object]:
        """Write the files of these teams, and apply each without the cdktf command."""

        def run() -> None:
            self._write(rosters)
            for team in rosters:
                self.project.apply(team)

        return run

    def token(self, name: str) -> str:
        """The token of this name that was received last."""
        return [held.token for held in self.held if str(held) == name][-1]

    def _write(self, rosters: Mapping[str, str | None]) -> None:
        for team, users in rosters.items():
            if users is None:
                (self.project.folder / "users" / f"{team}.py").unlink()
            else:
                self.project.write(team, users)

    def _receive(self, name: str, what: str) -> None:
        user, label = name.split("/")
        token = self.project.token(user, label)
        known = any(held.token == token for held in self.held)
        assert not known, f"{what}: {name} is an earlier token again"
        self.held.append(Held(user, label, token))
        if any(str(held) == f"{user}/{REQUESTED}" and not held.ended for held in self.held):
            return
        (account,) = self.project.objects(
            "serviceaccounts", "-A", "-l", f"kuberoster.io/user={user}"
        )
        namespace = account["metadata"]["namespace"]
        requested = self.project.kubectl("create", "token", user, "-n", namespace).strip()
        self.held.append(Held(user, REQUESTED, requested))

    def _expect(self, status: int, held: Held, what: str, *, within: float) -> None:
        try:
            self.project.reaches(held.token, pods(self.namespace), status, within=within)
        except AssertionError as error:
            shown = f"{held}, ended by {held.ended!r}" if held.ended else held
            raise AssertionError(f"{what}: {shown} answers {error}") from None

    def _try_ended(self, held: Sequence[Held], what: str) -> None:
        path = pods(self.namespace)
        alive = [
            f"{one}, ended by {one.ended!r}"
            for one in held
            if one.ended and self.project.status(one.token, path) != 401
        ]
        assert alive == [], what

    @contextmanager
    def _tried(self, held: Sequence[Held]) -> Iterator[set[tuple[str, int]]]:
        """Try tokens over and over meanwhile; what they answered, filled at the end."""
        over = threading.Event()
        answers: set[tuple[str, int]] = set()

        def try_on() -> None:
            while not over.wait(0.1):
                for one in held:
                    status = self.project.status(one.token, pods(self.namespace))
                    answers.add((str(one), status))

        trying = self._pool.submit(try_on)
        try:
            yield answers
        finally:
            over.set()
            trying.result()
