"""Which file and which context count, and what of a kubeconfig is refused."""

import os
from pathlib import Path
from typing import Any

import pytest

from kuberoster.cluster import Cluster, kubeconfig
from tests.cluster.api_server import PROBE, Seen
from tests.cluster.kubeconfigs import (
    GOOD,
    TOKEN,
    V1,
    Home,
    Settings,
    connect_error,
    exec_credential,
    exec_user,
)
from tests.cluster.kubectl import KUBECTL, kubectl


def _three(home: Home) -> list[str]:
    """Three files: the second defines everything of the first again, and something of its own."""
    first = home.write(
        {"tokenFile": "../token"}, {"certificate-authority": "../ca.crt"}, name="a/1"
    )
    more: dict[str, Any] = {
        "current-context": "other",
        "contexts": [
            {"name": "here", "context": {"cluster": "c", "user": "other"}},
            {"name": "other", "context": {"cluster": "c", "user": "other"}},
        ],
        "users": [
            {"name": "u", "user": {"token": "second", "username": "x"}},
            {"name": "other", "user": {"tokenFile": "token"}},
        ],
    }
    second = home.write({}, name="b/2", **more)
    (home.folder / "b/token").write_text("of-b")
    return [str(home.folder / "gone"), first, "", second]


@pytest.mark.parametrize(
    ("context", "token"), [(None, "from-file"), ("here", "from-file"), ("other", "of-b")]
)
def test_a_list_of_files_is_merged_as_kubectl_merges_it(
    home: Home, monkeypatch: pytest.MonkeyPatch, context: str | None, token: str
) -> None:
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(_three(home)))
    cluster = Cluster.connect(context=context)
    cluster.get(PROBE)
    assert cluster.context == (context or "here")
    if KUBECTL:
        kubectl(*(["--context", context] if context else []), "get", "--raw", PROBE)
    assert {seen.authorization for seen in home.server.probes()} == {f"Bearer {token}"}
    assert len(home.server.probes()) == (2 if KUBECTL else 1)


def test_terraforms_variables_come_before_kubeconfig_and_a_named_file_before_both(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {token: home.write({"token": token}, name=token) for token in ("p", "ps", "k", "x")}
    (home.folder.parent / ".kube").symlink_to(home.folder)

    def seen(kubeconfig: str | None = None) -> str:
        return Cluster.connect(kubeconfig).whoami()

    home.write({"token": "default"})
    assert seen() == "Bearer default"
    monkeypatch.setenv("KUBECONFIG", files["k"])
    assert seen() == "Bearer k"
    monkeypatch.setenv("KUBE_CONFIG_PATHS", files["ps"])
    assert seen() == "Bearer ps"
    monkeypatch.setenv("KUBE_CONFIG_PATH", files["p"])
    assert seen() == "Bearer p"
    assert seen(files["x"]) == "Bearer x"


@pytest.mark.parametrize("variable", ["KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "KUBECONFIG"])
def test_a_variable_that_names_no_file_is_an_error(
    home: Home, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for file in ("/no/such/file", "~nobody-of-this-name/config"):
        monkeypatch.setenv(variable, file)
        assert f"{variable} is '{file}', and no such file exists" in connect_error()


@pytest.mark.parametrize("name", ["", "/no/such/file"])
def test_a_named_file_that_is_missing_is_an_error(home: Home, name: str) -> None:
    assert f"is '{name}', and no such file exists" in connect_error(name)


def test_without_any_kubeconfig_the_message_says_where_it_was_looked_for(home: Home) -> None:
    message = connect_error()
    for place in ("KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "KUBECONFIG", "~/.kube/config", "pod"):
        assert place in message


def test_in_a_pod_its_own_service_account_is_used_and_its_token_read_anew(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubeconfig, "IN_CLUSTER", home.folder)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(home.server.port))
    cluster = Cluster.connect()
    assert (cluster.context, cluster.server) == ("in-cluster", home.server.url)
    assert cluster.certificate_authority == home.pki.ca
    (home.folder / "token").write_text("rotated")
    cluster.get(PROBE)
    assert home.server.probes() == [Seen(authorization="Bearer rotated")]
    assert "No context 'x'" in connect_error(context="x")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no current-context"),
        (b"# only a comment", "no current-context"),
        (b"apiVersion: v1\nkind: Config\nusers: null\nclusters:\ncontexts: null\n", "no contexts"),
        (b"a: [1", "line 1, column 6: is not YAML"),
        (b"users:\n- user: {token: s3cret\n  x: }}", "is not YAML"),
        (b"\xff\x00\x01", "is not YAML"),
        (b"at: 2001-99-99", "is not YAML"),
        (b"[" * 5000, "is not YAML"),
        (b"just text", "it holds a str"),
        (b"- a\n", "it holds a list"),
        (b"kind: Secret\napiVersion: v1\n", "those have kind Config"),
        (b"users: {a: b}", "'users' must be a list of mappings"),
        (b"users: [text]", "'users' must be a list of mappings"),
        (b"users: [{user: {}}]", "each of 'users' needs"),
        (b"users: [{name: a, user: text}]", "each of 'users' needs"),
        (b"users: [{name: a}, {name: a}]", "user 'a' is there twice"),
        (b"current-context: 7", "'current-context' must be text"),
        (b"current-context: a", "no context 'a'. There are none."),
        (b"current-context: prd\ncontexts: [{name: prod}]", "Did you mean 'prod'?"),
        (b"current-context: a\ncontexts: [{name: a}]", "names no cluster"),
        (
            b"current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n",
            "names cluster 'c', which is in no file",
        ),
        (
            b"current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n"
            b"clusters: [{name: c, cluster: {server: 'https://x'}}]",
            "names no user",
        ),
        (
            b"current-context: a\ncontexts: [{name: a, context: {cluster: c, user: an}}]\n"
            b"clusters: [{name: c}]\nusers: [{name: ann}]",
            "names user 'an', which is in no file. Did you mean 'ann'?",
        ),
    ],
)
def test_a_broken_kubeconfig_is_one_clear_error_that_quotes_no_secret(
    home: Home, content: bytes, words: str
) -> None:
    file = home.folder / "broken"
    file.write_bytes(content)
    message = connect_error(str(file))
    assert words in message
    assert "s3cret" not in message


def test_a_folder_or_an_unreadable_file_is_an_error(home: Home) -> None:
    assert "Is a directory" in connect_error(str(home.folder))
    file = Path(home.write(TOKEN))
    file.chmod(0)
    if not os.access(file, os.R_OK):
        assert "Permission denied" in connect_error(str(file))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_obstacle(home: Home, encoding: str) -> None:
    file = Path(home.write(TOKEN))
    file.write_text(file.read_text(), encoding=encoding)
    assert Cluster.connect(str(file)).whoami() == "Bearer plain"
    if KUBECTL:
        assert kubectl("--kubeconfig", str(file), "get", "--raw", PROBE).returncode == 0


@pytest.mark.parametrize(
    "top",
    [
        {"users": [{"name": "u", "user": {"token": t}} for t in ("one", "two")]},
        {"users": None},
        {"current-context": "gone"},
        {"contexts": [{"name": "here", "context": {"cluster": "gone", "user": "u"}}]},
        {"contexts": [{"name": "here", "context": {"cluster": "c"}}]},
        {"apiVersion": "v2"},
        {"kind": "Secret"},
    ],
    ids=str,
)
def test_a_kubeconfig_that_kubectl_refuses_is_refused(home: Home, top: dict[str, Any]) -> None:
    file = home.write(TOKEN, **top)
    assert file in connect_error(file)
    assert home.server.received == []
    if KUBECTL:
        assert kubectl("--kubeconfig", file, "get", "--raw", PROBE).returncode != 0
        assert home.server.probes() == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://x y", "with a blank"),
        ("https://", "Write it as"),
        ("https://x:0", "Write it as"),
        ("https://x:999999", "which is no URL"),
        ("https://ann:s3cret@x", "must hold no user"),
        ("https://x/?a=b", "must hold no user"),
        ("http://api.test", "plain HTTP"),
        ("ftp://x", "Write it as"),
    ],
)
def test_a_server_that_is_no_https_url_is_refused(home: Home, url: str, words: str) -> None:
    message = connect_error(home.write(TOKEN, {"server": url}))
    assert words in message
    assert "s3cret" not in message


@pytest.mark.parametrize(
    ("user", "cluster", "words"),
    [
        ({"exec": "text"}, {}, "'exec' must be a mapping"),
        ({"exec": {"apiVersion": V1}}, {}, "names no command"),
        (exec_user(GOOD, args="text"), {}, "'args' must be a list"),
        (exec_user(GOOD, env=[{"name": "A"}]), {}, "each 'env' needs"),
        (exec_user(exec_credential(token="a b")), {}, "the token of the exec plugin holds a space"),
        (exec_user(exec_credential(token=7)), {}, "'token' must be text"),
        (exec_user(exec_credential(token="x", expirationTimestamp="soon")), {}, "that is no time"),
        ({**TOKEN, "as": "a\nb"}, {}, "that no header may hold"),
        ({**TOKEN, "as": "Zoë"}, {}, "that no header may hold"),
        ({**TOKEN, "as": "a", "as-groups": "g"}, {}, "'as-groups' must be a list"),
        (TOKEN, {"insecure-skip-tls-verify": "true"}, "must be true or false"),
        (TOKEN, {"certificate-authority": "gone"}, "No such file"),
        (TOKEN, {"proxy-url": "socks5://127.0.0.1:1"}, "SOCKS proxy"),
    ],
)
def test_a_wrong_setting_is_one_clear_error(
    home: Home, user: Settings, cluster: Settings, words: str
) -> None:
    assert words in connect_error(home.write(user, cluster))
    assert home.server.received == []
