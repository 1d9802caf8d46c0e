"""The command line as its user meets it: a folder, a command, what it prints, its status."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMPORTS = "from kuberoster import Role, Rule, Team, User, edit, view\n"


@pytest.fixture
def write_project(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Write cdktf.json and users/<team>.py for each text."""

    def write(teams: Mapping[str, str]) -> Path:
        (tmp_path / "cdktf.json").write_text("{}")
        (tmp_path / "users").mkdir()
        for team, text in teams.items():
            (tmp_path / "users" / f"{team}.py").write_text(IMPORTS + text)
        return tmp_path

    return write


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The environment of a command that runs from the checkout."""
    return os.environ | {"PYTHONPATH": str(ROOT / "constructs")}


@pytest.fixture
def kuberoster(
    environment: Mapping[str, str],
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `kuberoster` as a process of its own."""

    def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kuberoster.cli", *arguments],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run
