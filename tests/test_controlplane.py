"""The local control plane starts fast, keeps its secrets, and leaves nothing running."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from controlplane import ControlPlane, ControlPlaneError, build, certificates
from controlplane.process import Process, find, running
from kuberoster.cluster import Cluster, Forbidden, Unreachable

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).parent.parent


def eventually(holds: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def processes_of(directory: Path) -> dict[str, int]:
    """The control plane's processes by name: all of them work in its directory."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == directory:
                found[(process / "exe").readlink().name] = int(process.name)
        except OSError:
            continue
    return found


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "controlplane", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def api(kubeconfig: Path) -> Cluster:
    return Cluster.connect(kubeconfig=str(kubeconfig))


def names(kubeconfig: Path) -> set[str]:
    found = api(kubeconfig).list("/api/v1/namespaces")
    return {namespace["metadata"]["name"] for namespace in found}


def create_namespace(core: Cluster, name: str) -> None:
    core.create("/api/v1/namespaces", {"metadata": {"name": name}})


def test_it_has_the_pinned_version(control_plane: ControlPlane) -> None:
    assert api(control_plane.kubeconfig).get("/version")["gitVersion"] == "v1.36.3"


def test_a_second_one_starts_beside_it_within_ten_seconds(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    started = time.monotonic()
    with ControlPlane(tmp_path, context="other", audit=True) as other:
        assert time.monotonic() - started < 10
        assert other.server != control_plane.server
        create_namespace(api(other.kubeconfig), "only-in-other")
        assert "only-in-other" in names(other.kubeconfig)
        assert "only-in-other" not in names(control_plane.kubeconfig)
        assert yaml.safe_load(other.kubeconfig.read_text())["current-context"] == "other"
        events = [json.loads(line) for line in other.audit_log.read_text().splitlines()]
        assert {event["level"] for event in events} == {"Metadata"}
    assert not processes_of(tmp_path)


def test_its_kubeconfig_checks_who_answers(control_plane: ControlPlane, tmp_path: Path) -> None:
    stranger = yaml.safe_load(control_plane.kubeconfig.read_text())
    certificates.create(tmp_path / "certificates")
    other = (tmp_path / "certificates" / "ca.crt").read_bytes()
    stranger["clusters"][0]["cluster"]["certificate-authority-data"] = b64encode(other).decode()
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(stranger))
    with pytest.raises(Unreachable, match="certificate is not accepted"):
        names(tmp_path / "kubeconfig")


def test_nobody_else_can_read_its_files(control_plane: ControlPlane) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(control_plane.directory) == 0o700
    assert mode(control_plane.kubeconfig) == 0o600
    keys = list(control_plane.directory.rglob("*.key"))
    assert len(keys) == 4
    assert {mode(key) for key in keys} == {0o600}


def test_etcd_listens_on_no_port(control_plane: ControlPlane) -> None:
    etcd = Path(f"/proc/{processes_of(control_plane.directory)['etcd']}")
    opened = {str(descriptor.readlink()) for descriptor in (etcd / "fd").iterdir()}
    listening = "0A"
    ports = [
        fields[1]
        for table in ("tcp", "tcp6")
        for fields in map(str.split, (etcd / "net" / table).read_text().splitlines()[1:])
        if fields[3] == listening and f"socket:[{fields[9]}]" in opened
    ]
    assert ports == []
    assert (control_plane.directory / "etcd.sock").is_socket()


def test_a_token_secret_gets_a_token(control_plane: ControlPlane) -> None:
    core = api(control_plane.kubeconfig)
    create_namespace(core, "tokens")
    place = "/api/v1/namespaces/tokens"
    core.create(f"{place}/serviceaccounts", {"metadata": {"name": "ann"}})
    annotations = {"kubernetes.io/service-account.name": "ann"}
    made = core.create(
        f"{place}/secrets",
        {
            "metadata": {"generateName": "ann-2026q4-", "annotations": annotations},
            "type": "kubernetes.io/service-account-token",
        },
    )
    secret = f"{place}/secrets/{made['metadata']['name']}"
    assert eventually(lambda: "token" in core.get(secret).get("data", {}))


def test_a_quota_of_no_pods_refuses_a_pod(control_plane: ControlPlane) -> None:
    core = api(control_plane.kubeconfig)
    create_namespace(core, "no-pods")
    place = "/api/v1/namespaces/no-pods"
    quota = {"metadata": {"name": "no-pods"}, "spec": {"hard": {"pods": "0"}}}
    core.create(f"{place}/resourcequotas", quota)
    assert eventually(lambda: core.get(f"{place}/resourcequotas/no-pods")["status"].get("hard"))
    # A pod without its ServiceAccount would be refused for that.
    assert eventually(lambda: list(core.list(f"{place}/serviceaccounts")))
    containers = [{"name": "sh", "image": "busybox"}]
    pod = {"metadata": {"name": "shell"}, "spec": {"containers": containers}}
    with pytest.raises(Forbidden, match="exceeded quota: no-pods"):
        core.create(f"{place}/pods", pod)


def test_the_api_server_comes_back_on_its_port(control_plane: ControlPlane) -> None:
    server = control_plane.server
    control_plane.stop_api_server()
    with pytest.raises(Unreachable):
        names(control_plane.kubeconfig)
    control_plane.start_api_server()
    assert control_plane.server == server
    assert "default" in names(control_plane.kubeconfig)


def test_nothing_is_left_after_its_python_process_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from controlplane import ControlPlane\n"
        "with ControlPlane(Path(sys.argv[1])): print('started', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "started\n"
        assert {"etcd", "kube-apiserver", "kube-controller-manager"} < processes_of(tmp_path).keys()
        parent.kill()
    assert eventually(lambda: not processes_of(tmp_path))


def test_up_keeps_what_runs_and_restarts_what_died_on_the_same_data(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    kubeconfig = directory / "kubeconfig"
    try:
        assert command("up", directory).stdout.startswith("Started.")
        before = processes_of(directory), kubeconfig.read_bytes()
        assert command("up", directory).stdout.startswith("Runs already.")
        assert (processes_of(directory), kubeconfig.read_bytes()) == before
        create_namespace(api(kubeconfig), "kept")

        supervisor = running(directory / "supervisor.json")
        assert supervisor
        os.kill(supervisor.pid, signal.SIGKILL)
        assert eventually(lambda: not processes_of(directory))
        assert command("status", directory).returncode == 3

        assert command("up", directory).stdout.startswith("Started.")
        assert kubeconfig.read_bytes() == before[1]
        assert "kept" in names(kubeconfig)
        assert command("status", directory).returncode == 0
    finally:
        down = command("down", directory)
    assert down.stdout == "Stopped.\n"
    assert not processes_of(directory)
    assert command("down", directory).stdout == "Nothing runs.\n"
    assert command("down", "--delete", directory).returncode == 0
    assert not directory.exists()


def test_an_up_that_is_killed_before_it_is_ready_leaves_nothing_running(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "controlplane", "up", str(tmp_path)], cwd=ROOT
    ) as starting:
        assert eventually(lambda: "kube-apiserver" in processes_of(tmp_path))
        starting.kill()
    assert eventually(lambda: not processes_of(tmp_path))


def test_a_directory_of_something_else_is_neither_used_nor_deleted(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    for arguments in (["up"], ["down", "--delete"]):
        refused = command(*arguments, tmp_path)
        assert refused.returncode == 1
        assert "control plane" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_process_that_got_a_dead_ones_number_is_not_stopped(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "30"]) as sleeper:
        now = find(sleeper.pid)
        assert now
        earlier = Process(now.pid, now.started - 1, now.boot)
        earlier.save(tmp_path / "supervisor.json")
        assert running(tmp_path / "supervisor.json") is None
        earlier.stop(patience=1)
        assert sleeper.poll() is None
        now.stop(patience=1)
        assert sleeper.wait() == -signal.SIGTERM


def test_a_failed_start_names_the_program_and_shows_its_log(tmp_path: Path) -> None:
    broken = ControlPlane(tmp_path, extra_api_server_args=["--no-such-flag"])
    with pytest.raises(ControlPlaneError, match=r"kube-apiserver ended[\s\S]*unknown flag"):
        broken.start()
    assert not processes_of(tmp_path)


def test_a_port_that_was_taken_meanwhile_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        stored = {
            "binaries": "",
            "context": "demo",
            "audit": False,
            "extra_api_server_args": [],
            "api_server_port": port,
            "controller_manager_port": 0,
        }
        (tmp_path / "settings.json").write_text(json.dumps(stored))
        with pytest.raises(ControlPlaneError, match=rf"Port {port}"):
            ControlPlane(tmp_path).start()


def fake_go(folder: Path, version: str) -> None:
    go = folder / "go"
    go.write_text(
        "#!/bin/sh\n"
        f'if [ "$1" = env ]; then echo {version} linux amd64; exit; fi\n'
        f'echo "$@" >> {folder}/calls; sleep 0.2\n'
        'while [ "$1" != -o ]; do shift; done; : > "$2"\n'
    )
    go.chmod(0o755)


def test_two_builds_at_once_build_once_and_a_third_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_go(tmp_path, "go1.26.0")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda _: build(), range(2))
    assert first == second
    assert len((tmp_path / "calls").read_text().splitlines()) == 3
    assert {path.name for path in first.iterdir()} == {
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
    }
    capsys.readouterr()
    assert build() == first
    assert capsys.readouterr().err == ""


def test_a_missing_or_old_go_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ControlPlaneError, match="Go isn't installed"):
        build()
    fake_go(tmp_path, "go1.25.4")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(ControlPlaneError, match=r"Go is go1\.25.*needs go 1\.26"):
        build()
