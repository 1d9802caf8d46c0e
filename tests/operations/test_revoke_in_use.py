"""`kuberoster revoke` against tokens in constant use: none is taken once it has ended.

KUBEROSTER_REVOKE_ROUNDS is another number of rounds. When each token was looked at
last, and so is forgotten, is drawn from a seed; KUBEROSTER_SEED repeats a run.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest
from urllib3 import HTTPSConnectionPool
from urllib3.util import parse_url

from controlplane import ControlPlane
from tests.long import sized
from tests.project import Object, Project

ROUNDS = int(os.environ.get("KUBEROSTER_REVOKE_ROUNDS", sized("8", long="40")))
AT_ONCE = 10
EVERY = 0.2
REMEMBERED = 10.0
"""Seconds for which the API server takes a token without looking again."""
PRIMED, AFTERWARDS = REMEMBERED + 1, 3.0
"""Seconds of use before a revocation starts, and after it has ended."""
SEED = int(os.environ.get("KUBEROSTER_SEED") or random.randrange(10**9))  # noqa: S311  # of tests
USER = 'User("{0}", email="u@example.com", access=[view("web")])'


class Use(NamedTuple):
    """One request: when it was sent, and its answer."""

    sent: float
    status: int


@dataclass
class InUse:
    """A token of a user, and all that was answered to it."""

    user: str
    kind: str
    value: str = field(repr=False)
    uses: list[Use] = field(default_factory=list)


@contextmanager
def _in_use(tokens: list[InUse], control_plane: ControlPlane) -> Iterator[None]:
    """Ask the API server with each token, five times a second."""
    server = parse_url(control_plane.server)
    over = threading.Event()
    draw = random.Random(SEED)  # noqa: S311

    def use(token: InUse, start: float) -> None:
        over.wait(start)
        with HTTPSConnectionPool(
            str(server.host), server.port, ca_certs=str(control_plane.certificate_authority)
        ) as pool:
            headers = {"Authorization": f"Bearer {token.value}"}
            while not over.wait(EVERY):
                sent = time.monotonic()
                answer = pool.request("GET", "/version", headers=headers, retries=False)
                token.uses.append(Use(sent, answer.status))

    with ThreadPoolExecutor(len(tokens)) as pool:
        using = [pool.submit(use, token, draw.uniform(0, REMEMBERED)) for token in tokens]
        try:
            yield
        finally:
            over.set()
        for each in using:
            each.result()


def _tokens(project: Project, user: str, space: str) -> list[InUse]:
    secret = project.secrets(user)["main"]
    bound = ["--bound-object-kind=Secret", f"--bound-object-name={secret}"]
    requested = ["create", "token", user, "-n", space, "--duration=1h"]
    return [
        InUse(user, "of the Secret", project.token(user)),
        InUse(user, "requested", project.kubectl(*requested).strip()),
        InUse(user, "bound to the Secret", project.kubectl(*requested, *bound).strip()),
    ]


def _revoke(project: Project, user: str, *options: str) -> float:
    """When the command had ended with 0."""
    command = [sys.executable, "-m", "kuberoster.cli", "revoke", user, "--yes", *options]
    subprocess.run(
        command, cwd=project.folder, env=project.environment, check=True, capture_output=True
    )
    return time.monotonic()


def _rounds(
    project: Project, team: str, rounds: int, which: Callable[[InUse], bool], *options: str
) -> tuple[Mapping[str, float], list[InUse]]:
    users = [f"{team}-{number}" for number in range(rounds)]
    project.write(team, ", ".join(map(USER.format, users)))
    project.create()
    ended: dict[str, float] = {}
    tokens: list[InUse] = []
    for first in range(0, rounds, AT_ONCE):
        group = users[first : first + AT_ONCE]
        used = [
            each
            for user in group
            for each in _tokens(project, user, f"users-{team}")
            if which(each)
        ]
        with _in_use(used, project.control_plane):
            time.sleep(PRIMED)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                ends = pool.map(lambda user: _revoke(project, user, *options), group)
                ended |= dict(zip(group, ends, strict=True))
            time.sleep(AFTERWARDS)
        tokens += used
    return ended, tokens


def _assert_refused(ended: Mapping[str, float], tokens: list[InUse]) -> float:
    """How many seconds before the end a token was taken last."""
    last = []
    for token in tokens:
        taken = [use.sent for use in token.uses if use.status != 401]
        later = [use for use in token.uses if use.sent >= ended[token.user]]
        assert {use.status for use in token.uses} == {200, 401}, (token.user, token.kind)
        assert len(later) > AFTERWARDS / EVERY / 4  # so that it was tried indeed
        last.append(ended[token.user] - max(taken))
    late = [(token.user, token.kind) for token, each in zip(tokens, last, strict=True) if each <= 0]
    assert not late, f"seed {SEED}"
    return min(last)


def test_no_token_in_constant_use_is_taken_after_the_end(
    project: Project, record_property: pytest.Function
) -> None:
    ended, tokens = _rounds(project, "busy", ROUNDS, lambda _: True)
    nearest = _assert_refused(ended, tokens)
    uses = sum(len(token.uses) for token in tokens)
    record_property(  # type: ignore[operator]
        "measured",
        f"{ROUNDS} revocations, {len(tokens)} tokens in use, {uses:,} requests: none taken after "
        f"the end, the last one {nearest:.1f} s before it; seed {SEED}",
    )


def test_one_token_in_constant_use_is_not_taken_after_its_end(project: Project) -> None:
    _assert_refused(
        *_rounds(project, "idle", 3, lambda token: token.kind != "requested", "--token", "main")
    )


def _hold(project: Project, kind: str, name: str, namespace: str) -> None:
    patch: Object = {"metadata": {"finalizers": ["example.com/hold"]}}
    where = [kind, name, "-n", namespace]
    project.kubectl("patch", *where, "--type=merge", "--patch-file=/dev/stdin", given=patch)


def test_none_is_taken_where_a_finalizer_keeps_the_service_account(project: Project) -> None:
    user = "held-ann"
    project.write("held", USER.format(user))
    project.create()
    tokens = _tokens(project, user, "users-held")
    _hold(project, "serviceaccount", user, "users-held")
    with _in_use(tokens, project.control_plane):
        time.sleep(PRIMED)
        said = project.kuberoster("revoke", user, "--yes", fails=True)
        ended = time.monotonic()
        time.sleep(AFTERWARDS)
    _assert_refused({user: ended}, tokens)
    assert (
        "error: ServiceAccount users-held/held-ann is being deleted, and stays until what keeps it "
        "is taken away: finalizer example.com/hold (set by kubectl-patch on " in said
    )
    assert "kubectl patch serviceaccount held-ann -n users-held --type=merge" in said
    assert "is a deploy running" not in said
    assert "2 tokens tried, the last one refused 7" in said

    mend = said.partition("If it never will: ")[2].splitlines()[0]
    project.run("sh", "-c", mend)
    assert "deleted: nothing" in project.kuberoster("revoke", user, "--yes")
