"""examples/ci/check-merges.sh: what is merged is what was approved."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "examples" / "ci" / "check-merges.sh"
ANN, BOB, EVE = (f'User("{name}", email="{name}@example.com")' for name in ("ann", "bob", "eve"))


class Repository:
    """A roster in git, with branches and merges."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "roster"
        (self.folder / "users").mkdir(parents=True)
        programs = folder / "bin"
        programs.mkdir()
        (programs / "kuberoster").write_text(
            f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m kuberoster.cli "$@"\n'
        )
        (programs / "kuberoster").chmod(0o755)
        self.environment = os.environ | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "constructs"),
            **{f"GIT_{who}_NAME": "Test" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "test@example.com" for who in ("AUTHOR", "COMMITTER")},
        }
        shutil.copy(ROOT / "cdktf.json", self.folder)
        self.git("init", "-q", "-b", "main")
        self.commit("web", ANN)
        self.base = self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments).stdout

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=check,
        )

    def write(self, team: str, *users: str) -> None:
        source = f"from kuberoster import *\nUSERS = [{', '.join(users)}]\n"
        (self.folder / "users" / f"{team}.py").write_text(source)

    def commit(self, team: str, *users: str) -> None:
        self.write(team, *users)
        self.git("add", ".")
        self.git("commit", "-qm", team)

    def branch(self, name: str, team: str, *users: str) -> None:
        """A branch from the base, with one commit."""
        self.git("checkout", "-qb", name, self.base)
        self.commit(team, *users)
        self.git("checkout", "-q", "main")

    def merge(self, name: str, *options: str) -> None:
        self.git("merge", "-q", "--no-ff", "--no-edit", *options, name)

    def check(self, *more: str) -> subprocess.CompletedProcess[str]:
        done = self.run("sh", str(SCRIPT), self.base, *more, check=False)
        assert "Traceback" not in done.stderr
        assert self.git("worktree", "list").count("\n") == 1
        return done


@pytest.fixture
def roster(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_without_a_merge_there_is_nothing_to_approve(roster: Repository) -> None:
    assert roster.check().returncode == 0


def test_merges_that_do_what_their_branches_did_pass(roster: Repository) -> None:
    roster.branch("one", "web", ANN, BOB)
    roster.branch("two", "api", EVE)
    roster.merge("one")
    roster.merge("two")

    done = roster.check()

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("merge ") == 2


def test_a_merge_in_which_somebody_is_added_stops(roster: Repository) -> None:
    roster.branch("one", "web", ANN, BOB)
    roster.merge("one", "--no-commit")
    roster.commit("api", EVE)

    done = roster.check()

    assert done.returncode == 3
    assert "eve" in done.stdout


def test_a_stop_is_not_forgotten_by_a_good_merge_after_it(roster: Repository) -> None:
    roster.branch("one", "web", ANN, BOB)
    roster.merge("one", "--no-commit")
    roster.commit("api", EVE)
    roster.branch("two", "ops", 'User("joe", email="joe@example.com")')
    roster.merge("two")

    assert roster.check().returncode == 3


def test_a_commit_that_came_by_no_merge_stops(roster: Repository) -> None:
    roster.commit("web", ANN, EVE)

    done = roster.check()

    assert done.returncode == 3
    assert "eve" in done.stdout


def test_somebody_may_approve_all_that_changed_by_its_digest(roster: Repository) -> None:
    roster.commit("web", ANN, EVE)
    command = ("kuberoster", "review", "--offline", "--base", roster.base, "--format", "markdown")
    first = roster.run(*command, check=False).stdout.split()

    assert roster.check(first[3]).returncode == 0
    roster.commit("web", ANN, EVE, BOB)
    assert roster.check(first[3]).returncode == 3


def test_a_base_that_is_not_in_the_history_is_refused(roster: Repository) -> None:
    roster.branch("one", "web", ANN, BOB)
    roster.base = roster.git("rev-parse", "one").strip()

    done = roster.check()

    assert done.returncode == 1
    assert "is not in the history" in done.stdout
