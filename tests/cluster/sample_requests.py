"""Requests of every kind, and where they go."""

from collections.abc import Callable

from kuberoster.cluster import Cluster
from tests.cluster.answers import service_account
from tests.cluster.api_server import WHO

SECRETS = "/api/v1/namespaces/users/secrets"
ACCOUNT = "/api/v1/namespaces/users/serviceaccounts/ann"
ACCOUNTS = ACCOUNT.rpartition("/")[0]
ACCESS = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview"}
ROLES = "/apis/rbac.authorization.k8s.io/v1/roles"
REQUESTS: dict[str, Callable[[Cluster], object]] = {
    "get": lambda cluster: cluster.get(ACCOUNT),
    "create": lambda cluster: cluster.create(ACCOUNTS, {"metadata": {"name": "ann"}}),
    "patch": lambda cluster: cluster.patch(ACCOUNT, {"metadata": {"labels": {"a": "b"}}}),
    "replace": lambda cluster: cluster.replace(ACCOUNT, service_account(labels={"a": "b"})),
    "delete": lambda cluster: cluster.delete(ACCOUNT, "1-2"),
    "try_create": lambda cluster: cluster.try_create(ACCOUNTS, service_account()),
    "try_patch": lambda cluster: cluster.try_patch(ACCOUNT, {}),
    "list": lambda cluster: list(cluster.list(ACCOUNTS)),
    "list_metadata": lambda cluster: list(cluster.list_metadata(ACCOUNTS)),
    "review": lambda cluster: cluster.create(WHO.replace("selfsubject", "subjectaccess"), ACCESS),
    "request": lambda cluster: cluster.create(f"{ACCOUNT}/token", {"kind": "TokenRequest"}),
}
