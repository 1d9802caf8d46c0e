"""Many teams are synthesised by several processes, and the result is that of one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kuberoster import Team, User
from kuberoster.constructs import synthesise
from kuberoster.constructs.processes import in_parts
from kuberoster.model.roster import TeamRoster
from kuberoster.model.settings import TEAMS
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

Write = Callable[[Path, Mapping[str, Any], Mapping[str, str]], Path]

PROCESSES = "KUBEROSTER_PROCESSES"
ELSEWHERE = f'import os\nif os.environ["{PROCESSES}"] == "1":'
"""The beginning of a file of users/ that knows in which process it runs."""


def team(name: str, users: int) -> TeamRoster:
    members = (User(f"{name}-{one}", email="u@example.com") for one in range(users))
    return TeamRoster(team=Team(name=name), users=tuple(members))


def names(part: list[TeamRoster]) -> set[str]:
    return {entry.team.name for entry in part}


def users_of(name: str, count: int) -> str:
    users = ", ".join(f'User("{name}-{one}", email="u@example.com")' for one in range(count))
    return f"from kuberoster import User\nUSERS = [{users}]\n"


@pytest.fixture
def roster(write_project: Write, tmp_path: Path) -> Path:
    """Enough users that another process is worth it, in three teams."""
    teams = {"api": users_of("api", 110), "ops": "USERS = []", "web": users_of("web", 20)}
    return write_project(tmp_path, {}, teams)


@pytest.mark.parametrize("cores", ["1", "2", "8"])
def test_users_who_are_faster_made_here_start_no_process(
    cores: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESSES, cores)

    own, others = in_parts([team("web", 40), team("api", 30), team("ops", 29)])

    assert names(own) == {"web", "api", "ops"}
    assert others == []


def test_many_users_are_shared_out_and_the_first_process_has_a_head_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PROCESSES, "2")

    own, others = in_parts([team(f"t{number}", 100) for number in range(9)])

    assert [len(part) for part in (own, *others)] == [5, 4]
    assert names(own) | names(others[0]) == {f"t{number}" for number in range(9)}


def test_the_output_is_that_of_one_process(roster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {}
    for processes in ("1", "2"):
        monkeypatch.setenv(PROCESSES, processes)
        outdir = roster / processes
        assert synthesise(roster, outdir=str(outdir)) == 0
        made[processes] = {
            str(file.relative_to(outdir)): json.loads(file.read_text())
            for file in outdir.rglob("*")
            if file.is_file()
        }

    assert made["2"] == made["1"]
    assert list(made["2"]["manifest.json"]["stacks"]) == ["api", "ops", "web"]


def test_what_terraform_has_in_a_stacks_folder_stays(
    roster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESSES, "2")
    kept = [roster / "out" / "stacks" / name / ".terraform" / "kept" for name in ("api", "web")]
    for file in kept:
        file.parent.mkdir(parents=True)
        file.touch()

    for _ in range(2):
        assert synthesise(roster, outdir=str(roster / "out")) == 0

    assert all(file.exists() for file in kept)


def test_each_process_acts_as_of_the_same_day(
    roster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESSES, "2")
    seen = roster / "seen"
    (roster / "users" / "ops.py").write_text(
        f"{ELSEWHERE}\n    open({str(seen)!r}, 'w').write(os.environ['KUBEROSTER_TODAY'])\n"
        "USERS = []\n"
    )
    monkeypatch.setattr("kuberoster.constructs.app.acting_day", lambda: date(2031, 2, 3))

    assert synthesise(roster, outdir=str(roster / "out")) == 0

    assert seen.read_text() == "2031-02-03"


def test_the_teams_that_were_asked_for_are_shared_out(
    roster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESSES, "2")
    monkeypatch.setenv(TEAMS, "api web")

    assert synthesise(roster, outdir=str(roster / "out")) == 0

    assert {file.name for file in (roster / "out" / "stacks").iterdir()} == {"api", "web"}


def test_what_fails_in_another_process_is_told(
    roster: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PROCESSES, "2")
    (roster / "users" / "ops.py").write_text(
        f"{ELSEWHERE}\n    raise OSError('full')\nUSERS = []\n"
    )

    assert synthesise(roster, outdir=str(roster / "out")) == 1

    error = capsys.readouterr().err
    assert error.startswith("The process for the teams web ended with status 1.\n")
    assert "users/ops.py:3: the file does not import: OSError: full" in error
    assert error.endswith("KUBEROSTER_PROCESSES=1 does without such a process.\n")


@pytest.mark.parametrize("given", ["0", "65", "-1", "two", "1.5", "²"])
def test_a_number_of_processes_that_is_none_is_told(
    given: str, roster: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PROCESSES, given)

    assert synthesise(roster, outdir=str(roster / "out")) == 1

    told = f"{PROCESSES} is {given!r}.\nIt is a number from 1 to 64.\n"
    assert capsys.readouterr().err == told
    assert not (roster / "out").exists()


def test_an_interrupt_ends_the_other_process_and_leaves_no_file(roster: Path) -> None:
    pid = roster / "pid"
    (roster / "users" / "ops.py").write_text(
        f"{ELSEWHERE}\n    import time\n    open({str(pid)!r}, 'w').write(str(os.getpid()))\n"
        "    time.sleep(100)\nUSERS = []\n"
    )
    temporary = roster / "temporary"
    temporary.mkdir()
    # A shell makes what it starts in the background ignore interrupts.
    program = (
        "import signal, sys; from pathlib import Path; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from kuberoster.constructs import synthesise; sys.exit(synthesise(Path.cwd()))"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=roster,
        env=os.environ
        | {
            "PYTHONPATH": str(Path(__file__).parents[2] / "constructs"),
            "TMPDIR": str(temporary),
            PROCESSES: "2",
        },
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for(lambda: pid.exists() and bool(pid.read_text()), 60)

    first.send_signal(signal.SIGINT)

    assert first.wait(30) != 0
    wait_for(lambda: not Path("/proc", pid.read_text()).exists(), 60)
    assert not list(temporary.glob("kuberoster-*"))
