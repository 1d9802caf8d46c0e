"""Whether git would take a file, asked before a token goes into it."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kuberoster.model.errors import KuberosterError


@dataclass(frozen=True, kw_only=True)
class Taken:
    """How git would take a file."""

    tracked: bool
    """Whether it is in the index already, where nothing is ignored."""
    wanted_back: str = ""
    """The line that takes it back from what is ignored, in words; empty where there is none."""


def taken_by_git(file: Path) -> Taken | None:
    """How `git add` would put a file of this name into a repository, or has done so.

    It need not be there. None where git would not, and outside of every repository, where none
    is asked. Raises KuberosterError where there is a repository and git can't say.
    """
    folder = file.parent.resolve()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    top = next((each for each in (folder, *folder.parents) if os.path.lexists(each / ".git")), None)
    # Not from the folder itself: a bare repository there would answer for the one that it is in.
    taken = _asked(top, folder / file.name, plain) if top else None
    if taken or plain == os.environ:
        return taken
    # The git of this shell may take it where another one does not, by its variables.
    try:
        named = os.environ.keys() & {"GIT_DIR", "GIT_WORK_TREE"}
        where = Path.cwd() if named else top
        return _asked(where, folder / file.name, os.environ) if where else None
    except KuberosterError:
        return None  # With these variables it works nowhere, and without them it was asked.


def _asked(where: Path, file: Path, environment: Mapping[str, str]) -> Taken | None:
    # A filesystem that is mounted in the work tree is a part of it for `git add` from above.
    own = {"LC_ALL": "C", "GIT_DISCOVERY_ACROSS_FILESYSTEM": "1"}
    given = {name: each for name, each in environment.items() if not name.endswith("PATHSPECS")}

    def ask(*arguments: str, text: str = "") -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.run(
                ["git", "-c", "core.fsmonitor=false", *arguments],
                cwd=where,
                input=text,
                capture_output=True,
                encoding="utf-8",
                errors="surrogateescape",
                check=False,
                env=given | own,
            )
        except FileNotFoundError:
            raise KuberosterError(
                f"{where}: is in a git repository, and there is no program git on PATH."
            ) from None

    def unknown(asked: "subprocess.CompletedProcess[str]") -> KuberosterError:
        said = asked.stderr.strip()
        return KuberosterError(f"{where}: git does not say whether it would take it.\n{said}")

    found = ask("rev-parse", "--is-bare-repository", "--show-toplevel")
    if found.returncode:
        if found.stdout.startswith("true"):
            return None
        raise unknown(found)
    top = Path(found.stdout.partition("\n")[2].removesuffix("\n")).resolve()
    if not file.is_relative_to(top) or ".git" in file.relative_to(top).parts:
        return None
    tracked = ask("--literal-pathspecs", "ls-files", "-z", "--", str(file))
    if tracked.returncode:
        raise unknown(tracked)
    if tracked.stdout:
        return Taken(tracked=True)
    verbose = ("--verbose", "--non-matching", "--stdin", "-z")
    ignored = ask("check-ignore", *verbose, text=f"{file}\0")
    if ignored.returncode not in {0, 1}:
        raise unknown(ignored)
    source, line, pattern, _ = ignored.stdout.removesuffix("\0").split("\0")
    if pattern.startswith("!"):
        return Taken(tracked=False, wanted_back=f"{source} has {pattern!r} in line {line}")
    return None if pattern else Taken(tracked=False)
