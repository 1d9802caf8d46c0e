"""Rosters as files: each test writes the text that a person would write."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kuberoster.model.errors import RosterError
from kuberoster.model.roster import Roster, load_roster

IMPORTS = "from kuberoster import ClusterRole, Grant, Role, Rule, Team, User, admin, edit, view\n"


@pytest.fixture
def users(tmp_path: Path) -> Callable[..., Path]:
    """Write users/<team>.py for each keyword; a text gets the imports in its first line."""

    def write(**files: str) -> Path:
        folder = tmp_path / "users"
        folder.mkdir(exist_ok=True)
        for team, text in files.items():
            (folder / f"{team}.py").write_text(IMPORTS + text)
        return folder

    return write


@pytest.fixture
def load(users: Callable[..., Path]) -> Callable[..., Roster]:
    """Load the roster of these files."""

    def read(**files: str) -> Roster:
        return load_roster(users(**files))

    return read


@pytest.fixture
def problems(users: Callable[..., Path]) -> Callable[..., list[str]]:
    """The first line of each problem of the roster of these files."""

    def refuse(**files: str) -> list[str]:
        with pytest.raises(RosterError) as refused:
            load_roster(users(**files))
        assert str(refused.value) == "\n\n".join(map(str, refused.value.problems))
        return [str(problem).splitlines()[0] for problem in refused.value.problems]

    return refuse
