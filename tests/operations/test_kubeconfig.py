"""`kuberoster kubeconfig`: whose token it takes, and where it writes it."""

import base64
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Callable

import yaml

from tests.operations.planting import names_of, plant
from tests.project import Object, Project, paused_controllers

Make = Callable[[str], Project]


def test_it_is_what_kubectl_needs_to_be_that_user(deployed: Project) -> None:
    _, user = names_of(deployed)
    said = deployed.kuberoster("kubeconfig", user)
    file = deployed.folder / f"{user}.kubeconfig"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = yaml.safe_load(file.read_text())
    assert written["contexts"][0]["context"]["namespace"] == "web"
    assert written["users"][0]["user"]["token"] == deployed.token(user, "new")
    assert written["users"][0]["user"]["token"] not in said
    who = deployed.kubectl("--kubeconfig", str(file), "auth", "whoami", "-o", "name")
    assert "selfsubjectreview" in who
    assert deployed.kubectl("--kubeconfig", str(file), "get", "pods")
    deployed.kubectl("--kubeconfig", str(file), "get", "pods", "-n", "api", fails=True)
    assert [path.name for path in deployed.folder.glob(".*kubeconfig*")] == []


def test_a_revoked_user_gets_none_though_everything_is_there(deployed: Project) -> None:
    team, user = names_of(deployed)
    mark = f'{{"when": "2026-11-28T01:00:00Z", "by": "eve", "namespace": "users-{team}"}}'
    found = deployed.objects("configmaps", "-n", "kuberoster-state")
    if "revoked-users" not in {each["metadata"]["name"] for each in found}:
        deployed.kubectl("create", "configmap", "revoked-users", "-n", "kuberoster-state")
    deployed.kubectl(
        "patch", "configmap", "revoked-users", "-n", "kuberoster-state", "--type=merge",
        "--patch-file=/dev/stdin", given={"data": {user: mark}},
    )  # fmt: skip
    for where in ([], ["--in", f"users-{team}"]):
        said = deployed.kuberoster("kubeconfig", user, *where, fails=True)
        assert f"user '{user}': revoked on 2026-11-28T01:00:00Z by eve." in said
        assert f"kuberoster revoke {user} --lift" in said
    assert not (deployed.folder / f"{user}.kubeconfig").exists()


def test_it_takes_the_token_asked_for(deployed: Project) -> None:
    _, user = names_of(deployed)
    deployed.kuberoster("kubeconfig", user, "--token", "old", "-o", "f")
    written = yaml.safe_load((deployed.folder / "f").read_text())
    assert written["users"][0]["user"]["token"] == deployed.token(user, "old")
    said = deployed.kuberoster("kubeconfig", user, "--token", "odl", "-o", "g", fails=True)
    assert "Its tokens are old, new. Did you mean 'old'?" in said


def test_a_user_of_another_app_is_had_by_the_namespace(
    deployed: Project, new_project: Make
) -> None:
    """`Team(name=..., roster=...)` in somebody's own CDKTF app: here no users/ names the user."""
    team, user = names_of(deployed)
    app = new_project("app")
    (app.folder / "users").rmdir()
    said = app.kuberoster("kubeconfig", user, "--in", f"users-{team}")
    assert f"{user}.kubeconfig: {user} at " in said
    written = yaml.safe_load((app.folder / f"{user}.kubeconfig").read_text())
    assert written["users"][0]["user"]["token"] in {
        deployed.token(user, label) for label in ("old", "new")
    }
    app.kuberoster("kubeconfig", user, "--in", f"users-{team}", "--token", "old", "-o", "f")
    written = yaml.safe_load((app.folder / "f").read_text())
    assert written["users"][0]["user"]["token"] == deployed.token(user, "old")
    for name, namespace, why in (
        (user, "web", "namespace web has no ServiceAccount that kuberoster made for it"),
        ("default", f"users-{team}", "name 'default' is reserved"),
        (user, "a/b", "namespace 'a/b' has '/'"),
    ):
        assert why in app.kuberoster("kubeconfig", name, "--in", namespace, "-o", "g", fails=True)
    app.kubectl("create", "serviceaccount", "theirs", "-n", f"users-{team}")
    said = app.kuberoster("kubeconfig", "theirs", "--in", f"users-{team}", fails=True)
    assert "has no ServiceAccount that kuberoster made for it" in said


def test_a_planted_secret_of_another_account_is_named_and_never_used(deployed: Project) -> None:
    team, user = names_of(deployed)
    deployed.kubectl("create", "serviceaccount", "mallory", "-n", f"users-{team}")
    planted = plant(deployed, belongs_to="mallory", user=user)
    said = deployed.kuberoster("kubeconfig", user, fails=True)
    assert f"users-{team}/{planted}" in said
    assert "mallory" in said
    assert not (deployed.folder / f"{user}.kubeconfig").exists()


def test_a_second_secret_of_the_same_account_is_named_and_never_used(deployed: Project) -> None:
    team, user = names_of(deployed)
    planted = plant(deployed, belongs_to=user, user=user)
    # It becomes a candidate as soon as the token controller has given it a token.
    deployed.kubectl(
        "wait",
        f"secret/{planted}",
        "-n",
        f"users-{team}",
        "--for=jsonpath={.data.token}",
        "--timeout=30s",
    )
    said = deployed.kuberoster("kubeconfig", user, fails=True)
    assert "2 Secrets hold a token 'new'" in said
    assert f"users-{team}/{planted}" in said
    assert not (deployed.folder / f"{user}.kubeconfig").exists()


def test_a_secret_of_another_namespace_does_not_count(deployed: Project) -> None:
    _, user = names_of(deployed)
    deployed.kubectl("create", "serviceaccount", user, "-n", "api")
    body: Object = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": f"{user}-new-aaaaa",
            "labels": {"kuberoster.io/user": user, "kuberoster.io/token": "new"},
            "annotations": {"kubernetes.io/service-account.name": user},
        },
    }
    deployed.kubectl("create", "-n", "api", "-f", "-", given=body)
    deployed.kuberoster("kubeconfig", user)
    who = deployed.kubectl(
        "--kubeconfig", str(deployed.folder / f"{user}.kubeconfig"), "auth", "whoami", "-o", "yaml"
    )
    assert f"system:serviceaccount:users-{names_of(deployed)[0]}:{user}" in who


def test_a_token_that_somebody_wrote_into_the_secret_is_refused(deployed: Project) -> None:
    team, user = names_of(deployed)
    deployed.kubectl("create", "serviceaccount", "mallory", "-n", f"users-{team}")
    plant(deployed, belongs_to="mallory", user="mallory", label="new")
    theirs = ["-l", "kuberoster.io/user=mallory"]
    deployed.kubectl(
        "wait",
        "secret",
        *theirs,
        "-n",
        f"users-{team}",
        "--for=jsonpath={.data.token}",
        "--timeout=30s",
    )
    (other,) = deployed.objects(
        "secrets", "-n", f"users-{team}", "-l", "kuberoster.io/user=mallory"
    )
    secret = deployed.secrets(user)["new"]
    patch: Object = {"data": {"token": other["data"]["token"]}}
    where = ["secret", secret, "-n", f"users-{team}"]
    deployed.kubectl("patch", *where, "--patch-file", "/dev/stdin", given=patch)
    said = deployed.kuberoster("kubeconfig", user, fails=True)
    assert f"users-{team}/{secret}" in said
    assert f"system:serviceaccount:users-{team}:mallory" in said


def test_who_is_not_there_is_told_why(new_project: Make) -> None:
    project = new_project("absent")
    project.write("absent", 'User("nobody", email="n@example.com")')
    said = project.kuberoster("kubeconfig", "noboby", fails=True)
    assert said == "no such user: 'noboby'. Did you mean 'nobody'?\n"
    said = project.kuberoster("kubeconfig", "nobody", fails=True)
    assert "Deploy first: cdktf deploy absent" in said
    project.configure(cluster={"context": "kuberoster-dem"})
    said = project.kuberoster("kubeconfig", "nobody", fails=True)
    assert "kuberoster-demo" in said
    assert "Traceback" not in said


def test_without_the_right_or_the_cluster_it_says_so(deployed: Project) -> None:
    _, user = names_of(deployed)
    deployed.kuberoster("kubeconfig", user, "-o", "mine")
    deployed.environment["KUBE_CONFIG_PATH"] = str(deployed.folder / "mine")
    said = deployed.kuberoster("kubeconfig", user, "-o", "other", fails=True)
    assert 'cannot get resource "configmaps"' in said  # whether the user is revoked
    nowhere = (
        (deployed.folder / "mine")
        .read_text()
        .replace(deployed.control_plane.server, "https://127.0.0.1:1")
    )
    (deployed.folder / "mine").write_text(nowhere)
    said = deployed.kuberoster("kubeconfig", user, "-o", "other", fails=True)
    assert "connection refused" in said
    assert "Traceback" not in said
    assert not (deployed.folder / "other").exists()


def test_a_file_of_somebody_else_is_never_overwritten(deployed: Project) -> None:
    _, user = names_of(deployed)
    file = deployed.folder / "config"
    for content in (b"", b"apiVersion: v1\n", b"\xff", b"extensions: 3\n", b"- a\n"):
        file.write_bytes(content)
        said = deployed.kuberoster("kubeconfig", user, "-o", "config", fails=True)
        assert "is not overwritten" in said
        assert file.read_bytes() == content
    file.unlink()
    deployed.kuberoster("kubeconfig", user, "-o", "config")
    deployed.kuberoster("kubeconfig", user, "--token", "old", "-o", "config")
    theirs = file.read_text().replace(f"user: {user}\n", "user: other\n")
    file.write_text(theirs)
    said = deployed.kuberoster("kubeconfig", user, "-o", "config", fails=True)
    assert "is the kubeconfig of 'other'" in said


def test_it_goes_into_a_regular_file_and_nowhere_else(deployed: Project) -> None:
    _, user = names_of(deployed)
    (deployed.folder / "link").symlink_to(deployed.folder / "target")
    os.mkfifo(deployed.folder / "pipe")
    for target in ("/dev/stdout", "/dev/tty", "/dev/null", ".", "link", "pipe"):
        said = deployed.kuberoster("kubeconfig", user, "-o", target, fails=True)
        assert "is no regular file" in said
    assert "there is no folder" in deployed.kuberoster(
        "kubeconfig", user, "-o", "no/such/file", fails=True
    )
    assert not (deployed.folder / "target").exists()


def test_it_waits_for_the_token_with_progress_on_a_terminal_only_and_gives_up_clearly(
    new_project: Make,
) -> None:
    project = new_project("waits")
    project.write("waits", 'User("walt", email="w@example.com")')
    script = (
        "import sys\n"
        "from kuberoster.cli import main\n"
        "from kuberoster.operations import token\n"
        "token.find_token.__kwdefaults__['wait_seconds'] = 3.0\n"
        "sys.exit(main(['kubeconfig', 'walt']))\n"
    )

    def run(stderr: int) -> "subprocess.CompletedProcess[bytes]":
        command = [sys.executable, "-c", script]
        return subprocess.run(
            command,
            cwd=project.folder,
            env=project.environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            check=False,
        )

    with paused_controllers(project.control_plane):
        project.create()
        quiet = run(subprocess.PIPE)
        leader, follower = pty.openpty()
        shown = run(follower)
    progress = os.read(leader, 4096)
    os.close(leader)
    os.close(follower)
    assert (quiet.returncode, shown.returncode) == (1, 1)
    assert quiet.stderr.startswith(b"user 'walt': Kubernetes made no token for 'main' in 3 s.")
    assert b"waiting for Kubernetes to make the token of walt: 2 s" in progress
    # Terraform does not wait for the token either; the command does, and then has it.
    project.kuberoster("kubeconfig", "walt")


def test_server_and_authority_of_cdktf_json_win_over_the_administrator_s(
    deployed: Project,
) -> None:
    _, user = names_of(deployed)
    authority = deployed.control_plane.certificate_authority.read_bytes()
    (deployed.folder / "ca.pem").write_bytes(authority + b"# public\n")
    deployed.configure(
        cluster={"server": "https://kubernetes.example.com", "certificate_authority": "ca.pem"}
    )
    (deployed.folder / "ca.pem").rename(deployed.folder / "kept")
    assert "ca.pem can't be read" in deployed.kuberoster("kubeconfig", user, fails=True)
    (deployed.folder / "ca.pem").write_bytes(b"no certificate")
    assert "ca.pem holds no PEM certificate" in deployed.kuberoster("kubeconfig", user, fails=True)
    (deployed.folder / "kept").rename(deployed.folder / "ca.pem")
    deployed.kuberoster("kubeconfig", user, "--untried")
    written = yaml.safe_load((deployed.folder / f"{user}.kubeconfig").read_text())
    cluster = written["clusters"][0]["cluster"]
    assert cluster["server"] == "https://kubernetes.example.com"
    assert set(cluster) == {"server", "certificate-authority-data"}
    assert base64.b64decode(cluster["certificate-authority-data"]).endswith(b"# public\n")


def test_where_git_would_take_it_nothing_is_written_but_with_force(deployed: Project) -> None:
    _, user = names_of(deployed)
    deployed.run("git", "init", "--quiet")
    said = deployed.kuberoster("kubeconfig", user, fails=True)
    assert f"{user}.kubeconfig: git would take it into the repository" in said
    assert "`*.kubeconfig`" in said
    assert not (deployed.folder / f"{user}.kubeconfig").exists()
    deployed.kuberoster("kubeconfig", user, "--force")
    (deployed.folder / f"{user}.kubeconfig").unlink()
    (deployed.folder / ".gitignore").write_text("*.kubeconfig\n")
    deployed.kuberoster("kubeconfig", user)
    said = deployed.kuberoster("kubeconfig", user, "-o", "json", fails=True)
    assert "is no file's name, but what other commands take for a format" in said
    assert not (deployed.folder / "json").exists()
