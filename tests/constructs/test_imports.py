"""What an import loads, and what a package offers."""

import json
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

import kuberoster.constructs
from kuberoster.model import public

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]


def modules_after(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"],
        env={"PYTHONPATH": str(REPOSITORY / "constructs"), "PATH": "/usr/bin:/usr/local/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded: list[str] = json.loads(done.stdout)
    return loaded


@pytest.mark.parametrize(
    "module", ["kuberoster", "kuberoster.model.roster", "kuberoster.model.settings"]
)
def test_the_model_loads_neither_cdktf_nor_a_kubernetes_client(module: str) -> None:
    roots = {name.partition(".")[0] for name in modules_after(f"import {module}")}

    assert "kuberoster" in roots
    assert not roots & {
        "cdktf",
        "cdktf_cdktf_provider_kubernetes",
        "constructs",
        "jsii",
        "kubernetes",
        "yaml",
    }


PROVIDER = "cdktf_cdktf_provider_kubernetes"


def test_the_constructs_load_only_the_provider_modules_that_they_use() -> None:
    seam = (REPOSITORY / "constructs" / "kuberoster" / "constructs" / "_cdktf.py").read_text()
    used = set(re.findall(rf"from {PROVIDER}\.(\w+) import", seam))

    loaded = modules_after("import kuberoster.constructs")

    submodules = {name.split(".")[1] for name in loaded if name.startswith(f"{PROVIDER}.")}
    assert {name for name in submodules if not name.startswith("_")} == used
    assert used


def test_the_whole_provider_stays_within_reach_of_whoever_imports_it() -> None:
    modules_after(
        "import kuberoster.constructs\n"
        f"import {PROVIDER} as k\n"
        "assert k.pod_v1.PodV1\n"
        f"from {PROVIDER} import deployment_v1\n"
        "assert deployment_v1.DeploymentV1\n"
        f"from {PROVIDER}.service_v1 import ServiceV1\n"
        "assert not hasattr(k, 'no_such_module')\n"
    )


@pytest.mark.parametrize("package", [public, kuberoster.constructs], ids=lambda p: p.__name__)
def test_all_lists_every_public_name_and_no_other(package: types.ModuleType) -> None:
    public = {
        name
        for name, value in vars(package).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }

    assert set(package.__all__) == public
    assert list(package.__all__) == sorted(package.__all__, key=lambda n: (n[0].islower(), n))


def test_the_package_has_these_names_and_no_other_and_loads_them_when_they_are_asked_for() -> None:
    loaded = modules_after(
        "import sys, kuberoster\n"
        "assert not [each for each in sys.modules if each.startswith('kuberoster.')]\n"
        "assert not hasattr(kuberoster, 'user')\n"
        "from kuberoster import *\n"
        "assert {each for each in dir() if each[0] != '_'} == {'kuberoster', 'sys', "
        + ", ".join(map(repr, public.__all__))
        + "}\n"
    )

    assert "kuberoster.model.user" in loaded
    assert not [each for each in loaded if each.partition(".")[0] in {"cdktf", "urllib3"}]
