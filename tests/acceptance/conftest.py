import os
import subprocess
from pathlib import Path

import pytest

from kuberoster.model.settings import PROVIDER_VERSION


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.acceptance)


@pytest.fixture(scope="session", autouse=True)
def _provider(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip, with Terraform's reason, where it can't get the provider."""
    variable = "TF_CLI_CONFIG_FILE"
    if variable in os.environ and not Path(os.environ[variable]).exists():
        del os.environ[variable]  # each command would print a warning
    folder = tmp_path_factory.mktemp("provider")
    (folder / "main.tf").write_text(
        "terraform {\n  required_providers {\n    kubernetes = {\n"
        f'      source  = "hashicorp/kubernetes"\n      version = "{PROVIDER_VERSION}"\n'
        "    }\n  }\n}\n"
    )
    done = subprocess.run(
        ["terraform", f"-chdir={folder}", "init", "-no-color", "-input=false"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"CHECKPOINT_DISABLE": "1"},
    )
    if done.returncode:
        pytest.skip(f"terraform init fails: {' '.join(done.stderr.split())[:300]}")
