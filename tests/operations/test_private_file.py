"""A private file is written whole or not at all, and never where git would take it."""

import os
import random
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kuberoster import KuberosterError
from kuberoster.operations import private_file
from kuberoster.operations.private_file import check_name, write_private
from tests.long import sized

TOKEN = b"the token\n" * 10


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository that ignores *.kubeconfig and nothing else."""
    folder = tmp_path / "repository"
    folder.mkdir()
    _git(folder, "init", "--quiet")
    (folder / ".gitignore").write_text("*.kubeconfig\n")
    return folder


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout


def _taken_with_token(folder: Path) -> set[str]:
    """Which files `git add -A` would take, of those that hold a part of the token."""
    with_token = {
        str(each.relative_to(folder))
        for each in folder.rglob("*")
        if ".git" not in each.parts and each.is_file() and TOKEN[:3] in each.read_bytes()
    }
    if with_token <= {"bob.kubeconfig"}:  # ignored, as the last look shows
        return set()
    return with_token & set(_git(folder, "ls-files", "-o", "--exclude-standard").splitlines())


def _write_and_be_killed(file: Path, step: int) -> bool:
    """Write in another process that is killed before its `step`th call into C; whether it was."""
    child = os.fork()
    if not child:
        left = step

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal left
            if event == "c_call":
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        write_private(file, TOKEN)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _without_unnamed_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a filesystem or a system that has none."""
    monkeypatch.delattr(os, "O_TMPFILE")


@pytest.mark.parametrize("unnamed", [True, False], ids=["unnamed", "named drafts"])
@pytest.mark.parametrize("before", [None, b"theirs"], ids=["new", "in place of another"])
def test_a_kill_at_any_call_leaves_no_file_that_git_would_take_and_none_in_part(
    repository: Path, monkeypatch: pytest.MonkeyPatch, before: bytes | None, unnamed: bool
) -> None:
    if not unnamed:
        _without_unnamed_files(monkeypatch)
    file = repository / "bob.kubeconfig"
    every = sized(4, long=1)
    for step in range(1 + random.randrange(every), 1000, every):  # noqa: S311  # of tests
        file.unlink(missing_ok=True)
        if before is not None:
            file.write_bytes(before)
        killed = _write_and_be_killed(file, step)
        assert _taken_with_token(repository) == set(), step
        content = file.read_bytes() if file.exists() else None
        assert content in {before, TOKEN}, step
        if not killed:
            break
    assert step > 20
    assert content == TOKEN
    _git(repository, "add", "-A")
    assert _git(repository, "ls-files") == ".gitignore\n"
    # What the last ones left is gone: each run cleans up behind those before it.
    assert {path.name for path in repository.iterdir()} == {".git", ".gitignore", file.name}


def test_what_a_killed_run_left_is_removed_by_the_next_and_what_is_at_work_is_not(
    repository: Path,
) -> None:
    left = repository / ".kuberoster-draft-left"
    left.mkdir(0o700)
    with private_file._drafts(repository) as working:
        (left / ".gitignore").write_bytes((working / ".gitignore").read_bytes())
        (left / "draft").write_bytes(TOKEN)
        write_private(repository / "bob.kubeconfig", TOKEN)
        assert working.is_dir()
    assert not left.exists()
    assert not working.exists()


@pytest.mark.parametrize("mask", [0o000, 0o777])
def test_its_mode_is_the_owners_whatever_the_umask(repository: Path, mask: int) -> None:
    file = repository / "bob.kubeconfig"
    before = os.umask(mask)
    try:
        write_private(file, TOKEN)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["other", "draft"])
def test_what_is_not_ours_beyond_doubt_stays(repository: Path, name: str) -> None:
    theirs = repository / ".kuberoster-draft-theirs"
    theirs.mkdir(0o700)
    (theirs / name).write_bytes(b"theirs")
    write_private(repository / "bob.kubeconfig", TOKEN)
    assert (theirs / name).read_bytes() == b"theirs"


def test_a_file_that_comes_in_the_last_moment_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "lexists", lambda _: False)
    (tmp_path / "f").write_bytes(b"theirs")
    with pytest.raises(KuberosterError, match="f: can't be written: File exists"):
        write_private(tmp_path / "f", TOKEN)
    assert (tmp_path / "f").read_bytes() == b"theirs"
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) != 0


@pytest.mark.parametrize("given", ["json", "YAML", "-", "-ojson", "wide", "jsonpath={.users}"])
def test_what_is_a_format_elsewhere_is_no_name(given: str) -> None:
    with pytest.raises(KuberosterError, match=r"is no file's name, .*\nName the file: -o a\.b"):
        check_name(given, "a.b")
    check_name(f"./{given}", "a.b")
