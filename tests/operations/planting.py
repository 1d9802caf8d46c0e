"""A deployed user, and Secrets that claim to be that user's."""

from tests.project import Object, Project


def names_of(project: Project) -> tuple[str, str]:
    """The one team and the one user of a project that the fixture `deployed` made."""
    (file,) = (project.folder / "users").iterdir()
    return file.stem, f"u{file.stem}"


def plant(
    project: Project, *, belongs_to: str, user: str, name: str | None = None, label: str = "new"
) -> str:
    """Make a Secret that claims to be a user's; its name."""
    team, _ = names_of(project)
    body: Object = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": name or f"{user}-{label}-zzzzz",
            "labels": {"kuberoster.io/user": user, "kuberoster.io/token": label},
            "annotations": {"kubernetes.io/service-account.name": belongs_to},
        },
    }
    project.kubectl("create", "-n", f"users-{team}", "-f", "-", given=body)
    return str(body["metadata"]["name"])


def close_default_account(project: Project, namespace: str) -> None:
    """What a deploy does with the `default` ServiceAccount, once Kubernetes has made it."""
    project.kubectl(
        "wait", "--for=create", "serviceaccount/default", "-n", namespace, "--timeout=30s"
    )
    patch: Object = {"automountServiceAccountToken": False}
    where = ["serviceaccount", "default", "-n", namespace]
    project.kubectl("patch", *where, "--type=merge", "--patch-file=/dev/stdin", given=patch)
