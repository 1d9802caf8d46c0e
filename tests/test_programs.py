"""What the programs below kuberoster need to be is asked before anything is begun."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
Programs = Callable[..., dict[str, str]]


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    """Make an environment with no programs on PATH but a shell's, and some that say a version."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def make(**versions: str) -> dict[str, str]:
        for name in ("sh", "env"):
            (folder / name).symlink_to(shutil.which(name) or name)
        for name, says in versions.items():
            (folder / name).write_text(f"#!/bin/sh\n{says}\n")
            (folder / name).chmod(0o755)
        named = ("JSII_NODE", "TERRAFORM_BINARY_NAME")
        clean = {key: value for key, value in os.environ.items() if key not in named}
        return clean | {"PATH": str(folder), "PYTHONPATH": str(ROOT / "constructs")}

    return make


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A folder with main.py, cdktf.json and one user."""
    folder = tmp_path / "app"
    (folder / "users").mkdir(parents=True)
    shutil.copy(ROOT / "main.py", folder)
    document = json.loads((ROOT / "cdktf.json").read_text())
    document["context"]["kuberoster"]["cluster"]["uid"] = "1-2"  # as after bootstrap
    (folder / "cdktf.json").write_text(json.dumps(document))
    (folder / "constructs").symlink_to(ROOT / "constructs")
    user = 'User("ann", email="ann@example.com", access=[view("web")])'
    (folder / "users" / "web.py").write_text(f"from kuberoster import *\nUSERS = [{user}]\n")
    return folder


def _run(folder: Path, environment: dict[str, str], *command: str) -> tuple[int, str]:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


OLD_NODE = "echo v18.20.8"
NEWER = {"node": "echo v99.0.0", "npm": "echo 99.0.0"}


def test_all_that_is_missing_or_too_old_is_said_at_once(programs: Programs) -> None:
    environment = programs(node=OLD_NODE, terraform="""echo '{"terraform_version": "1.9.8"}'""")
    status, said = _run(ROOT, environment, sys.executable, "-m", "kuberoster.programs", "demo")
    assert status == 1
    assert said.split("\n\n") == [
        "node: is version 18.20.8, which is too old.\n"
        "Install node 20.0 or later: https://nodejs.org/en/download",
        "npm: no such program on PATH.\nInstall npm: it comes with Node",
        "terraform: is version 1.9.8, which is too old.\n"
        "Install terraform 1.11 or later: https://developer.hashicorp.com/terraform/install",
        "go: no such program on PATH.\nInstall go 1.21 or later: https://go.dev/dl/\n",
    ]


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ("exit 3", "does not run (`node --version` fails)"),
        ("echo?", "does not run"),
        ("echo v", "does not say its version"),
    ],
)
def test_a_program_that_says_nothing_is_none(programs: Programs, says: str, words: str) -> None:
    environment = programs(**NEWER | {"node": says})
    status, said = _run(ROOT, environment, sys.executable, "-m", "kuberoster.programs", "install")
    assert (status, said.count("\n")) == (1, 2)
    assert f"node: {words}" in said


def test_versions_that_will_do_pass(programs: Programs) -> None:
    command = (sys.executable, "-m", "kuberoster.programs", "install")
    assert _run(ROOT, programs(**NEWER), *command) == (0, "")


def test_the_terraform_that_is_asked_is_the_one_that_runs(programs: Programs) -> None:
    found = programs(**NEWER, go="echo go99.0", tofu="""echo '{"terraform_version": "1.11.0"}'""")
    command = (sys.executable, "-m", "kuberoster.programs", "demo")
    assert _run(ROOT, found | {"TERRAFORM_BINARY_NAME": "tofu"}, *command) == (0, "")
    status, said = _run(ROOT, found | {"TERRAFORM_BINARY_NAME": "none"}, *command)
    assert (status, said.splitlines()[0]) == (1, "none: no such program on PATH.")


@pytest.mark.parametrize("target", ["demo", "install", "test"])
def test_a_target_of_make_asks_before_it_installs(
    programs: Programs, target: str, tmp_path: Path
) -> None:
    for name in ("Makefile", "constructs"):
        (tmp_path / name).symlink_to(ROOT / name)
    make = shutil.which("make")
    assert make
    status, said = _run(tmp_path, programs(), make, target, f"PYTHON={sys.executable}")
    assert status == 2
    assert "node: no such program on PATH.\n" in said
    assert "installing" not in said
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("found", [{}, {"node": OLD_NODE}])
def test_main_py_says_what_it_needs_without_a_traceback(
    programs: Programs, app: Path, found: dict[str, str]
) -> None:
    status, said = _run(app, programs(**found), sys.executable, "main.py")
    assert status == 1
    assert said.startswith("node: ")
    assert said.endswith("Install node 20.0 or later: https://nodejs.org/en/download\n")
    assert said.count("\n") == 2


def test_a_python_without_our_packages_is_named(app: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    status, said = _run(app, environment, sys.executable, "-S", "main.py")
    assert status == 1
    assert "has no package cdktf, cdktf_cdktf_provider_kubernetes.\n" in said
    assert "Traceback" not in said


def test_an_older_python_is_named(tmp_path: Path) -> None:
    # As such a Python would see it: what it can't read comes after the check.
    source = (ROOT / "constructs" / "kuberoster" / "__init__.py").read_text()
    before, _, _ = source.partition("TYPE_CHECKING")
    program = f"import sys\nsys.version_info = (3, 9, 2)\n{before.replace('import sys', '')}"
    status, said = _run(tmp_path, dict(os.environ), sys.executable, "-c", program)
    assert status == 1
    assert said == f"kuberoster needs Python 3.11 or later, and {sys.executable} is 3.9.\n"


def test_a_cache_that_can_not_be_written_is_one_error(app: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environment = os.environ | {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path / "file" / "x")}
    status, said = _run(app, environment, sys.executable, "main.py")
    assert status == 1
    assert said.startswith("CDKTF does not start: Cannot use the jsii package cache in ")
    assert "JSII_RUNTIME_PACKAGE_CACHE_ROOT" in said
    assert said.count("\n") == 2


@pytest.mark.parametrize("place", ["cdktf.out", "cdktf.out/stacks", "cdktf.out/stacks/web"])
def test_a_file_where_stacks_go_is_said_before_synthesis(app: Path, place: str) -> None:
    (app / place).parent.mkdir(parents=True, exist_ok=True)
    (app / place).write_text("")
    status, said = _run(app, dict(os.environ), sys.executable, "main.py")
    assert status == 1
    assert said.startswith("cdktf.out/stacks/web: can't be written to: ")
    assert "correct `output` in cdktf.json" in said
    assert said.count("\n") == 2


@pytest.mark.parametrize("place", ["manifest.json", "stacks/web/cdk.tf.json"])
def test_what_the_system_refuses_during_synthesis_is_one_error(app: Path, place: str) -> None:
    """As on a full disk, Node says it, and jsii hands it on."""
    (app / "cdktf.out" / place).mkdir(parents=True)
    status, said = _run(app, dict(os.environ), sys.executable, "main.py")
    assert status == 1
    assert "cdktf.out: the stacks can't be written: illegal operation on a directory." in said
    assert said.count("\n") == 2


def test_an_output_folder_may_lie_deeper(app: Path) -> None:
    environment = os.environ | {"CDKTF_OUTDIR": "build/tf"}
    assert _run(app, environment, sys.executable, "main.py") == (0, "")
    assert (app / "build" / "tf" / "stacks" / "web" / "cdk.tf.json").exists()


def test_a_name_that_each_object_of_javascript_has_is_no_teams(app: Path) -> None:
    (app / "users" / "web.py").rename(app / "users" / "constructor.py")
    status, said = _run(app, dict(os.environ), sys.executable, "main.py")
    assert status == 1
    assert "users/constructor.py" in said
    assert "Try 'constructors'." in said
    assert "Traceback" not in said


CDKTF = ROOT / "node_modules" / ".bin" / "cdktf"
NO_TERMINAL = "has no terminal on which it could ask for approval"


def _cdktf(folder: Path, *arguments: str) -> tuple[int, str]:
    environment = os.environ | {"CHECKPOINT_DISABLE": "1", "DISABLE_VERSION_CHECK": "1"}
    document = (folder / "cdktf.json").read_text()
    (folder / "cdktf.json").write_text(
        document.replace("python main.py", f"{shlex.quote(sys.executable)} main.py")
    )
    return _run(folder, environment, "env", str(CDKTF), *arguments)


@pytest.mark.parametrize("verb", ["deploy", "destroy", "apply"])
def test_a_deploy_that_could_not_ask_ends_before_terraform_begins(app: Path, verb: str) -> None:
    status, said = _cdktf(app, verb, "web")
    assert status == 1
    assert NO_TERMINAL in " ".join(said.split())
    assert not (app / "cdktf.out" / "stacks" / "web").exists()


def test_what_does_not_ask_needs_no_terminal(app: Path) -> None:
    status, _ = _cdktf(app, "synth")
    assert status == 0
    # Without a cluster it fails later, and for another reason.
    _, said = _cdktf(app, "deploy", "web", "--auto-approve")
    assert NO_TERMINAL not in " ".join(said.split())
    assert (app / "cdktf.out" / "stacks" / "web").exists()
