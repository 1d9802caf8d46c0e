import itertools
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.provider import why_no_provider
from kuberoster import KuberosterError
from tests.acceptance.lives import Life
from tests.project import Project


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.acceptance)


@pytest.fixture(scope="session", autouse=True)
def _provider() -> None:
    """Skip, with Terraform's reason, where it can't get the provider."""
    variable = "TF_CLI_CONFIG_FILE"
    if variable in os.environ and not Path(os.environ[variable]).exists():
        del os.environ[variable]  # each command would print a warning
    try:
        reason = why_no_provider(os.environ | {"CHECKPOINT_DISABLE": "1"})
    except KuberosterError as error:
        reason = str(error)
    if reason:
        pytest.skip(f"terraform init fails: {' '.join(reason.split())[:300]}")


@pytest.fixture
def life(project: Project) -> Iterator[Life]:
    walked = Life(project)
    yield walked
    walked.over()


_SEED = pytest.StashKey[str]()
_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def new_team() -> Callable[[], str]:
    """Names of teams that no other session of tests on this machine has at the same time.

    `kuberoster recover` takes every Terraform in a folder of the team's name for its own.
    """
    return lambda: f"team-{os.getpid()}-{next(_NUMBERS)}"


@pytest.fixture
def team(new_team: Callable[[], str]) -> str:
    return new_team()


@pytest.fixture(scope="session")
def kill_seed(pytestconfig: pytest.Config) -> str:
    """What decides when commands are killed; the end of the run says it, for a repetition."""
    drawn = str(random.randrange(10**9))  # noqa: S311  # not for a secret
    seed = pytestconfig.stash[_SEED] = os.environ.get("KUBEROSTER_KILL_SEED", drawn)
    return seed


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if seed := config.stash.get(_SEED, None):
        terminalreporter.write_line(f"kill tests ran with KUBEROSTER_KILL_SEED={seed}")
