"""What CDKTF makes of rosters and constructs, as JSON without CDKTF's own metadata."""

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kuberoster import ClusterRole, Role, Rule, User, edit, view
from kuberoster.model.names import look_alike

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write tests/constructs/golden/*.json anew; then read `git diff`",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, Any], None]:
    """Compare a construct's Terraform JSON with its golden file."""
    # The option is unknown where pytest was not given this folder.
    update = request.config.getoption("--update-golden", default=False)

    def compare(name: str, made: Any) -> None:
        file = GOLDEN / f"{name}.json"
        if update:
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n")
        assert made == json.loads(file.read_text())

    return compare


@pytest.fixture
def stacks(tmp_path: Path) -> Callable[[Path], dict[str, Any]]:
    """The Terraform JSON of each stack in CDKTF's outdir."""

    def read(outdir: Path) -> dict[str, Any]:
        return {
            file.parent.name: _without_metadata(json.loads(file.read_text()))
            for file in sorted(outdir.glob("stacks/*/cdk.tf.json"))
        }

    return read


def _without_metadata(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_metadata(item) for key, item in value.items() if key != "//"}
    if isinstance(value, list):
        return [_without_metadata(item) for item in value]
    return value


@pytest.fixture(scope="session")
def write_project() -> Callable[[Path, Mapping[str, Any], Mapping[str, str]], Path]:
    """Write cdktf.json with these settings of our own, and users/<team>.py for each text."""

    def write(folder: Path, own: Mapping[str, Any], teams: Mapping[str, str]) -> Path:
        (folder / "users").mkdir(parents=True, exist_ok=True)
        document = {"language": "python", "app": "x", "context": {"kuberoster": own}}
        (folder / "cdktf.json").write_text(json.dumps(document))
        for team, text in teams.items():
            (folder / "users" / f"{team}.py").write_text(f"from kuberoster import *\n{text}\n")
        return folder

    return write


@pytest.fixture(scope="session")
def random_users() -> Callable[[int, int], list[User]]:
    """Valid users whose names and roles are close to each other, from a seed and a count."""
    return _random_users


def _random_users(seed: int, count: int) -> list[User]:
    chance = random.Random(seed)  # noqa: S311  # no secret depends on it
    names: dict[str, str] = {}
    while len(names) < count:
        name = "".join(chance.choices("ab2-.", k=chance.randint(1, 9)))
        user = User(name, email="ann@example.com")
        if not any(user.faults()):
            names.setdefault(look_alike(name), name)
    rules = [Rule(["get"], ["pods"], resource_names=["a-${b}"])]
    return [
        User(
            name,
            email="ann${x}@example.com",
            access=[
                grant
                for grant in [
                    edit("web", "api"),
                    view.cluster_wide(),
                    ClusterRole("role:x")("role"),
                    Role("x", rules)("web", "role"),
                    Role("x.role_x", rules).cluster_wide(),
                ]
                if chance.random() < 0.3
            ],
            tokens=chance.choice([["main"], ["2026q4", "2027q1"], ["1", "a-1"]]),
            note="${x} %{ if true }" if chance.random() < 0.5 else None,
        )
        for name in names.values()
    ]
