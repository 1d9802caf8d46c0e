"""What cdktf.json may say under context.kuberoster."""

import json
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kuberoster import KuberosterError
from kuberoster.model.errors import ProblemsError, SettingsError
from kuberoster.model.folder import load_folder
from kuberoster.model.settings import ClusterSettings, Settings, StateSettings, load_settings
from kuberoster.model.settings_file import remember

Load = Callable[[object], Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load the settings whose `context.kuberoster` is this."""

    def read(own: object) -> Settings:
        document = {"language": "python", "context": {"excludeStackIdFromLogicalIds": "true"}}
        document["context"]["kuberoster"] = own  # type: ignore[index]
        (tmp_path / "cdktf.json").write_text(json.dumps(document))
        return load_settings(tmp_path)

    return read


@pytest.mark.parametrize("text", ["{}", '{"context": {}}', '{"context": {"kuberoster": {}}}'])
def test_everything_may_be_left_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "cdktf.json").write_text(text)

    assert load_settings(tmp_path) == Settings(
        folder=tmp_path,
        cluster=ClusterSettings(
            kubeconfig=None, context=None, server=None, certificate_authority=None
        ),
        state=StateSettings(backend="kubernetes", namespace="kuberoster-state", settings={}),
    )


def test_the_roster_is_in_users_beside_cdktf_json(load: Load, tmp_path: Path) -> None:
    assert load({}).users == tmp_path / "users"


def test_the_cluster_has_four_settings(load: Load) -> None:
    cluster = {
        "kubeconfig": "~/.kube/admin",
        "context": "prod",
        "server": "https://k8s.example.com:6443",
        "certificate_authority": "ca.pem",
    }

    assert load({"cluster": cluster}).cluster == ClusterSettings(**cluster)


def test_the_states_namespace_may_be_another(load: Load) -> None:
    state = load({"state": {"namespace": "terraform"}}).state

    assert state == StateSettings(backend="kubernetes", namespace="terraform")


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        (b"", "is empty"),
        (b"AAAA", "holds no PEM certificate"),
        (
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "holds no PEM certificate",
        ),
        (b"-----BEGIN EC PRIVATE KEY-----\nAAAA\n", "holds a private key"),
        (None, "can't be read: No such file or directory"),
    ],
)
def test_a_certificate_authority_holds_certificates_and_no_key(
    load: Load, tmp_path: Path, pem: bytes | None, words: str
) -> None:
    if pem is not None:
        (tmp_path / "ca.pem").write_bytes(pem)
    settings = load({"cluster": {"certificate_authority": "ca.pem"}})
    with pytest.raises(KuberosterError, match=f"certificate_authority .*ca.pem {words}"):
        settings.authority()
    assert load({}).authority() is None


def test_a_home_folder_that_is_not_there_is_an_error(load: Load) -> None:
    settings = load({"cluster": {"certificate_authority": "~nobody-of-this-name/ca.pem"}})
    with pytest.raises(KuberosterError, match=r"ca\.pem can't be read: No such file or directory"):
        settings.authority()


def test_local_state_needs_no_path(load: Load) -> None:
    assert load({"state": {"backend": "local"}}).state.settings == {}


@pytest.mark.parametrize(
    "state",
    [
        {"backend": "local", "path": "/var/{team}.tfstate", "workspace_dir": "x"},
        {"backend": "s3", "key": "k/{team}", "bucket": "b", "use_lockfile": True, "retries": 5},
        {"backend": "pg", "schema_name": "{team}", "conn_str": "postgres://x"},
        {"backend": "http", "address": "https://x/{team}", "lock_address": "https://x/{team}/l"},
        {"backend": "remote", "organization": "o", "workspaces": {"name": "w-{team}"}},
    ],
)
def test_a_backends_own_settings_are_passed_on(load: Load, state: dict[str, object]) -> None:
    loaded = load({"state": state}).state

    assert {"backend": loaded.backend, **loaded.settings} == state


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ([], "context.kuberoster is []."),
        (None, "context.kuberoster is None."),
        ({"clusters": {}}, "context.kuberoster has no setting 'clusters'."),
        ({"cluster": "prod"}, "context.kuberoster.cluster is 'prod'."),
        ({"cluster": {"server": "k8s:6443"}}, "context.kuberoster.cluster.server is 'k8s:6443'."),
        (
            {"cluster": {"server": "http://k8s"}},
            "context.kuberoster.cluster.server is 'http://k8s'.",
        ),
        (
            {"cluster": {"server": "https://"}},
            "context.kuberoster.cluster.server is 'https://'.",
        ),
        (
            {"cluster": {"server": "https://[::1"}},
            "context.kuberoster.cluster.server is 'https://[::1', which is no URL.",
        ),
        (
            {"cluster": {"server": "https://k8s:99999"}},
            "context.kuberoster.cluster.server is 'https://k8s:99999', which is no URL.",
        ),
        (
            {"cluster": {"server": "https://k8s k8s"}},
            "context.kuberoster.cluster.server is 'https://k8s k8s', with a blank",
        ),
        (
            {"cluster": {"server": "https://ann:pw@k8s"}},
            "context.kuberoster.cluster.server must hold no user",
        ),
        ({"cluster": {"server": 7}}, "context.kuberoster.cluster.server is 7."),
        ({"cluster": {"context": ""}}, "context.kuberoster.cluster.context is ''."),
        ({"cluster": {"kubeconfig": []}}, "context.kuberoster.cluster.kubeconfig is []."),
        (
            {"cluster": {"kubeconfig": "admin.conf"}},
            "context.kuberoster.cluster.kubeconfig is 'admin.conf'.",
        ),
        (
            {"cluster": {"certificate_authority": {}}},
            "context.kuberoster.cluster.certificate_authority is {}.",
        ),
        ({"state": []}, "context.kuberoster.state is []."),
        ({"state": {"backend": "gcs"}}, "context.kuberoster.state.backend is 'gcs'."),
        ({"state": {"backend": None}}, "context.kuberoster.state.backend is None."),
        ({"state": {"backend": ["s3"]}}, "context.kuberoster.state.backend is ['s3']."),
        (
            {"state": {"namespace": "State"}},
            "context.kuberoster.state.namespace 'State' has 'S'.",
        ),
        ({"state": {"namespace": None}}, "context.kuberoster.state.namespace is None."),
        ({"state": {"key": "{team}"}}, "context.kuberoster.state has no setting 'key'."),
        (
            {"state": {"backend": "local", "path": "one.tfstate"}},
            "context.kuberoster.state.path is 'one.tfstate'.",
        ),
        ({"state": {"backend": "s3"}}, "context.kuberoster.state.key is None."),
        ({"state": {"backend": "s3", "key": "one"}}, "context.kuberoster.state.key is 'one'."),
        ({"state": {"backend": "pg", "schema_name": 7}}, "context.kuberoster.state.schema_name is"),
        (
            {"state": {"backend": "http", "address": "https://x"}},
            "context.kuberoster.state.address is 'https://x'.",
        ),
        (
            {"state": {"backend": "remote", "organization": "o"}},
            "context.kuberoster.state.workspaces is None.",
        ),
        (
            {"state": {"backend": "remote", "workspaces": "w-{team}"}},
            "context.kuberoster.state.workspaces is 'w-{team}'.",
        ),
        (
            {"state": {"backend": "remote", "workspaces": {"prefix": "w-{team}"}}},
            "context.kuberoster.state.workspaces is {'prefix': 'w-{team}'}.",
        ),
        (
            {"state": {"backend": "remote", "workspaces": {"name": "all"}}},
            "context.kuberoster.state.workspaces is {'name': 'all'}.",
        ),
    ],
)
def test_a_faulty_setting_is_named(load: Load, own: object, message: str) -> None:
    with pytest.raises(KuberosterError) as refused:
        load(own)

    assert str(refused.value).startswith(f"cdktf.json: {message}")
    assert "\n" in str(refused.value)


def test_an_unknown_setting_is_compared_with_the_known_ones(load: Load) -> None:
    with pytest.raises(KuberosterError, match=r"It has kubeconfig, .*Did you mean 'kubeconfig'\?$"):
        load({"cluster": {"kube_config": "x"}})


def test_a_backend_that_shares_a_state_is_shown_how_not_to(load: Load) -> None:
    with pytest.raises(KuberosterError, match=r"such as 'kuberoster/\{team\}\.tfstate'"):
        load({"state": {"backend": "s3", "key": "one"}})


def test_a_missing_file_is_told_where_to_be(tmp_path: Path) -> None:
    with pytest.raises(KuberosterError, match=r"cdktf\.json: no such file\.\nRun this where"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"]
)
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "cdktf.json").write_bytes(text)

    with pytest.raises(KuberosterError, match=r"cdktf\.json: can't be read as JSON: "):
        load_settings(tmp_path)


@pytest.mark.parametrize("text", ["[]", '{"context": []}', '{"context": null}'])
def test_json_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "cdktf.json").write_text(text)

    with pytest.raises(KuberosterError, match=r"^cdktf\.json: (the file|context) is .*\n"):
        load_settings(tmp_path)


def test_a_roster_has_a_name_a_cluster_a_uid_and_a_guard(load: Load) -> None:
    settings = load({"roster": "shop", "guard": True, "cluster": {"uid": "1-2"}})

    assert (settings.roster, settings.guard, settings.cluster.uid) == ("shop", True, "1-2")
    assert (load({}).roster, load({}).guard, load({}).cluster.uid) == ("main", False, None)


@pytest.mark.parametrize("own", [{"roster": "Shop"}, {"roster": ""}, {"guard": "yes"}])
def test_no_other_roster_or_guard(load: Load, own: object) -> None:
    with pytest.raises(KuberosterError, match=r"cdktf\.json: context\.kuberoster"):
        load(own)


def test_what_bootstrap_learns_is_written_beside_what_is_there(load: Load, tmp_path: Path) -> None:
    load({"cluster": {"context": "production"}, "state": {"backend": "local"}})

    assert remember(tmp_path, {"guard": True, "cluster": {"uid": "1-2"}})
    assert not remember(tmp_path, {"guard": True, "cluster": {"uid": "1-2"}})

    document = json.loads((tmp_path / "cdktf.json").read_text())
    assert document == {
        "language": "python",
        "context": {
            "excludeStackIdFromLogicalIds": "true",
            "kuberoster": {
                "cluster": {"context": "production", "uid": "1-2"},
                "state": {"backend": "local"},
                "guard": True,
            },
        },
    }


def test_what_is_written_keeps_the_files_mode_and_a_link_to_it(load: Load, tmp_path: Path) -> None:
    load({})
    link, file = tmp_path / "cdktf.json", tmp_path / "shared.json"
    link.rename(file)
    file.chmod(0o664)
    link.symlink_to(file.name)
    before = os.umask(0o777)
    try:
        remember(tmp_path, {"guard": True})
    finally:
        os.umask(before)
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o664
    assert json.loads(file.read_text())["context"]["kuberoster"] == {"guard": True}


def test_a_full_disk_costs_nothing_of_the_file_and_leaves_no_other(
    load: Load, tmp_path: Path
) -> None:
    load({})
    before = (tmp_path / "cdktf.json").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(KuberosterError, match=r"cdktf\.json: can't be written: .*\nMake room"):
            remember(tmp_path, {"guard": True})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / "cdktf.json").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["cdktf.json"]


def test_a_pipe_is_refused_unopened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cdktf.json")
    command = [sys.executable, "-m", "kuberoster.cli", "-C", str(tmp_path), "validate"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 1
    assert "cdktf.json: can't be read as JSON: it is no regular file." in done.stderr


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('{"context": {"kuberooster": {}}}', "context has 'kuberooster', which nothing reads."),
        ('{"context": {"Kube-Roster": {}}}', "context has 'Kube-Roster', which nothing reads."),
        ('{"contxt": {"kuberoster": {}}}', "the file has 'contxt', which nothing reads."),
        ('{"Context": {}}', "the file has 'Context', which nothing reads."),
        ('{"App": "x"}', "the file has 'App', which nothing reads."),
        ('{"outputs": "x"}', "the file has 'outputs', which nothing reads."),
        ('{"kuberoster": {}}', "the file has 'kuberoster', which nothing reads there."),
        ('{"context": {}, "context": {}}', "has the key 'context' twice."),
        (
            '{"context": {"kuberoster": {"cluster": {"server": "https://a"}, "cluster": {}}}}',
            "has the key 'cluster' twice.",
        ),
        ('{"x": {"y": 1, "y": 1}}', "has the key 'y' twice."),
        ('{"app": 7}', "the file.app is 7."),
    ],
)
def test_what_nothing_would_read_is_named(tmp_path: Path, text: str, wrong: str) -> None:
    (tmp_path / "cdktf.json").write_text(text)

    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path)

    assert str(refused.value).startswith(f"cdktf.json: {wrong}\n")


def test_keys_of_cdktf_and_of_others_are_none_of_our_business(tmp_path: Path) -> None:
    document = {
        "language": "python",
        "projectId": "x",
        "codeMakerOutput": "imports",
        "sendCrashReports": "false",
        "terraformProviders": [],
        "terraformModules": [],
        "watchPattern": ["*.py"],
        "context": {
            "excludeStackIdFromLogicalIds": "true",
            "allowSepCharsInLogicalIds": "true",
            "cdktfRelativeModules": [],
            "kubernetes": {"version": 1},
            "cluster": "ours",
            "roster": 7,
        },
    }
    (tmp_path / "cdktf.json").write_text(json.dumps(document))

    assert load_settings(tmp_path).roster == "main"


def test_all_that_is_wrong_with_settings_and_roster_is_said_at_once(tmp_path: Path) -> None:
    own = {
        "cluster": {"server": "http://x", "kubeconfig": "x", "contexts": "y", "uid": 7},
        "state": {"backend": "gcs"},
        "review": {"block_at": "never"},
        "guard": 1,
    }
    text = json.dumps({"context": {"kuberoster": own, "kuberooster": {}}, "output": []})
    (tmp_path / "cdktf.json").write_text(text)
    (tmp_path / "users").mkdir()
    for team in ("api", "web"):
        (tmp_path / "users" / f"{team}.py").write_text("USERS = 7")

    with pytest.raises(ProblemsError) as refused:
        load_folder(tmp_path)

    assert [str(each).split(".\n")[0] for each in refused.value.problems] == [
        "cdktf.json: context has 'kuberooster', which nothing reads",
        "cdktf.json: context.kuberoster.cluster has no setting 'contexts'",
        "cdktf.json: context.kuberoster.cluster.server is 'http://x'",
        "cdktf.json: context.kuberoster.cluster.kubeconfig is 'x'",
        "cdktf.json: context.kuberoster.cluster.uid is 7",
        "cdktf.json: context.kuberoster.state.backend is 'gcs'",
        "cdktf.json: context.kuberoster.review.block_at is 'never'",
        "cdktf.json: context.kuberoster.guard is 1",
        "cdktf.json: the file.output is []",
        "users/api.py: USERS: is 7",
        "users/web.py: USERS: is 7",
    ]


def test_a_file_that_is_no_json_hides_no_problem_of_the_roster(tmp_path: Path) -> None:
    (tmp_path / "cdktf.json").write_text("{")
    (tmp_path / "users").mkdir()
    (tmp_path / "users" / "web.py").write_text("USERS = 7")

    with pytest.raises(ProblemsError) as refused:
        load_folder(tmp_path)

    assert [Path(each.file).name for each in refused.value.problems] == ["cdktf.json", "web.py"]


def test_the_states_of_two_rosters_lie_in_two_namespaces(tmp_path: Path) -> None:
    for own, namespace in (
        ({}, "kuberoster-state"),
        ({"roster": "payments"}, "kuberoster-state-payments"),
        ({"roster": "payments", "state": {"namespace": "mine"}}, "mine"),
        ({"roster": "payments", "state": {"backend": "local"}}, "kuberoster-state-payments"),
    ):
        document = {"context": {"kuberoster": own}}
        (tmp_path / "cdktf.json").write_text(json.dumps(document))
        assert load_settings(tmp_path).state.namespace == namespace


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'\xef\xbb\xbf{"app": "x"}', "Unexpected UTF-8 BOM"),
        ('{"app": "x"}'.encode("utf-16"), "can't decode byte"),
        (b'{"context": {"kuberoster": {"state": {"x": NaN}}}}', "NaN is no number of JSON"),
        (b'{"context": {"kuberoster": {"state": {"x": -Infinity}}}}', "-Infinity is no number"),
        (b'{"context": {"kuberoster": {"state": {"x": 1e999}}}}', "1e999 is too large a number"),
    ],
)
def test_what_cdktf_can_not_read_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "cdktf.json").write_bytes(content)
    with pytest.raises(KuberosterError, match=words) as refused:
        load_settings(tmp_path)
    assert "It is one JSON object in UTF-8, without a byte order mark." in str(refused.value)


@pytest.mark.parametrize("odd", ["\\ud800", "\\u0000", "\\u001b", "\\u0085", "\\n\\n"])
@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("cluster.kubeconfig", '{"cluster": {"kubeconfig": "/a%s"}}'),
        ("cluster.context", '{"cluster": {"context": "%s"}}'),
        ("cluster.certificate_authority", '{"cluster": {"certificate_authority": "a%sb"}}'),
        ("cluster.uid", '{"cluster": {"uid": "a%s"}}'),
        ("state.bucket", '{"state": {"backend": "s3", "key": "{team}", "bucket": "%s"}}'),
        ("state.key", '{"state": {"backend": "s3", "key": "{team}%s"}}'),
        ("state.a[1].b", '{"state": {"backend": "s3", "key": "{team}", "a": ["", {"b": "%s"}]}}'),
        ("state.a", '{"state": {"backend": "s3", "key": "{team}", "a": {"%s": 1}}}'),
        ("state.path", '{"state": {"backend": "local", "path": "/{team}%s"}}'),
        ("the file.app", '{}}, "app": "a%s", "x": {"y": {}'),
        ("the file.output", '{}}, "output": "a%s", "x": {"y": {}'),
    ],
)
def test_text_that_no_program_below_can_take_is_one_problem(
    where: str, text: str, odd: str, tmp_path: Path
) -> None:
    own = text.replace("%s", odd)
    (tmp_path / "cdktf.json").write_text(f'{{"context": {{"kuberoster": {own}}}}}')
    with pytest.raises(SettingsError) as raised:
        load_settings(tmp_path)
    (problem,) = str(raised.value).split("\n\n")
    character = json.loads(f'"{odd}"')
    place = where if where.startswith("the file") else f"context.kuberoster.{where}"
    assert problem.startswith(f"cdktf.json: {place} has the character {character[0]!r}.")
    assert problem.isprintable() or problem.count("\n") == 1
