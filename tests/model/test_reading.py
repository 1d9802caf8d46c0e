"""What code in users/ may do to the command that reads it, and to other files: nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kuberoster import User, view
from kuberoster.model.errors import RosterError
from kuberoster.model.reading import NotAtItsEnd
from kuberoster.model.roster import Roster, load_roster
from tests.foreground import in_foreground
from tests.project import until

ROOT = Path(__file__).resolve().parents[2]
BOB = 'USERS = [User("Bob", email="bob@example.com")]\n'
OF_BOB = "users/web.py: user 'Bob': name has 'B'."
ANN = 'User("ann", email="ann@example.com")'

Load = Callable[..., Roster]
Problems = Callable[..., list[str]]
Users = Callable[..., Path]


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("import os\nos._exit(0)", "ended its process before its own end"),
        ("import os\nos._exit(7)", "ended its process before its own end"),
        ("import os\nos.kill(os.getpid(), 9)", "was ended by SIGKILL"),
        ("import signal\nsignal.raise_signal(signal.SIGTERM)", "was ended by SIGTERM"),
        ("import signal, time\nsignal.alarm(1)\ntime.sleep(20)", "was ended by SIGALRM"),
        ("import os\nos.abort()", "was ended by SIGABRT"),
        ("import os\nif os.fork(): os._exit(0)\nwhile True: pass", "ended its process"),
        ("import os\nos.close(3)", "ended its process"),
        ("import os\nos.write(3, bytes(8))", "ended its process"),
        ("import os\nos.write(3, b'\\0' * 7 + b'\\2{}')", "changed how it is read"),
        ("import json\njson.dumps = None", "ended its process"),
        ("import sys\nsys.modules.clear()\nimport kuberoster.model.user", "Error"),
    ],
)
def test_a_file_that_ends_its_process_is_named_and_hides_no_problem_of_another(
    problems: Problems, text: str, ended: str
) -> None:
    shown = problems(api=f"{text}\nUSERS = []\n", web=BOB)

    assert shown[1:] == [OF_BOB], shown
    assert shown[0].startswith("users/api.py")
    assert ended in shown[0]


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.environ['KUBEROSTER_TEAMS'] = 'api'\nos.environ['PATH'] = ''",
        "import os\nos.chdir('/')",
        "import os\nos.umask(0)",
        "import sys\nsys.path[:] = []",
        "import sys\nsys.stdout = sys.stderr = None",
        "import os\nos.close(1)\nos.close(2)",
        "import kuberoster.model.roster as r\nr.problems_across_teams = lambda files: ()",
        "import kuberoster\nkuberoster.model.user.User.faults = lambda self: ()",
        "import kuberoster\nkuberoster.model.access.view.__dict__['name'] = 'admin'",
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "import atexit\natexit.register(lambda: 1 / 0)",
        "import threading, time\nthreading.Thread(target=time.sleep, args=[60]).start()",
        "import os, time\nif not os.fork(): time.sleep(60)",
        "import os\nos.fork()",
        "import gc\ngc.disable()",
    ],
)
def test_what_a_file_changes_reaches_neither_the_command_nor_another_file(
    users: Users, text: str
) -> None:
    before = (dict(os.environ), Path.cwd(), sys.path[:], signal.getsignal(signal.SIGTERM))
    started = time.monotonic()
    granted = 'User("ann", email="ann@example.com", access=[view("web")])'

    folder = users(api=f"{text}\nUSERS = []\n", web=f"USERS = [{granted}]")

    assert [user.access for user in load_roster(folder).users] == [(view("web"),)]
    with pytest.raises(RosterError, match=OF_BOB):
        load_roster(users(web=BOB))
    assert before == (dict(os.environ), Path.cwd(), sys.path, signal.getsignal(signal.SIGTERM))
    assert time.monotonic() - started < 40


def test_what_a_file_prints_is_none_of_the_commands_output(
    users: Users, capfd: pytest.CaptureFixture[str]
) -> None:
    text = (
        "import os, sys\nprint('a')\nsys.stdout.write('b')\nos.write(1, b'c')\nos.system('echo d')"
    )

    load_roster(users(web=f"{text}\nUSERS = []\n"))

    output, errors = capfd.readouterr()
    assert (output, sorted(errors.replace("\n", ""))) == ("", ["a", "b", "c", "d"])


def test_a_file_cannot_read_what_is_typed_for_the_command(problems: Problems) -> None:
    [shown] = problems(web="USERS = [input()]")

    assert shown.startswith("users/web.py:2: the file does not import: EOFError")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", "<&- >&- 2>&-"])
def test_a_reading_needs_none_of_the_commands_files(users: Users, closed: str) -> None:
    folder = users(web=f"print('x')\nUSERS = [{ANN}]")
    code = "import pathlib, sys\nfrom kuberoster.model.roster import load_roster\n"
    count = f"sys.exit(41 + len(load_roster(pathlib.Path({str(folder)!r})).users))"

    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -c "$1" {closed}', sys.executable, code + count],
        env=os.environ | {"PYTHONPATH": str(ROOT / "constructs")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (42, ""), done.stderr


def test_what_a_file_started_does_not_outlive_the_reading(users: Users, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    text = f"import os, pathlib, time\nif not os.fork():\n    pathlib.Path({str(mark)!r})"
    load_roster(users(web=f"{text}.write_text(str(os.getpid()))\n    time.sleep(60)\nUSERS = []"))

    status = Path(f"/proc/{mark.read_text() if mark.exists() else 0}/status")
    deadline = time.monotonic() + 10
    while status.exists() and "Z (zombie)" not in status.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# Code that lies later


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (
            "class Quiet(User):\n    def __init__(self, name):\n"
            "        object.__setattr__(self, 'name', name)\nUSERS = [Quiet('ann')]",
            ["looks_like is <can't be read: AttributeError>"],
        ),
        (
            "class Sly(User):\n    asked = 0\n    @property\n    def note(self):\n"
            "        raise KeyError('no')\n    @note.setter\n    def note(self, value): pass\n"
            'USERS = [Sly("ann", email="ann@example.com")]',
            ["note is <can't be read: KeyError>"],
        ),
        (
            "class Sly(User):\n    def faults(self): return []\n    def absence(self, day): 1 / 0\n"
            'USERS = [Sly("ann", email="")]',
            ["email is ''"],
        ),
        (
            "class Loose(Role):\n    def __init__(self): pass\n"
            'USERS = [User("ann", email="ann@example.com", access=[Loose()("web")])]',
            ["<can't be read: AttributeError>"],
        ),
    ],
)
def test_code_that_lies_later_is_asked_once_and_its_user_named(
    problems: Problems, text: str, wrong: list[str]
) -> None:
    shown = problems(api=text, web=BOB)

    assert shown[-1] == OF_BOB
    assert all(line.startswith("users/api.py: user 'ann': ") for line in shown[:-1])
    for each in wrong:
        assert any(each in line for line in shown), shown


def test_a_user_who_has_not_even_a_name_is_found_by_its_place(problems: Problems) -> None:
    text = f"class Bare(User):\n    def __init__(self): pass\nUSERS = [{ANN}, Bare()]"

    shown = problems(api=text)

    where = "users/api.py: user <can't be read: AttributeError>, entry 2 of USERS: "
    assert shown[0].startswith(f"{where}name is <can't be read: AttributeError>")


def test_all_that_is_kept_is_of_our_own_classes(load: Load) -> None:
    text = (
        "import datetime\nclass Mine(User):\n    def on(self, day): 1 / 0\n"
        'USERS = [Mine("ann", email="ann@example.com", access=[view("web")], '
        "expires=datetime.date(2027, 1, 1), tokens=['a', 'b'])]"
    )

    [user] = load(web=text).users

    assert type(user) is User
    assert user == User(
        "ann",
        email="ann@example.com",
        access=[view("web")],
        expires=user.expires,
        tokens=["a", "b"],
    )
    assert repr(user.expires) == "datetime.date(2027, 1, 1)"


# A file that never ends


@contextmanager
def validating(folder: Path, stderr: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    (folder / "cdktf.json").write_text("{}")
    with subprocess.Popen(
        in_foreground("-m", "kuberoster.cli", "validate"),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "constructs")},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_file_that_goes_on_is_named_on_a_terminal(users: Users) -> None:
    folder = users(api="USERS = []", web="while True: pass").parent
    ours, theirs = os.openpty()

    with validating(folder, theirs) as process:
        os.close(theirs)
        said = os.read(ours, 1000).decode()
        os.kill(process.pid, signal.SIGINT)
        process.wait(20)

    assert said.strip() == "users/web.py: still running; Ctrl-C ends it"
    os.close(ours)


def test_a_file_that_goes_on_ends_with_a_command_that_is_killed(users: Users) -> None:
    folder = users(web="import os, pathlib\nme = str(os.getpid())\n"
                       "pathlib.Path(__file__).with_name('me').write_text(me)\n"
                       "while True: pass").parent  # fmt: skip
    file = folder / "users" / "me"

    with validating(folder) as process:
        for _ in until(20):
            if file.exists() and file.read_text():
                break
        process.kill()
        process.wait()

    stat = Path("/proc", file.read_text(), "stat")
    assert any(not stat.exists() or ") Z " in stat.read_text() for _ in until(20))


ENDLESS = {
    "works": "while True: pass",
    "sleeps": "import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass",
    "waits": "import os\nos.read(os.pipe()[0], 1)",
    "stays deaf": "import signal, time\nfor each in signal.valid_signals() - {9, 19}:\n"
    "    signal.signal(each, signal.SIG_IGN)\nwhile True: time.sleep(60)",
    "blocks in C": "sum(range(10**18))",
    "goes to the command's group": "import os, time\nos.setpgid(0, os.getpgid(os.getppid()))\n"
    "time.sleep(60)",
    "sends on": "import os\nwhile True: os.write(3, b'\\1')",
}


@pytest.mark.parametrize("how", ENDLESS)
def test_a_file_that_never_ends_is_given_up_where_there_is_a_limit(
    users: Users, tmp_path: Path, how: str
) -> None:
    mark = tmp_path / "pid"
    reached = f"import os, pathlib\npathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\n"
    folder = users(api="USERS = []", web=reached + ENDLESS[how])
    started = time.monotonic()

    with pytest.raises(NotAtItsEnd) as given_up:
        load_roster(folder, within=2)

    assert str(given_up.value) == "users/web.py: not at its end after 2 s"
    assert time.monotonic() - started < 8
    assert not Path("/proc", mark.read_text()).exists()


def test_a_limit_leaves_a_roster_as_it_is_that_comes_to_its_end(users: Users) -> None:
    folder = users(web=f"USERS = [{ANN}]")

    assert load_roster(folder, within=60) == load_roster(folder)


def test_pipes_and_devices_are_refused_unopened(users: Users) -> None:
    folder = users(web=BOB)
    os.mkfifo(folder / "api.py")
    (folder / "ops.py").symlink_to("/dev/zero")
    (folder / "sre.py").symlink_to("/nowhere")

    with pytest.raises(RosterError) as refused:
        load_roster(folder)

    assert [str(each).splitlines()[0] for each in refused.value.problems] == [
        "users/api.py: is a pipe.",
        "users/ops.py: is a device.",
        "users/sre.py: is a link to what is not there: No such file or directory.",
        OF_BOB,
    ]


def test_more_files_than_cores_are_read_in_their_order(users: Users) -> None:
    names = [f"t{number:02}" for number in range(30)]
    folder = users(**dict.fromkeys(names, "USERS = []"))

    assert [entry.team.name for entry in load_roster(folder).teams] == names


def test_an_interrupt_names_what_was_running_and_ends_it(users: Users, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    reached = f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))"
    folder = users(web=f"import os, pathlib, time\n{reached}\ntime.sleep(60)")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 3)
    try:
        with pytest.raises(KeyboardInterrupt) as interrupted:
            load_roster(folder)
    finally:
        signal.signal(signal.SIGALRM, before)

    assert interrupted.value.__notes__ == ["users/web.py: was still running."]
    assert not Path("/proc", mark.read_text()).exists()


# What looks like a team


@pytest.mark.parametrize(
    "name",
    ["api.PY", "api.Py", "api.pyi", "api.pyw", "api.py3", "api.python", "api.py~", "api.py.bak",
     "api.py.txt", ".api.py", "api.py.disabled"],
)  # fmt: skip
def test_a_file_that_looks_like_a_teams_and_is_not_read_is_named(users: Users, name: str) -> None:
    folder = users(web=BOB)
    (folder / name).write_text("USERS = []")

    with pytest.raises(RosterError) as refused:
        load_roster(folder)

    first, second = refused.value.problems
    assert first.file == f"users/{name}"
    assert "Rename it to api.py" in str(first)
    assert str(second).startswith(OF_BOB)
    # What it says is accepted.
    (folder / name).rename(folder / "api.py")
    (folder / "web.py").write_text("USERS = []")
    assert len(load_roster(folder).teams) == 2


@pytest.mark.parametrize(
    "name", ["README.md", "notes.txt", "__init__.py", ".gitkeep", ".web.py.swp", "py", "happy"]
)
def test_what_does_not_look_like_a_team_may_lie_there(users: Users, name: str) -> None:
    folder = users(web="USERS = []")
    (folder / name).write_text("USERS = 1")

    assert len(load_roster(folder).teams) == 1


def test_a_team_in_a_folder_below_is_named_and_a_shared_module_is_not(users: Users) -> None:
    folder = users(web="USERS = []")
    for below in ("shared", "__pycache__", "people/more"):
        (folder / below).mkdir(parents=True)
    (folder / "shared" / "access.py").write_text("USERS_OF_WEB = 1\nprint(USERS == 2)\n")
    (folder / "people" / "more" / "api.py").write_text("\nUSERS: list = []")

    with pytest.raises(RosterError) as refused:
        load_roster(folder)

    assert [each.file for each in refused.value.problems] == ["users/people/more/api.py"]


def test_no_problem_moves_a_terminals_cursor(users: Users) -> None:
    folder = users(web="raise ValueError('\\x1b[2J\\u202e\\ud800')")
    (folder / "w\x1b[31m.py").write_text("USERS = []")

    with pytest.raises(RosterError) as refused:
        load_roster(folder)

    assert str(refused.value).replace("\n", "").isprintable()
    str(refused.value).encode()
