"""Where nothing more can be written: one error with its mend, and nothing that is half written.

A limit on the size of files is a disk that is full for whoever has it, without being root.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from kuberoster.terraform import Terraform, TerraformError
from tests.project import ROOT

Write = Callable[[Mapping[str, str]], Path]
ROSTER = "USERS = [User(f'{team}-{n}', email='x@example.com') for n in range({users})]\n"
# main.py whose Node meets something once it is started.
MEETING = """
import os, resource, signal, sys
from pathlib import Path
from kuberoster.constructs import synthesise
def below(process):
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == str(process):
            yield int(stat.parent.name)
            yield from below(stat.parent.name)
for each in list(below(os.getpid())):
    {met}
sys.exit(synthesise(Path.cwd()))
"""
FULL = "resource.prlimit(each, resource.RLIMIT_FSIZE, (5000, 5000))"
KILLED = "os.kill(each, signal.SIGKILL)"
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs prlimit and /proc")


def _project(write_project: Write, **teams: int) -> Path:
    files = {
        team: ROSTER.replace("{team}", team).replace("{users}", str(users))
        for team, users in teams.items()
    }
    folder = write_project(files)
    shutil.copy(ROOT / "main.py", folder)
    (folder / "constructs").symlink_to(ROOT / "constructs")
    return folder


def _run(
    folder: Path, *arguments: str, limit: int | None = None, **variables: str
) -> tuple[int, str]:
    """Run Python, with at most so many blocks of 1024 bytes in each file; status and errors."""
    command = shlex.join([sys.executable, *arguments])
    done = subprocess.run(
        ["/bin/bash", "-c", f"ulimit -f {limit or 'unlimited'}; exec {command}"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "constructs")} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def _left(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("no filesystem may be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _fill(disk: Path) -> None:
    with suppress(OSError), (disk / "fill").open("wb", 0) as file:
        while True:
            file.write(bytes(4096))


# A report


@pytest.mark.parametrize("there", [False, True])
def test_a_report_is_written_whole_or_not_at_all(write_project: Write, there: bool) -> None:
    folder = _project(write_project, web=3)
    out = folder / "out"
    out.mkdir()
    report = ["-m", "kuberoster.cli", "report", "-o", "out/access.html"]
    if there:
        assert _run(folder, *report) == (0, "")
    before = [each.read_bytes() for each in out.iterdir()]

    assert _run(folder, *report, limit=4) == (
        1,
        "out/access.html: can't be written: File too large.\n"
        "Make room there (df, ulimit -f), and run this again.\n",
    )
    assert _left(out) == ["access.html"] * there
    assert [each.read_bytes() for each in out.iterdir()] == before


# A synthesis


def test_a_folder_that_cdktf_can_not_unpack_itself_into_is_one_error(
    write_project: Write, tmp_path: Path
) -> None:
    folder = _project(write_project, web=1)
    for limit, temporary in ((4, tmp_path), (None, tmp_path / "missing")):
        status, said = _run(folder, "main.py", limit=limit, TMPDIR=str(temporary))
        assert status == 1
        what, mend = said.splitlines()
        assert what.startswith("CDKTF does not start: ")
        assert mend.startswith(f"It unpacks itself into {temporary} (TMPDIR names another folder)")


def test_a_full_folder_for_what_is_temporary_is_one_error(
    write_project: Write, small_disk: Path
) -> None:
    _fill(small_disk)
    status, said = _run(_project(write_project, web=1), "main.py", TMPDIR=str(small_disk))

    assert status == 1
    what, mend = said.splitlines()
    assert what.startswith("CDKTF does not start: ENOSPC: no space left on device")
    assert mend.startswith(f"It unpacks itself into {small_disk} ")


@needs_linux
def test_a_full_disk_leaves_no_stack_that_is_cut_nor_those_beside_it(write_project: Write) -> None:
    folder = _project(write_project, api=0, web=30)
    status, said = _run(folder, "-c", MEETING.replace("{met}", FULL))

    assert (status, said) == (
        1,
        "cdktf.out: the stacks can't be written: file too large.\n"
        "Nothing is left there to be deployed. Make room, or remove the folder, and run it "
        "again.\n",
    )
    assert _left(folder / "cdktf.out") == []


def test_stacks_on_a_full_disk_are_one_error(write_project: Write, small_disk: Path) -> None:
    folder = _project(write_project, web=60)
    status, said = _run(folder, "main.py", CDKTF_OUTDIR=str(small_disk / "out"))

    assert status == 1
    assert said.startswith(f"{small_disk}/out: the stacks can't be written: no space left on ")
    assert _left(small_disk) == []


@needs_linux
def test_a_node_that_is_killed_is_one_error_and_leaves_no_stack(write_project: Write) -> None:
    folder = _project(write_project, web=1)
    status, said = _run(folder, "-c", MEETING.replace("{met}", KILLED))

    assert status == 1
    assert said.startswith("cdktf.out: the stacks can't be written: Node, which writes them, has ")
    assert said.count("\n") == 2
    assert _left(folder / "cdktf.out") == []


def test_a_stack_of_another_process_that_can_not_be_written_takes_all_of_them_away(
    write_project: Write,
) -> None:
    folder = _project(write_project, api=151, web=150)  # web is another process's
    (folder / "cdktf.out" / "stacks" / "web" / "cdk.tf.json").mkdir(parents=True)
    status, said = _run(folder, "main.py", KUBEROSTER_PROCESSES="2")

    assert status == 1
    assert said.startswith("cdktf.out/stacks/web/cdk.tf.json: can't be written: Is a directory.\n")
    assert said.count("\n") == 2
    assert _left(folder / "cdktf.out") == []


# A review


def test_a_revision_that_has_no_room_is_one_error(write_project: Write, small_disk: Path) -> None:
    folder = _project(write_project, web=1)
    (folder / "large").write_bytes(os.urandom(100_000))
    own = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    for arguments in (["init"], ["add", "."], [*own, "commit", "--message=x"]):
        subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    review = ["-m", "kuberoster.cli", "review", "--offline", "--base", "HEAD"]
    status, said = _run(folder, *review, TMPDIR=str(small_disk))

    assert status == 1
    assert said.startswith("git worktree failed.\n")
    assert said.splitlines()[-1] == (
        f"It is checked out below {small_disk}, which has to be writable and not full; TMPDIR "
        "names another folder."
    )
    assert list(small_disk.iterdir()) == []


@pytest.mark.skipif(not shutil.which("terraform"), reason="needs Terraform")
def test_a_plan_that_has_no_room_says_so_and_goes(tmp_path: Path, small_disk: Path) -> None:
    """Terraform itself ends with 0, and leaves a file that is no plan."""
    stack = tmp_path / "web"
    stack.mkdir()
    settings = {"backend": {"local": {"path": str(tmp_path / "state")}}}
    resources = {"terraform_data": {"x": {"input": "1"}}}
    document = json.dumps({"terraform": settings, "resource": resources})
    (stack / "cdk.tf.json").write_text(document)
    terraform = Terraform(stack, out=small_disk / "out", purpose="review")
    terraform.init()
    _fill(small_disk)

    with pytest.raises(TerraformError) as raised:
        terraform.plan()

    assert str(raised.value).splitlines()[-1] == (
        f"The disk of {small_disk}/out/review/web is full (0 bytes left): make room there."
    )
    assert _left(small_disk / "out" / "review") == ["web/cdk.tf.json"]
