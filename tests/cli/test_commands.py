"""What `kuberoster` and main.py print, and their exit status."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest
import yaml

from kuberoster.cli import main
from kuberoster.cli.commands import parser

Run = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[Mapping[str, str]], Path]
Captured = pytest.CaptureFixture[str]

ROOT = Path(__file__).resolve().parents[2]
ANN = 'User("ann", email="ann@example.com", access=[edit("web"), view("api")], tokens=["a", "b"])'
BOB = 'User("bob", email="bob@example.com", note="On-call", access=[reader("web")])'
READER = 'reader = Role("reader", rules=[Rule(["get"], ["pods"])])\n'
WEB = f'{READER}TEAM = Team(access=[view("web")], note="The shop")\nUSERS = [{ANN}, {BOB}]\n'
BROKEN = {
    "api": 'USERS = [User("Eve", email="eve@example.com")]\n',
    "web": 'USERS = [User("ann", email="ann"), User("bob")]\n',
}
PROBLEMS = [
    "users/api.py: user 'Eve': name has 'E'.",
    "users/web.py: user 'ann': email is 'ann'.",
    "users/web.py: user 'bob': ",
]


def _commands() -> list[str]:
    (commands,) = (
        action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    return list(commands.choices)


def _call(command: str) -> list[str]:
    """A right call of a command that needs a roster first."""
    more = {
        "kubeconfig": ["ann"],
        "revoke": ["ann"],
        "can": ["ann", "get", "pods"],
        "who-can": ["get", "pods"],
        "review": ["--offline", "--base", "HEAD"],
        "job-roles": ["deploy", "--user", "ci"],
    }
    return [command, *more.get(command, [])]


def _one_error(captured: Captured) -> str:
    """What stderr has: where and what in a line, then at most how to mend it; stdout has none."""
    printed = captured.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    assert 1 <= len(printed.err.splitlines()) <= 2
    return printed.err


# Help


@pytest.mark.parametrize("command", [None, *_commands()])
def test_help_ends_with_an_example_that_names_the_command(
    command: str | None, capsys: Captured
) -> None:
    assert main([command, "--help"] if command else ["--help"]) == 0

    _, found, example = capsys.readouterr().out.partition("\nexample:\n")
    assert found
    assert f"kuberoster {command or ''}".strip() in example


def test_the_help_of_the_whole_names_every_command(capsys: Captured) -> None:
    main(["--help"])

    shown = capsys.readouterr().out.splitlines()
    assert all(any(line.startswith(f"    {name} ") for line in shown) for name in _commands())


def test_the_help_of_manifests_says_that_they_are_no_second_way(capsys: Captured) -> None:
    main(["manifests", "--help"])

    assert "no second way to manage users" in capsys.readouterr().out


# Exit status


def test_a_valid_roster_is_counted(write_project: Write, kuberoster: Run) -> None:
    done = kuberoster("validate", cwd=write_project({"web": WEB, "ops": "USERS = []\n"}))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2 users in 2 teams: no problem found\n"


def test_one_user_in_one_team_is_counted_in_the_singular(
    write_project: Write, capsys: Captured
) -> None:
    folder = write_project({"web": f"USERS = [{ANN}]\n"})

    assert main(["-C", str(folder), "validate"]) == 0
    assert capsys.readouterr().out == "1 user in 1 team: no problem found\n"


def test_a_broken_roster_is_refused_with_all_its_problems(
    write_project: Write, kuberoster: Run
) -> None:
    done = kuberoster("validate", cwd=write_project(BROKEN))

    assert (done.returncode, done.stdout) == (1, "")
    shown = done.stderr.strip().split("\n\n")
    assert len(shown) == len(PROBLEMS)
    for text, problem in zip(shown, PROBLEMS, strict=True):
        where, mend = text.splitlines()
        assert where.startswith(problem)
        assert mend


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["valdate"],
        ["validate", "--nonsense"],
        ["validate", "web"],
        ["kubeconfig"],
        ["can", "ann", "get"],
        ["-C"],
        ["manifests", "web", "api"],
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_2_with_its_usage(arguments: list[str], capsys: Captured) -> None:
    assert main(arguments) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("usage: kuberoster")


# Folders


def _nowhere(folder: Path) -> str:
    return f"{folder}/nowhere/cdktf.json: no such file.\n"


def _no_settings(folder: Path) -> str:
    (folder / "nowhere" / "users").mkdir(parents=True)
    (folder / "nowhere" / "users" / "web.py").write_text("USERS = []\n")
    return f"{folder}/nowhere/cdktf.json: no such file.\n"


def _no_users(folder: Path) -> str:
    (folder / "nowhere").mkdir()
    (folder / "nowhere" / "cdktf.json").write_text("{}")
    return "users/: does not exist.\n"


def _empty_users(folder: Path) -> str:
    (folder / "nowhere" / "users").mkdir(parents=True)
    (folder / "nowhere" / "cdktf.json").write_text("{}")
    return "users/: is empty.\n"


def _settings_that_are_no_json(folder: Path) -> str:
    (folder / "nowhere").mkdir()
    (folder / "nowhere" / "cdktf.json").write_text("{'context'")
    (folder / "nowhere" / "users").mkdir()
    (folder / "nowhere" / "users" / "web.py").write_text("USERS = []")
    return f"{folder}/nowhere/cdktf.json: can't be read as JSON: "


def _a_file(folder: Path) -> str:
    (folder / "nowhere").write_text("")
    return f"{folder}/nowhere/cdktf.json: no such file."


# An administrator can revoke without a roster: see tests/operations/test_revoke.py.
_GOES_ON = {("revoke", _no_users), ("revoke", _empty_users)}


@pytest.mark.parametrize(
    ("command", "make"),
    [
        pair
        for pair in product(
            _commands(),
            [_nowhere, _no_settings, _no_users, _empty_users, _settings_that_are_no_json, _a_file],
        )
        if pair not in _GOES_ON
    ],
)
def test_a_folder_without_a_roster_is_one_clear_error(
    command: str, make: Callable[[Path], str], tmp_path: Path, capsys: Captured
) -> None:
    expected = make(tmp_path)

    assert main(["-C", str(tmp_path / "nowhere"), *_call(command)]) == 1
    assert _one_error(capsys).startswith(expected)


def test_an_error_of_the_whole_process_has_no_traceback(kuberoster: Run, tmp_path: Path) -> None:
    done = kuberoster("validate", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "cdktf.json: no such file.\n"
        "Run this where cdktf.json and users/ are, or name the folder with --directory.\n"
    )


@pytest.mark.parametrize("option", ["-C", "--directory"])
def test_another_folder_can_be_named(
    option: str, write_project: Write, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")

    assert main([option, str(write_project({"web": WEB})), "validate"]) == 0
    assert capsys.readouterr().out == "2 users in 1 team: no problem found\n"


# Names


def test_manifests_of_an_unknown_team_are_refused(write_project: Write, capsys: Captured) -> None:
    assert main(["-C", str(write_project({"web": WEB})), "manifests", "wbe"]) == 1

    assert _one_error(capsys) == "no such team: 'wbe'. Did you mean 'web'?\n"


def test_an_unknown_user_or_token_is_refused_before_a_cluster_is_asked(
    write_project: Write, capsys: Captured
) -> None:
    folder = str(write_project({"web": WEB.replace('"a", "b"', '"2026q4", "2027q1"')}))

    assert main(["-C", folder, "kubeconfig", "anne"]) == 1
    assert _one_error(capsys) == "no such user: 'anne'. Did you mean 'ann'?\n"
    assert main(["-C", folder, "kubeconfig", "ann", "--token", "2026q3"]) == 1
    assert _one_error(capsys).endswith(" 2026q4, 2027q1. Did you mean '2026q4'?\n")


# Manifests


def test_manifests_are_yaml_without_aliases_or_anchors(
    write_project: Write, capsys: Captured
) -> None:
    assert main(["-C", str(write_project({"web": WEB, "ops": "USERS = []\n"})), "manifests"]) == 0

    shown = capsys.readouterr().out
    events = list(yaml.parse(shown, Loader=yaml.SafeLoader))
    assert not [event for event in events if isinstance(event, yaml.AliasEvent)]
    assert not [event for event in events if getattr(event, "anchor", None)]
    objects = list(yaml.safe_load_all(shown))
    assert {"apiVersion", "kind", "metadata"} <= set.intersection(*map(set, objects))
    kinds = [entry["kind"] for entry in objects]
    assert kinds.count("Namespace") == kinds.count("ResourceQuota") == 2
    assert kinds.count("ServiceAccount") == 2
    assert kinds.count("Secret") == 3
    assert not any({"data", "stringData"} & set(entry) for entry in objects)


def test_manifests_of_one_team_name_no_other(write_project: Write, capsys: Captured) -> None:
    folder = str(write_project({"web": WEB, "ops": "USERS = []\n"}))

    assert main(["-C", folder, "manifests", "ops"]) == 0
    teams = {
        entry["metadata"]["labels"]["kuberoster.io/team"]
        for entry in yaml.safe_load_all(capsys.readouterr().out)
    }
    assert teams == {"ops"}


# Ends that come early


def _many_users() -> str:
    users = ", ".join(f'User("user-{n:03}", email="u{n}@example.com")' for n in range(300))
    return f"USERS = [{users}]\n"


def test_a_pipe_that_closes_early_is_no_error(
    write_project: Write, environment: Mapping[str, str]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "kuberoster.cli", "manifests"],
        cwd=write_project({"web": _many_users()}),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "---\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", ["validate", "manifests"])
def test_a_full_disk_is_one_clear_error(
    command: str, write_project: Write, environment: Mapping[str, str]
) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kuberoster.cli", command],
            cwd=write_project({"web": WEB}),
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (done.returncode, done.stderr) == (1, "output: No space left on device.\n")


def test_without_a_stdout_it_works_silently(
    write_project: Write, environment: Mapping[str, str]
) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m kuberoster.cli validate >&-', sys.executable],
        cwd=write_project({"web": WEB}),
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def _heeding_interrupts() -> Iterator[None]:
    """A shell makes what it starts in the background ignore them, and a child inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_heeding_interrupts")
def test_an_interrupt_is_130_without_a_traceback(
    write_project: Write, environment: Mapping[str, str]
) -> None:
    waits = 'import pathlib, time\npathlib.Path("reached").touch()\ntime.sleep(60)\nUSERS = []\n'
    folder = write_project({"web": waits})
    with subprocess.Popen(
        [sys.executable, "-m", "kuberoster.cli", "validate"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 20
        while not (folder / "reached").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGINT)
        assert process.communicate(timeout=20) == ("", "users/web.py: was still running.\n")
    assert process.returncode == 130


# main.py


def test_main_py_prints_all_problems_of_a_roster_and_synthesises_nothing(
    write_project: Write,
) -> None:
    folder = write_project(BROKEN)
    shutil.copy(ROOT / "main.py", folder)
    (folder / "constructs").symlink_to(ROOT / "constructs")
    before = set(folder.iterdir())

    done = subprocess.run(
        [sys.executable, "main.py"], cwd=folder, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert [
        text.startswith(problem)
        for text, problem in zip(done.stderr.strip().split("\n\n"), PROBLEMS, strict=True)
    ] == [True] * len(PROBLEMS)
    assert set(folder.iterdir()) == before
