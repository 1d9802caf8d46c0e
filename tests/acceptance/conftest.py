import os
from pathlib import Path

import pytest

from demo.provider import why_no_provider
from kuberoster import KuberosterError


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
