"""What is installed, what is pinned, and rules about files that no linter holds."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.checkout import ROOT, copy_checkout

pytestmark = pytest.mark.slow

PACKAGE = ROOT / "constructs" / "kuberoster"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MODULES = sorted(
    file
    for folder in ("bench", "constructs", "controlplane", "demo", "tests")
    for file in (ROOT / folder).rglob("*.py")
)


def _run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """Run a command without this checkout on its path; what it printed to stdout."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=own | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    checkout = copy_checkout(folder / "checkout")
    _run(
        *(sys.executable, "-m", "build", "--wheel", "--no-isolation"),
        *("--outdir", folder, checkout),
        cwd=folder,
    )
    (made,) = folder.glob("*.whl")
    shutil.rmtree(checkout)
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The `bin` of a new environment with the wheel; the dependencies come from this one."""
    environment = wheel.parent / "environment"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    _run(
        *(sys.executable, "-m", "pip", "--python", python, "install"),
        *("--quiet", "--no-deps", "--no-index", "--no-compile", wheel),
        cwd=wheel.parent,
    )
    # A folder that a .pth names has its own .pth ignored, so this checkout, which is installed
    # there as editable, stays out.
    (packages,) = environment.glob("lib/*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return python.parent


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    expected = {
        str(file.relative_to(PACKAGE.parent))
        for file in PACKAGE.rglob("*")
        if file.suffix in (".py", ".json", ".css", ".js", ".cjs") or file.name == "py.typed"
    }
    assert held == expected
    assert "kuberoster/py.typed" in held
    assert {name.partition("/")[0] for name in held} == {"kuberoster"}


def test_the_wheel_names_its_command_licence_and_dependencies(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = {
            Path(name).name: archive.read(name).decode()
            for name in archive.namelist()
            if ".dist-info/" in name
        }

    points = configparser.ConfigParser()
    points.read_string(info["entry_points.txt"])
    assert dict(points["console_scripts"]) == {"kuberoster": "kuberoster.cli:program"}
    assert "MIT" in info["LICENSE"]
    required = re.findall(r"^Requires-Dist: (.+)$", info["METADATA"], re.MULTILINE)
    assert _names(required) == _names(PROJECT["project"]["dependencies"])


def test_what_is_installed_works_outside_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    assert "example:" in _run(installed / "kuberoster", "--help", cwd=tmp_path)
    version = _run(installed / "kuberoster", "--version", cwd=tmp_path).strip()
    assert version == PROJECT["project"]["version"]
    (tmp_path / "cdktf.json").write_text("{}")
    (tmp_path / "users").mkdir()
    (tmp_path / "users" / "web.py").write_text("from kuberoster import User\nUSERS = []\n")
    assert "0 users in 1 team" in _run(installed / "kuberoster", "validate", cwd=tmp_path)
    assert "0 users may get pods" in _run(
        installed / "kuberoster", "who-can", "get", "pods", cwd=tmp_path
    )


def test_what_is_installed_is_the_wheel_and_hides_no_other_package(
    installed: Path, tmp_path: Path
) -> None:
    code = (
        "import constructs, kuberoster, kuberoster.constructs\n"
        "print(kuberoster.__file__, constructs.__file__, constructs.Construct.__name__, sep='\\n')"
    )

    package, other, name = _run(installed / "python", "-c", code, cwd=tmp_path).splitlines()

    assert Path(package).is_relative_to(installed.parent)
    assert Path(other).is_relative_to(sysconfig.get_path("purelib"))
    assert name == "Construct"


def test_the_folder_constructs_does_not_hide_the_package_constructs() -> None:
    code = "import constructs; print(constructs.__file__); print(constructs.Construct.__name__)"

    file, name = _run(sys.executable, "-c", code, cwd=ROOT, PYTHONPATH=str(ROOT)).splitlines()

    assert Path(file).is_relative_to(sysconfig.get_path("purelib"))
    assert name == "Construct"
    assert not (ROOT / "constructs" / "__init__.py").exists()


# What is pinned


def _names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def _pinned(file: str) -> dict[str, str]:
    """The version of each package; asserts that each has one, and a hash."""
    text = (ROOT / file).read_text().replace("\\\n", " ")
    lines = [line.split(" #")[0] for line in text.splitlines() if line and line[0] not in "# "]
    versions: dict[str, str] = {}
    for line in lines:
        requirement, *hashes = line.split()
        found = re.fullmatch(r"([\w.-]+)==([\w.]+)", requirement)
        assert found, f"{file}: {requirement} is not pinned"
        assert hashes, f"{file}: {requirement} has no hash"
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes), line
        versions[canonicalize_name(found[1])] = found[2]
    return versions


def test_every_dependency_is_pinned_by_version_and_hash() -> None:
    pinned = _pinned("requirements.txt")

    for requirement in map(Requirement, PROJECT["project"]["dependencies"]):
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier


def test_what_builds_and_checks_is_pinned_by_version_and_hash() -> None:
    pinned = _pinned("requirements-dev.txt")
    lines = (ROOT / "requirements-dev.in").read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "-"))]

    for requirement in map(Requirement, [*wanted, *PROJECT["build-system"]["requires"]]):
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier


def test_both_files_of_pins_agree() -> None:
    product, checks = _pinned("requirements.txt"), _pinned("requirements-dev.txt")

    assert {name: product[name] for name in product.keys() & checks} == {
        name: checks[name] for name in product.keys() & checks
    }


def test_cdktf_cli_is_pinned_to_the_version_of_the_library() -> None:
    package = (ROOT / "package.json").read_text()

    assert re.findall(r'"cdktf-cli": "(.+)"', package) == [_pinned("requirements.txt")["cdktf"]]


# Rules about files


def test_main_py_has_fewer_than_30_lines() -> None:
    assert len((ROOT / "main.py").read_text().splitlines()) < 30


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {part for file in MODULES for part in file.relative_to(ROOT).with_suffix("").parts}

    assert not names & {"utils", "util", "helpers", "helper", "common", "misc"}


def test_what_runs_on_each_change_is_make_test() -> None:
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text().splitlines()


def test_what_takes_minutes_is_left_to_test_long() -> None:
    command = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0")
    file = ROOT / "tests" / "report" / "test_large_picture.py"

    usual, long = (
        _run(*command, file, cwd=ROOT, KUBEROSTER_LONG=given).splitlines() for given in ("", "1")
    )

    cases = [{one.partition("[")[2] for one in shown if "::" in one} for shown in (usual, long)]
    assert cases == [{"20]"}, {"20]", "4]", "1]"}]


def test_no_figure_of_the_bench_fails_a_change() -> None:
    assert "make bench-quick || true" in (ROOT / ".ci" / "run").read_text().splitlines()


def test_make_switches_telemetry_off() -> None:
    rule = "shown: ; @echo $$CHECKPOINT_DISABLE"
    own = {name: value for name, value in os.environ.items() if name != "CHECKPOINT_DISABLE"}

    done = subprocess.run(
        ["make", "--no-print-directory", "--eval", rule, "shown"],
        cwd=ROOT,
        env=own,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "1\n"


# How tests are spread


@pytest.mark.parametrize(
    ("file", "expected"),
    [("tests/model/test_names.py", 2), ("tests/constructs/test_synthesis.py", 1)],
)
def test_tests_go_to_any_worker_but_those_that_share_a_fixture_of_their_module(
    file: str, expected: int
) -> None:
    shown = _run(sys.executable, "-m", "pytest", "-n2", "-v", file, cwd=ROOT)

    assert len(set(re.findall(r"^\[(gw\d)\] .* PASSED ", shown, re.MULTILINE))) == expected
