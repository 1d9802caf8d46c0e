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
        ({"backend": "kubernetes", "namespace": "tf"}, "secret_suffix", "web-2-users"),
    ],
)
def test_every_backend_keeps_teams_apart(
    write_project: Write,
    tmp_path: Path,
    stacks: Stacks,
    state: dict[str, str],
    setting: str,
    expected: str,
) -> None:
    project = write_project(
        tmp_path, {"state": state}, {"web-2": "USERS = []", "web": "USERS = []"}
    )

    assert synthesise(project, outdir=str(tmp_path / "out")) == 0

    made = stacks(tmp_path / "out")
    [(backend, settings)] = made["web-2"]["terraform"]["backend"].items()
    assert backend == state["backend"]
    assert settings[setting] == expected
    assert made["web"]["terraform"]["backend"][backend][setting] == expected.replace("-2", "")
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
