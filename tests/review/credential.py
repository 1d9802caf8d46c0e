"""Reviews by somebody who may do less than everything."""

from typing import Any

from tests.project import Object, Project


def as_account(project: Project, account: str, *rules: dict[str, Any]) -> None:
    """Review from now on as a ServiceAccount of `web` with these rules over the whole cluster."""
    project.kubectl("create", "serviceaccount", account, "-n", "web")
    role: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": account},
        "rules": list(rules),
    }
    project.kubectl("create", "-f", "-", given=role)
    project.kubectl(
        *("create", "clusterrolebinding", account, f"--clusterrole={account}"),
        f"--serviceaccount=web:{account}",
    )
    token = project.kubectl("create", "token", account, "-n", "web").strip()
    kubeconfig = project.folder / account
    project.environment["KUBECONFIG"] = str(kubeconfig)
    server, authority = project.control_plane.server, project.control_plane.certificate_authority
    where = [f"--server={server}", f"--certificate-authority={authority}"]
    project.kubectl("config", "set-credentials", "x", f"--token={token}")
    project.kubectl("config", "set-cluster", "x", *where)
    project.kubectl("config", "set-context", "x", "--cluster=x", "--user=x")
    project.kubectl("config", "use-context", "x")
    project.environment["KUBE_CONFIG_PATH"] = str(kubeconfig)
