"""What Terraform reads from the environment beside the settings, and where that is refused.

What each variable makes of the real provider: tests/acceptance/test_same_cluster.py.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kuberoster import KuberosterError
from kuberoster.model.environment import (
    chosen_context,
    refuse_other_cluster,
    refuse_other_terraform,
    unseen_kubeconfig,
)
from kuberoster.model.settings import ClusterSettings

Refuse = Callable[[ClusterSettings], None]

PINNED = ClusterSettings(kubeconfig="/etc/kubeconfig", context="production")
IN_A_POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("KUBE", "TF_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def _said(refuse: Refuse, cluster: ClusterSettings) -> str:
    with pytest.raises(KuberosterError) as raised:
        refuse(cluster)
    return str(raised.value)


@pytest.mark.parametrize("refuse", [refuse_other_cluster, refuse_other_terraform])
@pytest.mark.parametrize(
    "name",
    [
        "KUBE_HOST",
        "KUBE_CTX_CLUSTER",
        "KUBE_CTX_AUTH_INFO",
        "KUBE_USER",
        "KUBE_PASSWORD",
        "KUBE_TOKEN",
        "KUBE_CLIENT_CERT_DATA",
        "KUBE_CLIENT_KEY_DATA",
        "KUBE_CLUSTER_CA_CERT_DATA",
        "KUBE_INSECURE",
        "KUBE_TLS_SERVER_NAME",
        "KUBE_PROXY_URL",
        "KUBE_IN_CLUSTER_CONFIG",
    ],
)
def test_what_terraform_alone_takes_is_refused_and_never_shown(
    refuse: Refuse, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "s3cret")
    for cluster in (PINNED, ClusterSettings()):
        said = _said(refuse, cluster)
        assert said.startswith(f"environment: {name} is set, ")
        assert f"\nUnset {name}; " in said
        assert "s3cret" not in said
    monkeypatch.setenv(name, "")
    refuse(PINNED)


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("TF_WORKSPACE", "other", "TF_WORKSPACE is set: another workspace has states of its own"),
        ("TF_DATA_DIR", "/data", "TF_DATA_DIR is set: all stacks would share one folder"),
        ("TF_REATTACH_PROVIDERS", "{}", "TF_REATTACH_PROVIDERS is set: another program"),
        ("TF_LOG", "trace", "TF_LOG is 'trace', and such a log shows tokens"),
        ("TF_LOG_PROVIDER", "DEBUG", "TF_LOG_PROVIDER is 'DEBUG', and such a log shows tokens"),
        ("TF_CLI_ARGS", "-destroy", "TF_CLI_ARGS has -destroy, and"),
        ("TF_CLI_ARGS_plan", "-no-color -target=a.b", "TF_CLI_ARGS_plan has -target=a.b, and"),
        ("TF_CLI_ARGS_apply", "--lock=false", "TF_CLI_ARGS_apply has --lock=false, and"),
        ("TF_CLI_ARGS_init", "'open", "TF_CLI_ARGS_init has 'open, and"),
    ],
)
def test_what_makes_terraform_do_something_else_stops_a_synthesis_alone(
    name: str, value: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert wrong in _said(refuse_other_terraform, PINNED)
    # Nobody has to unset it before a stolen token ends.
    refuse_other_cluster(PINNED)


def test_what_changes_nothing_is_let_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "KUBE_EDITOR": "vi",
        "KUBE_NAMESPACE": "web",
        "KUBE_CTX": "production",
        "TF_CLI_ARGS_apply": "-refresh=false -parallelism=20",
        "TF_CLI_CONFIG_FILE": "/no/such/terraformrc",
        "TF_LOG": "INFO",
        "TF_PLUGIN_CACHE_DIR": "/cache",
        "TF_VAR_x": "1",
        "TF_WORKSPACE": "default",
    }.items():
        monkeypatch.setenv(name, value)
    refuse_other_terraform(PINNED)
    refuse_other_terraform(ClusterSettings())


def test_the_context_is_that_of_the_settings_or_terraforms_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert chosen_context(ClusterSettings()) is None
    monkeypatch.setenv("KUBE_CTX", "staging")
    assert chosen_context(ClusterSettings()) == "staging"
    assert chosen_context(PINNED) == "production"


def test_two_kubeconfigs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBE_CONFIG_PATH", "/etc/other")
    said = _said(refuse_other_cluster, PINNED)
    assert "KUBE_CONFIG_PATH is '/etc/other', and context.kuberoster.cluster.kubeconfig" in said
    refuse_other_cluster(ClusterSettings(context="production"))
    monkeypatch.setenv("KUBE_CONFIG_PATH", "~nobody-of-this-name/config")
    assert "KUBE_CONFIG_PATH is '~nobody-of" in _said(refuse_other_cluster, PINNED)
    monkeypatch.setenv("KUBE_CONFIG_PATH", "/etc/kubeconfig")
    refuse_other_cluster(PINNED)


@pytest.mark.parametrize("name", ["KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS"])
def test_a_kubeconfig_that_terraform_looks_for_elsewhere_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in ("kubeconfig", "../kubeconfig", "~ann/kubeconfig"):
        monkeypatch.setenv(name, value)
        assert f"{name} is {value!r}, which Terraform looks for" in _said(
            refuse_other_cluster, ClusterSettings()
        )
    for value in ("~/.kube/config", "/etc/kubeconfig"):
        monkeypatch.setenv(name, value)
        refuse_other_cluster(ClusterSettings())


def test_in_a_pod_nothing_leads_to_another_cluster_than_terraform_takes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own, any_other = ClusterSettings(), ClusterSettings(context="production")
    monkeypatch.setenv("KUBECONFIG", "/etc/other")
    refuse_other_cluster(own)  # Terraform finds no cluster at all, and bootstrap says so
    for name, value in IN_A_POD.items():
        monkeypatch.setenv(name, value)
    for refuse in (refuse_other_cluster, refuse_other_terraform):
        said = _said(refuse, own)
        assert "KUBECONFIG is '/etc/other', which Terraform does not look at: this is a pod" in said
        assert "KUBE_CONFIG_PATH=/etc/other" in said
    refuse_other_cluster(PINNED)
    monkeypatch.delenv("KUBECONFIG")
    refuse_other_cluster(own)  # the pod's own, for all
    assert "the context 'production' is asked for" in _said(refuse_other_cluster, any_other)
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").touch()
    assert "~/.kube/config is there" in _said(refuse_other_cluster, own)
    monkeypatch.setenv("KUBE_CONFIG_PATH", "~/.kube/config")
    refuse_other_cluster(own)
    refuse_other_cluster(any_other)


def _kubeconfig(file: Path, **changed: object) -> Path:
    entry = {"server": "https://10.0.0.1", "user": {"tokenFile": "token"}} | changed
    document = {
        "current-context": file.name,
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": entry["server"]}}],
        "users": [{"name": "u", "user": entry["user"]}],
    }
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(document))
    return file


@pytest.mark.parametrize(
    ("name", "changed", "entry"),
    [
        ("second", {"server": "https://10.0.0.2"}, "cluster 'c'"),
        ("second", {"user": {"token": "x"}}, "user 'u'"),
        ("second", {"user": None}, "user 'u'"),
        # The same words, and another file.
        ("deep/second", {}, "user 'u'"),
        ("deep/second", {"user": {"exec": {"command": "./ours"}}}, "user 'u'"),
    ],
)
def test_a_name_that_two_files_of_a_list_say_differently_is_refused(
    name: str,
    changed: dict[str, object],
    entry: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The provider and the backend take the last one: it was tried."""
    given = {"user": changed["user"]} if "exec" in str(changed) else {}
    first = _kubeconfig(tmp_path / "first", **given)
    later = _kubeconfig(tmp_path / name, **changed)
    monkeypatch.setenv("KUBE_CONFIG_PATHS", f"/none::{first}:{later}:")
    for refuse in (refuse_other_cluster, refuse_other_terraform):
        said = _said(refuse, ClusterSettings())
        assert f"KUBE_CONFIG_PATHS has {entry} in {first} and another one in {later}" in said
        assert f"KUBE_CONFIG_PATH={first}" in said
        refuse(PINNED)  # Terraform takes the stack's own file
    monkeypatch.setenv("KUBE_CONFIG_PATH", str(first))
    refuse_other_cluster(ClusterSettings())  # which comes before the list


def test_files_that_say_the_same_or_nothing_of_a_name_are_let_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [_kubeconfig(tmp_path / name) for name in ("first", "second")]
    os.mkfifo(tmp_path / "pipe")  # to read it would wait, or take it from whoever reads it next
    files.append(tmp_path / "pipe")
    for name, text in (("broken", "{"), ("odd", "users: [3, {name: u, user: 3}]"), ("list", "[]")):
        files.append(tmp_path / name)
        files[-1].write_text(text)
    monkeypatch.setenv("KUBE_CONFIG_PATHS", ":".join(map(str, [*files, tmp_path])))
    refuse_other_cluster(ClusterSettings())


OVERRIDING = """\
provider_installation {
  dev_overrides { "hashicorp/kubernetes" = "/tmp/own" } # mine
  direct {}
}
"""
MIRROR = """\
# dev_overrides {}
/* nor dev_overrides {} */ // dev_overrides
provider_installation {
  network_mirror { url = "https://mirror.example.com/#/" }
}
"""


@pytest.mark.parametrize(
    ("variable", "file"),
    [
        ("TF_CLI_CONFIG_FILE", "own"),
        ("TERRAFORM_CONFIG", "own"),
        ("", ".terraformrc"),
        ("", ".tofurc"),
        ("", ".terraform.d/any.tfrc"),
        ("", ".terraform.d/any.tfrc.json"),
    ],
)
def test_another_program_than_the_provider_is_refused_wherever_terraform_reads_of_it(
    variable: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    if variable:
        monkeypatch.setenv(variable, str(path))
        refuse_other_terraform(PINNED)  # it need not be there
        # Terraform looks at no other then.
        (tmp_path / ".terraformrc").write_text(OVERRIDING)
    path.write_text(MIRROR)
    refuse_other_terraform(PINNED)
    path.write_text('{"provider_installation": [{"dev_overrides": {"a/b": "/c"}}]}')
    assert f"{path} has dev_overrides: another program" in _said(refuse_other_terraform, PINNED)
    path.write_text(OVERRIDING)
    assert f"{path} has dev_overrides: another program" in _said(refuse_other_terraform, PINNED)
    refuse_other_cluster(PINNED)
    path.write_bytes(b"\xff" + OVERRIDING.encode())
    assert "has dev_overrides" in _said(refuse_other_terraform, PINNED)
    path.unlink()
    path.mkdir()
    refuse_other_terraform(PINNED)


def test_a_kubeconfig_that_terraform_does_not_look_at_is_said_with_the_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert unseen_kubeconfig(ClusterSettings()) is None
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").touch()
    for variable, file in (("", "~/.kube/config"), ("KUBECONFIG", "/a"), ("KUBECONFIG", "/a:/b")):
        if variable:
            monkeypatch.setenv(variable, file)
        said = unseen_kubeconfig(ClusterSettings(context="production")) or ""
        what = f"KUBECONFIG is {file!r}" if variable else f"{file} is there"
        assert said.startswith(f"{what}, which Terraform does not look at")
        shell = '"$KUBECONFIG"' if variable else file
        assert f" export KUBE_CONFIG_PATH{'S' if ':' in file else ''}={shell}, or" in said
    assert unseen_kubeconfig(PINNED) is None
    for name in ("KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.setenv(name, "/a")
        assert unseen_kubeconfig(ClusterSettings()) is None
        monkeypatch.delenv(name)


def test_terraforms_configuration_is_looked_for_from_where_terraform_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").write_text(OVERRIDING)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "../../../own")
    assert "own has dev_overrides" in _said(refuse_other_terraform, PINNED)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "own")
    refuse_other_terraform(PINNED)
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "deep" / "out"))
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "../../../../own")
    assert "own has dev_overrides" in _said(refuse_other_terraform, PINNED)
