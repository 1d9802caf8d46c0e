"""Commands that need no cluster answer at once: `validate` fits a pre-commit hook."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.slowness import slowness

pytestmark = pytest.mark.slow

TEAMS = 10
USERS = 100
AUTHOR = ["-c", "user.name=x", "-c", "user.email=x@example.com"]

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def thousand_users(write_project: Write) -> Path:
    return write_project({f"team-{number}": _team(number) for number in range(TEAMS)})


def _team(number: int) -> str:
    lines = (
        f'    User("user-{number}-{one:03}", email="user-{number}-{one}@example.com", '
        f'access=[edit("web"), view("api-{number}")], tokens=["2026q4"]),'
        for one in range(USERS)
    )
    return "\n".join(["USERS = [", *lines, "]", ""])


def test_a_thousand_users_are_checked_in_under_half_a_second(
    thousand_users: Path, environment: Mapping[str, str]
) -> None:
    output, seconds = _fastest(["validate"], thousand_users, environment)

    assert output == "1,000 users in 10 teams: no problem found\n"
    assert seconds < 0.5 * slowness()


def test_what_one_of_a_thousand_users_may_do_is_said_in_under_half_a_second(
    thousand_users: Path, environment: Mapping[str, str]
) -> None:
    question = ["can", "user-7-042", "get", "secrets", "-n", "web"]
    output, seconds = _fastest(question, thousand_users, environment)

    assert output.startswith("yes: ")
    assert seconds < 0.5 * slowness()


def test_who_of_a_thousand_users_may_do_something_is_said_in_under_a_second(
    thousand_users: Path, environment: Mapping[str, str]
) -> None:
    question = ["who-can", "get", "secrets", "-n", "web"]
    output, seconds = _fastest(question, thousand_users, environment)

    assert "\n1,000 users may get secrets in namespace web\n" in output
    assert seconds < 1 * slowness()


def test_a_change_among_a_thousand_users_is_reviewed_in_under_two_seconds(
    thousand_users: Path, environment: Mapping[str, str]
) -> None:
    for arguments in (["init"], ["add", "."], [*AUTHOR, "commit", "--message=x"]):
        subprocess.run(["git", *arguments], cwd=thousand_users, capture_output=True, check=True)
    file = thousand_users / "users" / "team-7.py"
    file.write_text(file.read_text().replace('edit("web")', 'view("web")', 1))

    review = ["review", "--offline", "--base", "HEAD"]
    output, seconds = _fastest(review, thousand_users, environment, status=2)

    assert output.startswith("user-7-000 (team-7)\n")
    assert "\n1 user with changes, 999 without; " in output
    assert seconds < 2 * slowness()


def test_paths_of_fifty_users_to_a_thousand_others_take_no_longer(
    thousand_users: Path, environment: Mapping[str, str]
) -> None:
    for file in (thousand_users / "users").glob("*.py"):
        file.write_text(file.read_text().replace('edit("web")', "edit.cluster_wide()", 5))
    for arguments in (["init"], ["add", "."], [*AUTHOR, "commit", "--message=x"]):
        subprocess.run(["git", *arguments], cwd=thousand_users, capture_output=True, check=True)
    file = thousand_users / "users" / "team-7.py"
    file.write_text(file.read_text().replace("edit.cluster_wide()", 'view("web")', 1))

    review = ["review", "--offline", "--base", "HEAD"]
    output, seconds = _fastest(review, thousand_users, environment, status=2)

    assert "\n  - can no longer act as every other user of the roster: " in output
    assert "\n1 user with changes, 999 without; " in output
    assert seconds < 2 * slowness()


def _fastest(
    arguments: list[str], folder: Path, environment: Mapping[str, str], *, status: int = 0
) -> tuple[str, float]:
    """What the command prints, and its shortest time on a processor: it waits for nothing else."""
    seconds = []
    for _ in range(5):
        before = os.times()
        done = subprocess.run(
            [sys.executable, "-m", "kuberoster.cli", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        after = os.times()
        assert done.returncode == status, done.stderr
        seconds.append(
            after.children_user
            - before.children_user
            + after.children_system
            - before.children_system
        )
    return done.stdout, min(seconds)


def test_validate_loads_no_client_of_anything(
    thousand_users: Path, environment: Mapping[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "kuberoster.cli", "validate"],
        cwd=thousand_users,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "kuberoster" in loaded
    assert not loaded & {"cdktf", "constructs", "jsii", "urllib3", "yaml", "ssl"}
