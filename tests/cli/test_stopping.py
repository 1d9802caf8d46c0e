"""A command that is stopped, by whatever signal: nothing stays behind."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from kuberoster.child import run_to_end
from tests.foreground import in_foreground

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
AUTHOR = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

Write = Callable[[Mapping[str, str]], Path]


@contextmanager
def started(
    command: list[str], folder: Path, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """A process with the signals of a shell's foreground, and a TMPDIR of its own."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    with subprocess.Popen(
        in_foreground(*command),
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": str(ROOT / "constructs"), "TMPDIR": str(temporary)}
        | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline, file
        time.sleep(0.02)


def of_session(process: "subprocess.Popen[str]") -> list[str]:
    """What still runs of all that the process has started."""
    alive = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
            name = (stat.parent / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if int(session) == process.pid and state != "Z":
            alive.append(name)
    return alive


_INTERRUPTED = """
import atexit, os, signal, sys
moment = os.environ["MOMENT"]
def interrupt(): os.kill(os.getpid(), signal.SIGINT)
class Interrupting:
    @staticmethod
    def find_spec(name, *_):
        if name == moment: interrupt()
sys.meta_path.insert(0, Interrupting)
if moment == "exit": atexit.register(interrupt)
"""


def interrupted(command: list[str], folder: Path, moment: str) -> tuple[int, str, str]:
    """How a program ends that is interrupted when it begins to load a module, or at its exit."""
    own = folder / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text(_INTERRUPTED)
    path = f"{own}{os.pathsep}{ROOT / 'constructs'}"
    with started(command, folder, PYTHONPATH=path, MOMENT=moment) as process:
        output, errors = process.communicate(timeout=60)
    return process.returncode, output, errors


@pytest.mark.parametrize(
    "moment",
    ["kuberoster.cli.commands", "argparse", "kuberoster.model.user", "kuberoster.cli.who_can"],
)
def test_a_command_that_is_interrupted_while_it_loads_ends_without_a_word(
    write_project: Write, moment: str
) -> None:
    ended = interrupted(["-m", "kuberoster.cli", "validate"], write_project({}), moment)

    assert ended == (-signal.SIGINT, "", "")


def test_a_command_that_is_interrupted_when_it_is_over_ends_without_a_word(
    write_project: Write,
) -> None:
    folder = write_project({"web": "USERS = []\n"})
    status, output, errors = interrupted(["-m", "kuberoster.cli", "validate"], folder, "exit")

    assert (status, errors) == (-signal.SIGINT, "")
    assert output.endswith(": no problem found\n")


@pytest.mark.parametrize(
    ("moment", "status"),
    [("kuberoster.constructs", 130), ("jsii", 130), ("constructs._jsii", 130), ("exit", 0)],
)
def test_main_py_that_is_interrupted_while_it_loads_or_when_it_is_over_leaves_nothing(
    write_project: Write, moment: str, status: int
) -> None:
    folder = write_project({"web": "USERS = []\n"})
    shutil.copy(ROOT / "main.py", folder)
    (folder / "constructs").symlink_to(ROOT / "constructs")

    ended, _, errors = interrupted(["main.py"], folder, moment)

    assert ended == status
    assert errors == "" if status else errors.startswith("warning: cdktf.json has no uid")
    assert "KeyboardInterrupt" not in errors
    assert not list((folder / "tmp").iterdir())
    assert (folder / "cdktf.out" / "manifest.json").exists() == (moment == "exit")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_review_that_is_stopped_leaves_no_worktree_no_process_and_no_file(
    write_project: Write, number: signal.Signals
) -> None:
    waits = (
        "import os, pathlib, time\nif 'kuberoster-' in __file__:\n"
        "    pathlib.Path(os.environ['TMPDIR'], 'x.reached').touch()\n    time.sleep(120)\n"
    )
    folder = write_project({"web": f"{waits}USERS = []\n"})
    (folder / ".gitignore").write_text("tmp\n")
    for arguments in (["init"], ["add", "."], [*AUTHOR, "commit", "--message=x"]):
        subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)

    review = ["-m", "kuberoster.cli", "review", "--offline", "--base", "HEAD"]
    with started(review, folder) as process:
        deadline = time.monotonic() + 60
        while not list((folder / "tmp").glob("*.reached")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.kill(process.pid, number)
        output, errors = process.communicate(timeout=60)

    assert process.returncode == 128 + number
    assert (output, errors) == ("", "users/web.py: was still running.\n")
    assert [each.suffix for each in (folder / "tmp").iterdir()] == [".reached"]
    listed = subprocess.run(
        ["git", "worktree", "list"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert len(listed.stdout.splitlines()) == 1
    assert of_session(process) == []


@pytest.mark.parametrize("number", SIGNALS)
def test_main_py_that_is_stopped_leaves_no_process_and_no_file(
    write_project: Write, number: signal.Signals
) -> None:
    users = "USERS = [User(f'{team}-{n}', email='x@example.com') for n in range(150)]"
    folder = write_project(
        {team: users.replace("{team}", team) for team in ("api", "ops", "sre", "web")}
    )
    shutil.copy(ROOT / "main.py", folder)
    (folder / "constructs").symlink_to(ROOT / "constructs")

    with started(["main.py"], folder, KUBEROSTER_PROCESSES="2") as process:
        deadline = time.monotonic() + 60
        while not list((folder / "tmp").glob("kuberoster-*")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(1)
        os.kill(process.pid, number)
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 128 + number
    assert "Traceback" not in errors
    assert not list((folder / "tmp").glob("kuberoster-*"))
    assert not (folder / "cdktf.out" / "manifest.json").exists()
    deadline = time.monotonic() + 20
    while of_session(process):
        assert time.monotonic() < deadline, of_session(process)
        time.sleep(0.1)


def test_a_signal_that_the_caller_ignores_stays_ignored(write_project: Write) -> None:
    waits = 'import pathlib, time\npathlib.Path("reached").touch()\ntime.sleep(2)\nUSERS = []\n'
    folder = write_project({"web": waits})
    with subprocess.Popen(
        [
            "/bin/sh",
            "-c",
            f"trap '' HUP; exec {shlex.quote(sys.executable)} -m kuberoster.cli validate",
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "constructs")},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(folder / "reached")
        os.kill(process.pid, signal.SIGHUP)
        output, _ = process.communicate(timeout=60)

    assert (process.returncode, output) == (0, "0 users in 1 team: no problem found\n")


def test_what_a_program_started_does_not_outlive_an_interrupt(tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    mark = tmp_path / "pid"
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_to_end(["/bin/sh", "-c", f"sleep 120 & echo $! > {mark}; wait"])
    finally:
        signal.signal(signal.SIGALRM, before)

    deadline = time.monotonic() + 20
    while _runs(mark.read_text().strip()):  # killed, and not yet gone where others are busy
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _runs(process: str) -> bool:
    try:
        stat = Path("/proc", process, "stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_an_app_that_ends_without_a_word_leaves_no_stacks_of_before_to_be_taken_for_new(
    write_project: Write,
) -> None:
    folder = write_project({"web": "import os\nos._exit(0)\nUSERS = []"})
    shutil.copy(ROOT / "main.py", folder)
    (folder / "constructs").symlink_to(ROOT / "constructs")
    (folder / "cdktf.out").mkdir()
    (folder / "cdktf.out" / "manifest.json").write_text("{}")

    done = subprocess.run(
        [sys.executable, "main.py"], cwd=folder, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr.startswith("users/web.py: the file does not import: it ended its process")
    assert not (folder / "cdktf.out" / "manifest.json").exists()
