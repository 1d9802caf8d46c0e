"""When a credential plugin runs, what it is told, and how it is stopped."""

import json
import os

import pytest

from kuberoster.cluster import Cluster, ClusterError, exec_plugin
from tests.cluster.answers import failure
from tests.cluster.api_server import PROBE
from tests.cluster.interpreter import run_python
from tests.cluster.kubeconfigs import (
    GOOD,
    PLUGIN,
    Home,
    b64,
    connect_error,
    exec_credential,
    exec_user,
)
from tests.cluster.kubectl import KUBECTL, kubectl


def test_a_plugin_runs_once_until_its_credential_expires(home: Home) -> None:
    lasting = Cluster.connect(home.write(exec_user(GOOD)))
    lasting.get(PROBE)
    assert home.plugin_runs() == 1
    soon = exec_credential(token="t", expirationTimestamp="2001-01-01T00:00:00Z")
    Cluster.connect(home.write(exec_user(soon))).get(PROBE)
    assert home.plugin_runs() == 3


def test_a_plugins_credential_that_is_refused_is_renewed_once(home: Home) -> None:
    cluster = Cluster.connect(home.write(exec_user(GOOD)))
    home.server.script = lambda got: failure(401, "Unauthorized", "Unauthorized")
    with pytest.raises(ClusterError, match="does not accept this credential"):
        cluster.get(PROBE)
    assert home.plugin_runs() == 2
    assert len(home.server.probes()) == 2


def test_a_plugin_learns_of_the_cluster_when_it_asks_to(home: Home) -> None:
    info = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "a"}}
    place = {"tls-server-name": "inner.test", "extensions": [info]}
    file = home.write(exec_user(GOOD, provideClusterInfo=True), place)
    Cluster.connect(file)
    asked = home.folder / "bin/plugin.asked"
    ours = json.loads(asked.read_text())
    assert ours["spec"]["cluster"]["config"] == {"audience": "a"}
    assert ours["spec"]["cluster"]["certificate-authority-data"] == b64(home.pki.ca)
    if KUBECTL:
        kubectl("--kubeconfig", file, "get", "--raw", PROBE)
        assert json.loads(asked.read_text()) == ours
    file = home.write(exec_user(GOOD, provideClusterInfo=True))
    Cluster.connect(file)
    ours = json.loads(asked.read_text())
    if KUBECTL:
        kubectl("--kubeconfig", file, "get", "--raw", PROBE)
        assert json.loads(asked.read_text()) == ours
    Cluster.connect(home.write(exec_user(GOOD)))
    assert "cluster" not in json.loads(asked.read_text())["spec"]


def test_a_plugin_on_path_gets_its_arguments(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home.folder / "bin"), prepend=os.pathsep)
    script = home.folder / "bin/by-name"
    script.write_text(f"#!/bin/sh\nprintf '%s' \"$2\" > {home.folder}/arguments\n{PLUGIN[10:]}")
    script.chmod(0o755)
    Cluster.connect(home.write(exec_user(GOOD, command="by-name", args=["a", "b c"])))
    assert (home.folder / "arguments").read_text() == "b c"


def test_a_plugin_that_hangs_is_stopped(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exec_plugin, "PATIENCE", 0.2)
    assert "gave no answer within 0.2 s" in connect_error(
        home.write(exec_user("", command="sleep", args=["5"]))
    )


def test_a_plugin_works_with_stdin_closed(home: Home) -> None:
    file = home.write(exec_user(GOOD, interactiveMode="IfAvailable"))
    program = f"from kuberoster.cluster import Cluster\nprint(Cluster.connect({file!r}).whoami())"
    done = run_python(program, before=lambda: os.close(0))
    assert (done.returncode, done.stdout.strip()) == (0, "Bearer from-plugin"), done.stderr
