"""Every command, main.py and Terraform speak to the same cluster, and it is the one meant.

Two real control planes, `production` and `staging`, in one kubeconfig.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from controlplane import ControlPlane
from tests.project import Project

COMMANDS = {
    "bootstrap": [],
    "kubeconfig": ["ann"],
    "can": ["ann", "get", "pods", "--live"],
    "who-can": ["get", "pods", "--live"],
    "review": ["--no-refresh"],
    "report": ["--live"],
    "drift": [],
    "revoke": ["ann", "--yes"],
    "recover": ["--yes"],
}
"""Each command in a form that contacts the cluster."""


@pytest.fixture(scope="session")
def other_control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with ControlPlane(tmp_path_factory.mktemp("other-control-plane")) as cluster:
        yield cluster


@pytest.fixture
def staging(project: Project, other_control_plane: ControlPlane) -> Project:
    """The project with both clusters in its kubeconfig; cdktf.json names `production`."""
    merged: dict[str, Any] = {"current-context": "staging"}
    for name, plane in (
        ("production", project.control_plane),
        ("staging", other_control_plane),
    ):
        own = yaml.safe_load(plane.kubeconfig.read_text())
        for kind in ("cluster", "user"):
            (entry,) = own[f"{kind}s"]
            merged.setdefault(f"{kind}s", []).append({"name": name, kind: entry[kind]})
        both = {"name": name, "context": {"cluster": name, "user": name}}
        merged.setdefault("contexts", []).append(both)
    file = project.folder / "kubeconfig"
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump(merged))
    project.configure(cluster={"kubeconfig": str(file), "context": "production"})
    del project.environment["KUBE_CONFIG_PATH"], project.environment["KUBECONFIG"]
    return project


def _values(project: Project) -> dict[str, str]:
    """For each variable a value that leads to staging, or away from the kubeconfig's cluster."""
    kubeconfig = yaml.safe_load((project.folder / "kubeconfig").read_text())
    (cluster,) = (each["cluster"] for each in kubeconfig["clusters"] if each["name"] == "staging")
    (user,) = (each["user"] for each in kubeconfig["users"] if each["name"] == "staging")

    def pem(data: str) -> str:
        return base64.b64decode(data).decode()

    return {
        "KUBE_HOST": cluster["server"],
        "KUBE_CTX_CLUSTER": "staging",
        "KUBE_CTX_AUTH_INFO": "staging",
        "KUBE_CLIENT_CERT_DATA": pem(user["client-certificate-data"]),
        "KUBE_CLIENT_KEY_DATA": pem(user["client-key-data"]),
        "KUBE_CLUSTER_CA_CERT_DATA": pem(cluster["certificate-authority-data"]),
        "KUBE_INSECURE": "true",
        "KUBE_TLS_SERVER_NAME": "other.example",
        "KUBE_PROXY_URL": "http://127.0.0.1:9",
        "KUBE_IN_CLUSTER_CONFIG": "true",
        "KUBE_CONFIG_PATH": str(_alone(project)),
    }


def _alone(project: Project) -> Path:
    """A kubeconfig of staging that has no context `production`."""
    kubeconfig = yaml.safe_load((project.folder / "kubeconfig").read_text())
    kubeconfig["contexts"] = [each for each in kubeconfig["contexts"] if each["name"] == "staging"]
    file = project.folder / "alone"
    file.write_text(yaml.safe_dump(kubeconfig))
    return file


def test_a_variable_that_leads_terraform_elsewhere_is_refused_by_all(
    staging: Project, team: str
) -> None:
    staging.write(team, 'User("ann", email="ann@example.com", access=[view("web")])')
    staging.synth()
    staging.terraform(team, "plan", "-no-color", "-input=false")
    usual = staging.environment
    for name, value in _values(staging).items():
        staging.environment = usual | {name: value}
        # What it is refused for: Terraform itself takes it, whatever the stack says.
        said = staging.terraform(team, "plan", "-no-color", "-input=false", fails=True)
        assert "Error" in said
        staging.environment = usual | {name: value}
        assert name in staging.synth(fails=True)
    staging.environment = usual | {"KUBE_CTX_CLUSTER": "staging", "KUBE_CTX_AUTH_INFO": "staging"}
    assert "KUBE_CTX_CLUSTER, KUBE_CTX_AUTH_INFO" in staging.cdktf("deploy", team, fails=True)
    for command, options in COMMANDS.items():
        shown = staging.run_any(command, *options)
        assert shown.status == 1, command
        assert "KUBE_CTX_CLUSTER, KUBE_CTX_AUTH_INFO" in shown.errors, command
    assert not _users(staging, team)


def test_terraforms_context_is_everybodys(staging: Project, team: str) -> None:
    staging.configure(cluster={"kubeconfig": str(staging.folder / "kubeconfig")})
    staging.write(team, f'User("u{team}", email="ann@example.com", access=[view("web")])')
    staging.environment["KUBE_CTX"] = "production"
    assert "cluster production at" in staging.kuberoster("bootstrap", "--same-roster")
    staging.apply(team)
    assert "the cluster is as the roster says" in staging.kuberoster("drift", team)
    assert f"u{team} at production" in staging.kuberoster("kubeconfig", f"u{team}")


def _meant(project: Project, context: str) -> None:
    """Let cdktf.json be for production by its uid, and lead to this context."""
    kubeconfig = str(project.folder / "kubeconfig")
    project.configure(cluster={"kubeconfig": kubeconfig, "context": "production"})
    assert "from now on" in project.kuberoster("bootstrap", "--same-roster")
    settings = project.folder / "cdktf.json"
    written = settings.read_text()
    assert written.count('"uid"') == 1
    assert "is for this cluster" not in project.kuberoster("bootstrap", "--same-roster")
    assert settings.read_text() == written
    settings.write_text(written.replace('"context": "production"', f'"context": "{context}"'))


def test_a_cluster_that_is_not_the_one_meant_is_refused_by_all_before_anything_is_done(
    staging: Project, team: str
) -> None:
    staging.write(team, f'User("u{team}", email="ann@example.com", access=[view("default")])')
    _meant(staging, "staging")
    with_context = ("--kubeconfig", str(staging.folder / "kubeconfig"), "--context", "staging")
    if "kuberoster-state" not in staging.kubectl("get", "namespaces", *with_context):
        staging.kubectl("create", "namespace", "kuberoster-state", *with_context)
    # Terraform itself writes an empty state; and ages differ.
    listing = ("get", "all,secrets,namespaces,rolebindings", "-A", "-o", "name", *with_context)
    before = staging.kubectl(*listing)

    for command, options in COMMANDS.items():
        named = (f"u{team}" if each == "ann" else each for each in options)
        shown = staging.run_any(command, *named)
        said = " ".join(shown.errors.split())
        assert shown.status == 1, command
        assert "is another cluster than cdktf.json is for" in said, command
    said = " ".join(staging.cdktf("deploy", team, fails=True).replace("│", "").split())

    assert "This is another cluster than cdktf.json is for" in said
    assert "context 'staging' of the kubeconfig" in said
    after = staging.kubectl(*listing).splitlines()
    assert [each for each in after if "tfstate" not in each] == before.splitlines()


def test_who_may_not_see_which_cluster_it_is_may_revoke_alone(staging: Project, team: str) -> None:
    staging.write(team, f'User("u{team}", email="ann@example.com", access=[view("web")])')
    _meant(staging, "production")
    staging.apply(team)
    with_context = ("--kubeconfig", str(staging.folder / "kubeconfig"), "--context", "production")
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": f"less-{team}"},
        "rules": [
            {"apiGroups": ["*"], "resources": [kind], "verbs": ["*"]}
            for kind in (
                "serviceaccounts",
                "secrets",
                "configmaps",
                "roles",
                "rolebindings",
                "clusterroles",
                "clusterrolebindings",
                "subjectaccessreviews",
            )
        ]
        + [
            {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list"]},
            {"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]},
            {"apiGroups": ["kuberoster.io"], "resources": ["rosters"], "verbs": ["revoke"]},
        ],
    }
    staging.kubectl("create", "-f", "-", *with_context, given=role)
    staging.kubectl("create", "serviceaccount", f"less-{team}", "-n", "default", *with_context)
    account = f"--serviceaccount=default:less-{team}"
    bind = ("create", "clusterrolebinding", f"less-{team}", f"--clusterrole=less-{team}", account)
    staging.kubectl(*bind, *with_context)
    token = staging.kubectl("create", "token", f"less-{team}", "-n", "default", *with_context)
    file = staging.folder / "kubeconfig"
    kubeconfig = yaml.safe_load(file.read_text())
    for user in kubeconfig["users"]:
        user["user"] = {"token": token.strip()}
    file.write_text(yaml.safe_dump(kubeconfig))

    shown = staging.run_any("drift")
    assert shown.status == 1
    assert "nothing says which cluster it is" in shown.errors
    assert "kuberoster job-roles prints it" in shown.errors
    shown = staging.run_any("revoke", f"u{team}", "--yes")
    assert shown.status == 0, shown
    assert "warning: context 'production'" in shown.errors
    assert "Look whether it is the one that you mean." in shown.errors
    assert "deleted: ServiceAccount" in shown.output


def test_in_a_pod_nothing_goes_to_another_cluster_than_the_deploy(
    staging: Project, team: str
) -> None:
    staging.configure()
    staging.write(team, 'User("ann", email="ann@example.com", access=[view("web")])')
    staging.environment |= {
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": "6443",
        "KUBECONFIG": str(staging.folder / "kubeconfig"),
    }
    assert "this is a pod" in staging.synth(fails=True)
    for command, options in COMMANDS.items():
        shown = staging.run_any(command, *options)
        assert shown.status == 1, command
        assert "this is a pod" in shown.errors, command


def _users(project: Project, team: str) -> list[Any]:
    production = ("--kubeconfig", str(project.folder / "kubeconfig"), "--context", "production")
    label = f"kuberoster.io/team={team}"
    return project.objects("serviceaccounts", "-A", "-l", label, *production)
