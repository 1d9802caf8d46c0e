"""kuberoster reaches the cluster that kubectl reaches, with the credential that kubectl sends.

Each case is asserted for kuberoster; where `kubectl` is on PATH, it runs the same case.
"""

from dataclasses import replace

import pytest

from kuberoster.cluster import Cluster
from kuberoster.model.errors import KuberosterError
from tests.cluster.api_server import PROBE, Seen
from tests.cluster.case import REFUSES, Case
from tests.cluster.cluster_cases import CLUSTER_CASES
from tests.cluster.connect_proxy import Proxy
from tests.cluster.kubeconfigs import Home
from tests.cluster.kubectl import kubectl
from tests.cluster.user_cases import USER_CASES

CASES = [*USER_CASES, *CLUSTER_CASES]


def _prepared(case: Case, home: Home, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> str:
    user = case.user(home.pki) if callable(case.user) else case.user
    place = case.cluster(home) if callable(case.cluster) else case.cluster
    values = {"{proxy}": proxy.url, "{proxy_address}": proxy.url.removeprefix("http://")}
    for name, value in case.env.items():
        monkeypatch.setenv(name, values.get(value, value))
    return home.write(user, {key: values.get(v, v) for key, v in place.items()})


def _expected(seen: Seen, home: Home) -> Seen:
    if seen.proxy == "{address}":
        return replace(seen, proxy=f"127.0.0.1:{home.server.port}")
    return seen


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_request_carries_what_the_kubeconfig_says_or_is_not_made(
    case: Case, home: Home, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _prepared(case, home, proxy, monkeypatch)
    if isinstance(case.ours, str):
        with pytest.raises(KuberosterError) as caught:
            Cluster.connect(file).get(PROBE)
        assert case.ours in str(caught.value)
        assert home.server.received == []
        return
    cluster = Cluster.connect(file)
    assert cluster.get(PROBE) == {"kind": "Probe"}
    assert home.server.probes() == [_expected(case.ours, home)]
    assert cluster.whoami()
    cluster.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_kubectl_does_the_same_or_the_table_says_what(
    case: Case, home: Home, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _prepared(case, home, proxy, monkeypatch)
    done = kubectl("--kubeconfig", file, "get", "--raw", PROBE)
    expected = case.kubectl or case.ours
    if expected == REFUSES:
        assert done.returncode != 0
        assert home.server.probes() == []
    else:
        assert isinstance(expected, Seen)
        assert home.server.probes() == [_expected(expected, home)], done.stderr
        assert done.returncode == 0
