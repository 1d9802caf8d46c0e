"""Where the state of each team lies, and how Terraform reaches the cluster."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kuberoster.constructs import synthesise

Write = Callable[[Path, Mapping[str, Any], Mapping[str, str]], Path]
Stacks = Callable[[Path], dict[str, Any]]


@pytest.mark.parametrize(
    ("state", "setting", "expected"),
    [
        ({"backend": "local"}, "path", "../../../terraform.web-2.tfstate"),
        ({"backend": "local", "path": "/s/{team}"}, "path", "/s/web-2"),
        ({"backend": "s3", "key": "k/{team}.tfstate", "bucket": "b"}, "key", "k/web-2.tfstate"),
        ({"backend": "pg", "schema_name": "s_{team}"}, "schema_name", "s_web-2"),
        ({"backend": "http", "address": "https://x/{team}"}, "address", "https://x/web-2"),
        (
            {"backend": "remote", "organization": "o", "workspaces": {"name": "w-{team}"}},
            "workspaces",
            {"name": "w-web-2"},
        ),
        ({"backend": "kubernetes", "namespace": "tf"}, "secret_suffix", "web-2-users"),
    ],
)
def test_every_backend_keeps_teams_apart(
    write_project: Write,
    tmp_path: Path,
    stacks: Stacks,
    state: dict[str, Any],
    setting: str,
    expected: Any,
) -> None:
    project = write_project(
        tmp_path, {"state": state}, {"web-2": "USERS = []", "web": "USERS = []"}
    )

    assert synthesise(project, outdir=str(tmp_path / "out")) == 0

    made = stacks(tmp_path / "out")
    [(backend, settings)] = made["web-2"]["terraform"]["backend"].items()
    assert backend == state["backend"]
    assert settings[setting] == expected
    others = made["web"]["terraform"]["backend"][backend][setting]
    assert str(others) == str(expected).replace("-2", "")
    if "bucket" in state:
        assert settings["bucket"] == "b"


def test_the_clusters_settings_reach_provider_and_backend(
    write_project: Write, tmp_path: Path, stacks: Stacks
) -> None:
    cluster = {"kubeconfig": "~/.kube/admin", "context": "prod"}
    project = write_project(tmp_path, {"cluster": cluster}, {"web": "USERS = []"})

    assert synthesise(project, outdir=str(tmp_path / "out")) == 0

    stack = stacks(tmp_path / "out")["web"]
    wanted = {"config_path": "~/.kube/admin", "config_context": "prod"}
    assert stack["provider"]["kubernetes"] == [wanted]
    assert wanted.items() <= stack["terraform"]["backend"]["kubernetes"].items()


def test_an_existing_namespace_is_read_and_not_made(
    write_project: Write, tmp_path: Path, stacks: Stacks
) -> None:
    text = 'USERS = [User("ann", email="a@b.c")]\nTEAM = Team(existing_namespace=True)'

    assert synthesise(write_project(tmp_path, {}, {"web": text}), outdir=str(tmp_path / "out")) == 0

    stack = stacks(tmp_path / "out")["web"]
    assert "kubernetes_namespace_v1" not in stack["resource"]
    assert stack["data"]["kubernetes_namespace_v1"]["web"]["metadata"] == {"name": "users-web"}
    assert (
        "kubernetes_resource_quota_v1.web"
        in (stack["resource"]["kubernetes_service_account_v1"]["ann"]["depends_on"])
    )


def test_teams_named_in_the_environment_are_synthesised_alone(
    write_project: Write, tmp_path: Path, stacks: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_project(tmp_path, {}, dict.fromkeys(("api", "ops", "web"), "USERS = []"))

    monkeypatch.setenv("KUBEROSTER_TEAMS", "web api")
    assert synthesise(project, outdir=str(tmp_path / "out")) == 0

    assert list(stacks(tmp_path / "out")) == ["api", "web"]


def test_a_team_that_is_not_there_synthesises_nothing(
    write_project: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project = write_project(tmp_path, {}, {"web": "USERS = []"})

    monkeypatch.setenv("KUBEROSTER_TEAMS", "wbe")
    assert synthesise(project, outdir=str(tmp_path / "out")) == 1

    assert "'wbe'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_problem_of_another_team_is_found_too(
    write_project: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project = write_project(tmp_path, {}, {"web": "USERS = []", "api": "USERS = [User('Ann')]"})

    monkeypatch.setenv("KUBEROSTER_TEAMS", "web")
    assert synthesise(project, outdir=str(tmp_path / "out")) == 1

    assert "users/api.py: user 'Ann'" in capsys.readouterr().err
