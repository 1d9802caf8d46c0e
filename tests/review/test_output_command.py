"""`kuberoster review` as jobs and people call it: formats, approval, colours, time."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kuberoster.cli import main
from kuberoster.review.output.markdown import LIMIT, size
from tests.review.comment import read
from tests.slowness import slowness

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(ROOT / "constructs"),
    "KUBEROSTER_TODAY": "2026-11-24",
}
AUTHOR = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
IMPORTS = "from kuberoster import User, edit, view\nUSERS = [\n"
ANN = '    User("out-ann", email="ann@example.com", access=[view("web")]),\n'
BOB = '    User("out-bob", email="bob@example.com", access=[view("web")]),\n'
EVE = '    User("out-eve", email="eve@example.com", access=[view("web")]),\n'
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "users").mkdir()
    (tmp_path / "cdktf.json").write_text("{}")
    _git(tmp_path, "init", "--quiet", "--initial-branch=main")
    _commit(tmp_path, {"web": ANN, "ops": BOB})
    return tmp_path


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *AUTHOR, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def _write(folder: Path, teams: Mapping[str, str]) -> None:
    for team, lines in teams.items():
        (folder / "users" / f"{team}.py").write_text(f"{IMPORTS}{lines}]\n")


def _commit(folder: Path, teams: Mapping[str, str]) -> None:
    _write(folder, teams)
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message=x")


def _review(folder: Path, base: str, *options: str) -> int:
    return main(["-C", str(folder), "review", "--offline", "--base", base, *options])


def _digest(folder: Path, base: str, capsys: Captured) -> str:
    _review(folder, base, "--format", "json")
    digest: str = json.loads(capsys.readouterr().out)["digest"]
    return digest


@pytest.mark.parametrize("merge", [["merge", "--no-ff"], ["merge", "--squash"], ["rebase"]])
def test_what_is_merged_is_what_was_approved_although_main_moved_on(
    repository: Path, capsys: Captured, merge: list[str]
) -> None:
    _git(repository, "checkout", "--quiet", "-b", "change")
    _commit(repository, {"web": ANN.replace("view", "edit")})
    approved = _digest(repository, _git(repository, "merge-base", "main", "HEAD"), capsys)
    _git(repository, "checkout", "--quiet", "main")
    _commit(repository, {"ops": BOB + EVE})
    if merge == ["rebase"]:
        _git(repository, "rebase", "--quiet", "main", "change")
    else:
        _git(repository, *merge, "change")
        if merge[1] == "--squash":
            _git(repository, "commit", "--quiet", "--message=x")

    assert _git(repository, "show", "HEAD^1:users/ops.py").count("User(") == 2
    assert _digest(repository, "HEAD^1", capsys) == approved
    assert _review(repository, "HEAD^1", "--approved", approved) == 2
    capsys.readouterr()


def test_a_change_that_was_not_approved_is_stopped(repository: Path, capsys: Captured) -> None:
    _commit(repository, {"web": ANN.replace("view", "edit")})
    approved = _digest(repository, "HEAD^1", capsys)
    _write(repository, {"web": ANN.replace("view", "edit") + EVE})

    assert _review(repository, "HEAD^1", "--approved", approved, "--format", "json") == 3
    document = json.loads(capsys.readouterr().out)
    assert [block["kind"] for block in document["blocks"]] == ["not-approved"]
    assert approved in document["blocks"][0]["what"]
    assert document["digest"] in document["blocks"][0]["what"]


def test_a_change_has_the_same_digest_on_other_lines(repository: Path, capsys: Captured) -> None:
    _write(repository, {"web": ANN.replace("view", "edit")})
    assert _review(repository, "HEAD", "--format", "json") == 2
    document = json.loads(capsys.readouterr().out)
    file = repository / "users" / "web.py"
    file.write_text(f"# a line more\n{file.read_text()}")

    assert _review(repository, "HEAD", "--format", "json") == 2
    moved = json.loads(capsys.readouterr().out)
    assert _places(document) == {"users/web.py:3"}
    assert _places(moved) == {"users/web.py:4"}
    assert moved["digest"] == document["digest"]


def _places(document: dict[str, Any]) -> set[str]:
    findings = [each for user in document["users"] for each in user["new_findings"]]
    return {right["place"] for each in findings for right in each["rights"]}


def test_a_malformed_digest_is_an_error_before_anything_is_read(
    repository: Path, capsys: Captured
) -> None:
    assert _review(repository, "nowhere", "--approved", "sha256:abc") == 1
    assert capsys.readouterr().err == (
        "--approved is 'sha256:abc'.\n"
        "It is the digest of a review: 'sha256:' and 64 of 0-9a-f, as --format json has it, and "
        "the first line of --format markdown.\n"
    )


def test_each_format_has_the_same_digest_and_exit_status(
    repository: Path, capsys: Captured
) -> None:
    _write(repository, {"web": ANN.replace("view", "edit")})
    digest = _digest(repository, "HEAD", capsys)

    for form in ("markdown", "html"):
        assert _review(repository, "HEAD", "--format", form) == 2
        assert digest in capsys.readouterr().out
    assert _review(repository, "HEAD") == 2
    capsys.readouterr()


def _on_a_terminal(folder: Path, **variables: str) -> str:
    """What the command prints to a terminal of its own."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "kuberoster.cli", "review", "--offline", "--base", "HEAD"],
        cwd=folder,
        env={**ENVIRONMENT, "NO_COLOR": "", **variables},
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    said = b""
    try:
        while some := os.read(ours, 4096):
            said += some
    except OSError:  # Linux's way to say that the other end is closed
        pass
    os.close(ours)
    assert done.wait() == 2
    return said.decode()


def test_a_terminal_has_colours_unless_no_color_is_set(repository: Path) -> None:
    _write(repository, {"web": ANN.replace("view", "edit")})

    coloured = _on_a_terminal(repository)
    plain = _on_a_terminal(repository, NO_COLOR="1")

    assert "\x1b[32m  + can now, in namespace web: " in coloured
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_what_is_no_terminal_has_no_colours(repository: Path, capsys: Captured) -> None:
    _write(repository, {"web": ANN.replace("view", "edit")})

    _review(repository, "HEAD")
    assert "\x1b" not in capsys.readouterr().out


def test_a_thousand_changed_users_are_a_comment_in_under_two_seconds(repository: Path) -> None:
    teams = {
        f"out-{team}": "".join(
            f'    User("out-{team}-{one:03}", email="x@example.com", access=[view("app-{one}")]),\n'
            for one in range(100)
        )
        for team in range(10)
    }
    _commit(repository, teams)
    _write(repository, {name: lines.replace("view", "edit") for name, lines in teams.items()})

    command = [sys.executable, "-m", "kuberoster.cli", "review", "--offline", "--base", "HEAD"]
    seconds = []
    for _ in range(3):
        before = os.times()
        done = subprocess.run(
            [*command, "--format", "markdown"],
            cwd=repository,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        after = os.times()
        seconds.append(after.children_user + after.children_system)
        seconds[-1] -= before.children_user + before.children_system

    assert done.returncode == 2, done.stderr
    assert "1,000 users with changes" in done.stdout
    assert size(done.stdout) <= LIMIT
    assert read(done.stdout).faults() == []
    assert min(seconds) < 2 * slowness()
