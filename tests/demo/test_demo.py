"""`make demo`: what it says where Terraform can't deploy, and that it keeps to its own cluster."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.__main__ import _environment
from tests.checkout import ROOT, copy_checkout

Done = subprocess.CompletedProcess[str]

# With -S there is the standard library only, as on a machine where nothing is installed yet.
_BARE = {"check": ["-S"], "up": [], "down": []}

USERS = """\
from kuberoster import Team, User, edit, view

TEAM = Team(access=[view("web")])
USERS = [
    User("ann", email="ann@example.com", access=[edit("web"), view("api")]),
    User("bob.miller", email="bob@example.com"),
]
"""
TABLE = """\
What each user can do, tried with the user's own token (dry runs, nothing stays):

ann, who is system:serviceaccount:users-web:ann
                         api  default      web
  list pods              200      403      200
  list secrets           403      403      200
  create configmaps      403      403      201
  list deployments       200      403      200

bob.miller, who is system:serviceaccount:users-web:bob.miller
                         api  default      web
  list pods              403      403      200
  list secrets           403      403      403
  create configmaps      403      403      403
  list deployments       403      403      200
"""


def _demo(action: str, *options: str, checkout: Path, **own: str) -> Done:
    """Run `python -m demo` as the Makefile does."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(checkout / "constructs"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, *_BARE[action], "-m", "demo", action, *options],
        cwd=checkout,
        env=environment | own,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def _drift(checkout: Path) -> Done:
    """Run `kuberoster drift` as the demo's last lines lead to it."""
    return subprocess.run(
        [sys.executable, "-m", "kuberoster.cli", "drift"],
        cwd=checkout,
        env=os.environ
        | {"PYTHONPATH": "constructs", "KUBECONFIG": ".demo/cluster/kubeconfig"}
        | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    copy = copy_checkout(tmp_path / "checkout")
    shutil.rmtree(copy / "users")
    (copy / "users").mkdir()
    (copy / "users" / "web.py").write_text(USERS)
    return copy


# Terraform's provider


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
def test_check_says_first_that_terraform_cant_get_its_provider(tmp_path: Path) -> None:
    mirror = tmp_path / "empty"
    mirror.mkdir()
    settings = tmp_path / "terraformrc"
    settings.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )

    done = _demo(
        "check",
        checkout=ROOT,
        TF_CLI_CONFIG_FILE=str(settings),
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )

    assert (done.returncode, done.stderr) == (3, "")
    first, mend, *reason = done.stdout.splitlines()
    assert first.startswith("Terraform can't get the provider hashicorp/kubernetes, so nothing is")
    assert "deployed" in first
    assert "https://developer.hashicorp.com/terraform/cli/" in mend
    assert str(mirror) in "\n".join(reason)


def test_check_says_when_terraform_is_not_installed(tmp_path: Path) -> None:
    done = _demo(
        "check",
        checkout=ROOT,
        PATH=str(tmp_path),
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("terraform: is not installed.\nInstall Terraform 1.11 or later")
    assert len(done.stderr.splitlines()) == 2


# Another cluster


def test_nothing_of_the_environment_leads_to_another_cluster(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Terraform's provider takes each of these before the kubeconfig.
    for name in ("KUBE_HOST", "KUBE_TOKEN", "KUBE_CTX", "KUBE_CONFIG_PATHS", "KUBERNETES_MASTER"):
        monkeypatch.setenv(name, "yours")
    monkeypatch.setenv("KUBECONFIG", "/yours")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    seen = {name: value for name, value in _environment().items() if name.startswith("KUBE")}

    admin = str(ROOT / ".demo" / "cluster" / "kubeconfig")
    assert seen == {"KUBECONFIG": admin, "KUBE_CONFIG_PATH": admin}


@pytest.mark.parametrize(
    "own",
    [
        {"cluster": {"kubeconfig": "/etc/production"}},
        {"cluster": {"context": "production"}},
        {"cluster": {"server": "https://production.example.com"}},
        {"state": {"backend": "s3", "key": "{team}", "bucket": "production"}},
    ],
    ids=json.dumps,
)
def test_a_cluster_of_yours_is_refused_before_anything_is_started(
    own: dict[str, object], checkout: Path
) -> None:
    document = json.loads((checkout / "cdktf.json").read_text())
    document["context"]["kuberoster"] = own
    (checkout / "cdktf.json").write_text(json.dumps(document))

    done = _demo("up", "--without-terraform", checkout=checkout)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("cdktf.json: names a cluster or a state of yours")
    assert len(done.stderr.splitlines()) == 2
    assert not (checkout / ".demo").exists()


# Down


def test_down_where_nothing_was_started_does_nothing(checkout: Path) -> None:
    done = _demo("down", checkout=checkout)

    assert (done.returncode, done.stderr) == (0, "")


def test_down_removes_what_an_up_that_was_broken_off_left(checkout: Path) -> None:
    left = checkout / ".demo" / "cluster" / "command.lock"
    left.parent.mkdir(parents=True)
    left.touch()
    (checkout / ".demo" / "ann.kubeconfig").touch()

    done = _demo("down", checkout=checkout)

    assert (done.returncode, done.stderr) == (0, "")
    assert not (checkout / ".demo").exists()


# The whole demo, without Terraform


@pytest.fixture
def decoy(tmp_path: Path) -> Path:
    """A kubeconfig that leaves a trace when anything reads it and connects."""
    file, trace = tmp_path / "decoy", tmp_path / "used"
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never"}}
    user["exec"] |= {"command": "touch", "args": [str(trace)]}  # type: ignore[dict-item]
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "decoy",
        "clusters": [{"name": "decoy", "cluster": {"server": "https://127.0.0.1:9"}}],
        "contexts": [{"name": "decoy", "context": {"cluster": "decoy", "user": "decoy"}}],
        "users": [{"name": "decoy", "user": user}],
    }
    file.write_text(json.dumps(document))
    return file


@pytest.fixture
def stopped_afterwards(checkout: Path) -> Iterator[Path]:
    yield checkout
    _demo("down", checkout=checkout)


def _processes_in(folder: Path) -> list[str]:
    """The command lines of processes that work in the folder or were given a path in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text()
            where = (process / "cwd").readlink()
        except OSError:
            continue
        if where.is_relative_to(folder) or str(folder) in command:
            found.append(command.replace("\0", " "))
    return found


@pytest.mark.cluster
@pytest.mark.skipif(sys.platform != "linux", reason="the local control plane runs on Linux only")
def test_the_demo_shows_what_users_can_do_and_leaves_nothing(
    stopped_afterwards: Path, decoy: Path
) -> None:
    checkout = stopped_afterwards
    before = set(checkout.rglob("*"))
    own = decoy.stat()
    yours = {
        "KUBECONFIG": str(decoy),
        "KUBE_CONFIG_PATH": str(decoy),
        "KUBE_HOST": "https://127.0.0.1:9",
        "KUBE_TOKEN": "decoy",
    }

    first = _demo("up", "--without-terraform", checkout=checkout, **yours)

    assert first.returncode == 0, first.stderr
    assert f"\n{TABLE}\n" in first.stdout
    demo = checkout / ".demo"
    drift = _drift(checkout)
    assert (drift.returncode, drift.stderr) == (0, "")
    assert "2 users: the cluster is as the roster says\n" in drift.stdout
    kubeconfigs = {file: file.read_bytes() for file in sorted(demo.glob("*.kubeconfig"))}
    assert [file.name for file in kubeconfigs] == ["ann.kubeconfig", "bob.miller.kubeconfig"]
    for file in (*kubeconfigs, demo / "cluster" / "kubeconfig"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    second = _demo("up", "--without-terraform", checkout=checkout, **yours)

    assert second.returncode == 0, second.stderr
    assert f"\n{TABLE}\n" in second.stdout
    assert {file: file.read_bytes() for file in kubeconfigs} == kubeconfigs
    assert _processes_in(checkout)

    down = _demo("down", checkout=checkout, **yours)

    assert (down.returncode, down.stderr) == (0, "")
    assert _processes_in(checkout) == []
    assert set(checkout.rglob("*")) == before
    for printed in (first, second, down):
        # No token, raw or in base64.
        assert not re.search(r"eyJ\w{8}|ZXlK\w{8}", printed.stdout + printed.stderr)
    now = decoy.stat()
    assert (now.st_mtime_ns, now.st_mode, now.st_size) == (
        own.st_mtime_ns,
        own.st_mode,
        own.st_size,
    )
    assert not decoy.with_name("used").exists()
