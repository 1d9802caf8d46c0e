"""A verdict outlives its output: the exit status, whatever becomes of what is printed."""

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.test_commands import Write
from tests.cli.test_review import git

pytestmark = pytest.mark.slow

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")

_SOON = datetime.now(UTC).date() + timedelta(days=2)
# More than the 64 KiB that a pipe of Linux holds, by notes that no narrow encoding has.
_MANY = ", ".join(
    f'User("user-{n:03}", email="u{n}@example.com", note="Zoë Šimůnek, \\U0001f511", '
    'access=[edit("web")])'
    for n in range(60)
)
BEFORE = "USERS = []\n"
AFTER = f"""
from kuberoster import ClusterRole
USERS = [
    User("root", email="r@example.com", access=[ClusterRole("cluster-admin").cluster_wide()]),
    User("mon", email="m@example.com", access=[ClusterRole("monitor")("web")]),
    User("left", email="l@example.com", access=[edit("web")], expires="{_SOON}"),
    {_MANY},
]
"""
REVIEW = ["review", "--offline", "--base", "HEAD"]
VERDICTS = {
    "yes": (["can", "user-001", "get", "secrets", "-n", "web"], 0),
    "no": (["can", "user-001", "get", "secrets", "-n", "api"], 2),
    "unknown": (["can", "mon", "get", "pods", "-n", "web"], 3),
    "who can": (["who-can", "get", "secrets", "-n", "web"], 0),
    "blocked": ([*REVIEW, "--full"], 3),
    "blocked, for a program": ([*REVIEW, "--format", "json"], 3),
    "changes": ([*REVIEW, "--full"], 2),
    "valid, with warnings": (["validate"], 0),
    "objects": (["manifests"], 0),
    "help": (["review", "--help"], 0),
    "version": (["--version"], 0),
    "a wrong call": (["review", "--nope"], 2),
    "an error": (["can", "nobody", "get", "pods"], 1),
}
each_verdict = pytest.mark.parametrize("verdict", VERDICTS)


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A roster that is blocked, and one where things only change."""
    made = {}
    for blocked in (True, False):
        folder = made[blocked] = tmp_path_factory.mktemp("project")
        (folder / "cdktf.json").write_text("{}")
        (folder / "users").mkdir()
        file = folder / "users" / "web.py"
        imports = "from kuberoster import User, edit\n"
        file.write_text(imports + BEFORE)
        git(folder, "init", "-q")
        git(folder, "add", ".")
        git(folder, "commit", "-qm", "before")
        risky = ('User("root"', 'User("mon"')
        lines = (
            line for line in AFTER.splitlines() if blocked or not line.strip().startswith(risky)
        )
        file.write_text(imports + "\n".join(lines))
    return made


def _run(
    folders: Mapping[bool, Path], verdict: str, redirected: str = "", **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command with its output redirected in the words of a shell."""
    arguments, _ = VERDICTS[verdict]
    return subprocess.run(
        ["/bin/bash", "-c", f'"$@" {redirected}', "-", *_command(*arguments)],
        cwd=folders[verdict != "changes"],
        env=_environment(**variables),
        capture_output=True,
        check=False,
    )


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "kuberoster.cli", *arguments]


def _environment(**variables: str) -> dict[str, str]:
    root = Path(__file__).resolve().parents[2]
    return os.environ | {"PYTHONPATH": str(root / "constructs"), "NO_COLOR": "1", **variables}


def _expected(verdict: str) -> int:
    return VERDICTS[verdict][1]


@each_verdict
def test_it_is_the_same_where_the_reader_leaves_at_once(
    verdict: str, folders: Mapping[bool, Path]
) -> None:
    done = _run(folders, verdict, '| true; exit "${PIPESTATUS[0]}"')

    assert done.returncode == _expected(verdict)
    assert b"Traceback" not in done.stderr
    assert b"Broken pipe" not in done.stderr
    assert b"Exception" not in done.stderr


@each_verdict
def test_it_is_the_same_where_the_reader_leaves_after_a_line(
    verdict: str, folders: Mapping[bool, Path]
) -> None:
    done = _run(folders, verdict, '2>&1 | head -n 1; exit "${PIPESTATUS[0]}"')

    assert done.returncode == _expected(verdict)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


@each_verdict
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_it_is_the_same_where_the_caller_closed_an_output(
    verdict: str, closed: str, folders: Mapping[bool, Path]
) -> None:
    done = _run(folders, verdict, closed)

    assert done.returncode == _expected(verdict)
    if "2>" not in closed and _expected(verdict) not in {1, 2} and "warnings" not in verdict:
        assert done.stderr == b""


@needs_full
@each_verdict
def test_on_a_full_disk_fine_becomes_an_error_and_every_other_verdict_stays(
    verdict: str, folders: Mapping[bool, Path]
) -> None:
    done = _run(folders, verdict, "> /dev/full")

    assert done.returncode == (_expected(verdict) or 1)
    if VERDICTS[verdict][0][-1] != "--nope" and verdict != "an error":
        assert done.stderr.endswith(b"output: No space left on device.\n")
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


@needs_full
def test_warnings_that_a_full_disk_lost_are_an_error_too(folders: Mapping[bool, Path]) -> None:
    done = _run(folders, "valid, with warnings", "2> /dev/full")

    assert done.returncode == 1
    assert done.stdout.endswith(b": no problem found\n")


@each_verdict
@pytest.mark.parametrize("encoding", ["ascii", "latin-1:strict"])
def test_it_is_the_same_where_the_output_cannot_be_encoded(
    verdict: str, encoding: str, folders: Mapping[bool, Path]
) -> None:
    done = _run(folders, verdict, PYTHONIOENCODING=encoding)

    assert done.returncode == _expected(verdict)
    assert b"Traceback" not in done.stderr
    if verdict == "changes":
        assert b"\\U0001f511" in done.stdout


def test_no_file_of_ours_takes_the_place_of_an_output_that_is_closed(
    write_project: Write,
) -> None:
    opens = """
import os, sys
file = open(__file__)
assert file.fileno() > 2, file.fileno()
os.write(1, b"lost")
os.write(2, b"lost")
USERS = []
"""
    done = subprocess.run(
        ["/bin/bash", "-c", '"$@" <&- >&- 2>&-', "-", *_command("validate")],
        cwd=write_project({"web": opens}),
        env=_environment(),
        check=False,
    )

    assert done.returncode == 0
