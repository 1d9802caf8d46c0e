"""Files that only their owner may read, written whole or not at all.

What is being written has no name, so that whoever stops us leaves nothing. Where it needs one, to
take the place of a file that is there or since the filesystem has no unnamed files, that is in a
folder which git never looks into, and which the next run removes.
"""

import contextlib
import errno
import fcntl
import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kuberoster.model.errors import KuberosterError, unwritable

_DRAFTS = ".kuberoster-draft-"
_DRAFT = "draft"
_IGNORE = ".gitignore"
_IGNORED = (
    b"# kuberoster writes a private file here; where none is at work, this folder can go.\n*\n"
)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FORMATS = (
    "-",
    "custom-columns",
    "go-template",
    "html",
    "json",
    "jsonpath",
    "kyaml",
    "markdown",
    "name",
    "table",
    "template",
    "text",
    "wide",
    "yaml",
    "yml",
)


def check_name(given: str, example: str) -> None:
    """Raise KuberosterError for what other commands take after `-o`, and is no file's name there.

    `./json` is a file called json, without a doubt.
    """
    word = given.lower().partition("=")[0]
    if word in _FORMATS or word.startswith(("-", "jsonpath-", "go-template-")):
        raise KuberosterError(
            f"-o {given}: is no file's name, but what other commands take for a format.\n"
            f"Name the file: -o {example}; or -o ./{given} if it really is called so."
        )


def is_there(file: Path, why_regular: str) -> bool:
    """Whether a file that is to be written is there already.

    Raises KuberosterError where the folder is missing, or where it is no regular file, such
    as a link or a pipe; `why_regular` says then why it has to be one.
    """
    try:
        mode = file.lstat().st_mode
    except FileNotFoundError:
        if not file.parent.is_dir():
            raise KuberosterError(f"{file}: there is no folder {file.parent}.") from None
        return False
    except OSError as error:
        raise KuberosterError(f"{file}: can't be read: {error.strerror}.") from None
    if not stat.S_ISREG(mode):
        raise KuberosterError(f"{file}: is no regular file.\n{why_regular}")
    return True


def write_private(file: Path, content: bytes) -> None:
    """Write a file with mode 0600 from its first byte, in place of one that is there.

    Raises KuberosterError where it can't be written; what was there before then stays.
    """
    try:
        _remove_leftovers(file.parent)
        unnamed = _open_unnamed(file.parent)
        if unnamed is None:
            with _drafts(file.parent) as drafts:
                _fill(os.open(drafts / _DRAFT, _NEW, 0o600), content)
                (drafts / _DRAFT).replace(file)
            return
        try:
            _fill(os.dup(unnamed), content)
            if not os.path.lexists(file):
                _give_name(unnamed, file)
                return
            with _drafts(file.parent) as drafts:
                _give_name(unnamed, drafts / _DRAFT)
                (drafts / _DRAFT).replace(file)
        finally:
            os.close(unnamed)
    except OSError as error:
        raise unwritable(file, error) from None


def _open_unnamed(folder: Path) -> int | None:
    """A new file without a name; None where there is no such thing, or no way to name it later."""
    kind = getattr(os, "O_TMPFILE", None)
    if kind is None or not Path("/proc/self/fd").is_dir():
        return None
    try:
        return os.open(folder, os.O_WRONLY | kind | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno in {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL}:
            return None
        raise


def _give_name(unnamed: int, file: Path) -> None:
    """Let a file that has no name have this one, which must be free."""
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # With a folder Python calls linkat, which alone follows the link below /proc.
        os.link(f"/proc/self/fd/{unnamed}", file.name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        os.close(folder)


def _fill(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(stream.fileno(), 0o600)  # whatever the umask took away
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _drafts(folder: Path) -> Iterator[Path]:
    """A folder that git never looks into, gone afterwards; held for as long as it is in use."""
    while True:
        drafts = Path(tempfile.mkdtemp(prefix=_DRAFTS, dir=folder))
        drafts.chmod(0o700)  # whatever the umask took away
        held = os.open(drafts, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        with contextlib.suppress(OSError):  # a filesystem without locks
            fcntl.flock(held, fcntl.LOCK_EX)
        if drafts.is_dir():
            break
        os.close(held)  # Another run took it for a leftover before we held it.
    try:
        _fill(os.open(drafts / _IGNORE, _NEW, 0o600), _IGNORED)
        yield drafts
    finally:
        _remove(drafts)
        os.close(held)


def _remove(drafts: Path) -> None:
    """What git looks at goes last."""
    for name in (_DRAFT, _IGNORE):
        (drafts / name).unlink(missing_ok=True)
    drafts.rmdir()


def _remove_leftovers(folder: Path) -> None:
    """Remove the folders of runs that were killed: ours beyond doubt, and held by nobody."""
    for drafts in folder.glob(f"{_DRAFTS}*"):
        with contextlib.suppress(OSError):
            held = os.open(drafts, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_ours(drafts, os.fstat(held)):
                    _remove(drafts)
            finally:
                os.close(held)


def _is_ours(drafts: Path, found: os.stat_result) -> bool:
    """Whether nobody but `_drafts` can have made a folder of that name."""
    private = found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == 0o700
    names = {each.name for each in drafts.iterdir()}
    if not private or not names <= {_DRAFT, _IGNORE}:
        return False
    # A run that was killed early may have written a part of it, and then nothing else.
    ignored = (drafts / _IGNORE).read_bytes() if _IGNORE in names else b""
    return ignored == _IGNORED or (_DRAFT not in names and _IGNORED.startswith(ignored))


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
