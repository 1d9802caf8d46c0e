"""An empty argument is no argument that was left out, whatever the command and the option."""

import argparse
from pathlib import Path

import pytest

from kuberoster.cli import main
from kuberoster.cli.commands import parser
from tests.project import Project

WORDS = ["", " web", "web ", "we\x1bb", "\udcff"]

Captured = pytest.CaptureFixture[str]


def _taking_values() -> list[tuple[list[str], argparse.Action]]:
    """Each argument that takes a value, with the words of the command before it."""
    top = parser()
    (commands,) = (
        action for action in top._actions if isinstance(action, argparse._SubParsersAction)
    )
    found: list[tuple[list[str], argparse.Action]] = [
        ([], action) for action in top._actions if action is not commands
    ]
    for name, command in commands.choices.items():
        words = [name]
        for action in command._actions:
            found.append((words, action))
            words = words if action.option_strings or action.choices else [*words, "get"]
    return [(words, action) for words, action in found if action.nargs != 0]


@pytest.mark.parametrize(
    ("words", "action", "value"),
    [
        pytest.param(words, action, value, id=" ".join([*words, action.dest, ascii(value)]))
        for words, action in _taking_values()
        for value in (WORDS if action.type is not Path else WORDS[:1])
    ],
)
def test_what_says_nothing_or_nearly_something_is_refused(
    words: list[str], action: argparse.Action, value: str, capsys: Captured
) -> None:
    call = [*words, *(f"{option}={value}" for option in action.option_strings[-1:])]
    if not action.option_strings:
        call = [*words, value, "pods", "pods"]

    assert main(call) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    first, _ = printed.err.splitlines()
    assert first.startswith(f"{'/'.join(action.option_strings) or action.metavar}: ")


@pytest.mark.parametrize("team", ["Web", "web.py", "../web", "w" * 58, "web-"])
def test_what_retires_is_the_name_of_a_team(team: str, capsys: Captured) -> None:
    assert main(["recover", f"--retire={team}", "--yes"]) == 1
    assert capsys.readouterr().err.startswith("--retire: team ")


@pytest.mark.cluster
def test_a_name_that_is_nearly_a_teams_retires_nothing_and_is_an_error(project: Project) -> None:
    project.write("arguments-web", "")

    ended = project.run_any("recover", "--retire", "argument-web", "--yes")

    assert ended.status == 1
    assert ended.errors == (
        "team 'argument-web': nothing of it is left. Did you mean 'arguments-web'?\n"
    )
    again = project.run_any("recover", "--retire", "quite-another", "--yes")
    assert (again.status, again.output) == (0, "nothing of a team 'quite-another' is left\n")
