"""What git has: another revision of the project's folder, and what differs from it."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kuberoster.child import run_to_end
from kuberoster.model.errors import KuberosterError


@contextmanager
def checked_out(folder: Path, revision: str) -> Iterator[Path]:
    """The folder as of a git revision, in a worktree that is gone afterwards.

    Nothing that is checked out is touched, and no hook of the repository runs. Raises
    KuberosterError when there is no such revision, or no git repository.
    """
    top = Path(_git(folder, "rev-parse", "--show-toplevel").rstrip("\n"))
    inside = folder.resolve().relative_to(top.resolve())
    commit = _commit(folder, revision)
    with tempfile.TemporaryDirectory(prefix="kuberoster-") as place:
        worktree = Path(place) / "worktree"
        try:
            _check_out(folder, worktree, commit)
            yield worktree / inside
        finally:
            # One that is half made is locked, and counts as broken until its folder is gone.
            shutil.rmtree(worktree, ignore_errors=True)
            with suppress(KuberosterError):
                _git(folder, "worktree", "remove", "--force", "--force", str(worktree))


def _check_out(folder: Path, worktree: Path, commit: str) -> None:
    try:
        _git(folder, "worktree", "add", "--quiet", "--detach", str(worktree), commit)
    except KuberosterError as error:
        raise KuberosterError(
            f"{error}\nIt is checked out below {worktree.parents[1]}, which has to be writable and "
            "not full; TMPDIR names another folder."
        ) from None


def changed_files(folder: Path, revision: str) -> list[str]:
    """What differs between a revision and what lies there now, untracked files included.

    Of the whole repository, relative to the folder, such as `users/web.py` or `../README.md`.
    What git ignores is left out. Raises KuberosterError as `checked_out` does.
    """
    top = _git(folder, "rev-parse", "--show-cdup").rstrip("\n")
    commit = _commit(folder, revision)
    inside = _git(folder, "rev-parse", "--show-prefix").rstrip("\n")
    tracked = _git(folder, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit)
    others = _git(folder, "ls-files", "--others", "--exclude-standard", "--full-name", "-z", ":/")
    names = filter(None, (tracked + others).split("\0"))
    return sorted(
        name.removeprefix(inside) if name.startswith(inside) else f"{top}{name}" for name in names
    )


def inside_repository(folder: Path) -> str:
    """Where a folder lies in its git repository, as `access/`; empty for its top, or without git.

    Whoever shows a file of a pull request names it from the top.
    """
    try:
        return _git(folder, "rev-parse", "--show-prefix").rstrip("\n")
    except KuberosterError:
        return ""


def _commit(folder: Path, revision: str) -> str:
    try:
        return _git(
            folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        ).strip()
    except KuberosterError:
        raise KuberosterError(
            f"git has no revision {revision!r} here.\n"
            "Name a commit, branch or tag, such as origin/main; where a job has fetched the last "
            "commit alone, fetch more: `git fetch --unshallow`."
        ) from None


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = run_to_end(
            ["git", "-C", str(folder), "-c", "core.hooksPath=/dev/null", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except FileNotFoundError:
        raise KuberosterError(
            "git: no such program on PATH.\nIt is needed to compare with another revision."
        ) from None
    if done.returncode:
        raise KuberosterError(f"git {arguments[0]} failed.\n{done.stderr.strip()}")
    return done.stdout
