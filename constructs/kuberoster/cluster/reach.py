"""Which bindings reach the users of a roster, by any of the names that a subject can have."""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from kuberoster.model.identity import EVERYONES_GROUPS, GROUP_PREFIX, USERNAME_PREFIX, username

KUBERNETES_OWN = {
    "system:basic-user",
    "system:discovery",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
}
"""ClusterRoleBindings for everyone that each cluster has, each named like its ClusterRole.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles. Their label is no
proof: whoever can make a binding can put it on.
"""


def own_subjects(namespace: str, user: str) -> tuple[str, str]:
    """The subjects that mean this user alone, written as `reaches_users` does."""
    return f"ServiceAccount {namespace}/{user}", f"User {username(namespace, user)}"


def subjects_of(binding: Mapping[str, Any]) -> list[str]:
    """Everybody whom a binding names: `User ci`, `ServiceAccount ci/deploy`."""
    return [
        f"{each['kind']} {each['namespace']}/{each['name']}"
        if each.get("namespace")
        else f"{each['kind']} {each['name']}"
        for each in binding.get("subjects") or ()
    ]


def reaches_users(binding: Mapping[str, Any], namespaces: Container[str]) -> Iterator[str]:
    """The subjects of a binding that are, or include, ServiceAccounts of these namespaces.

    A ServiceAccount is reached as itself, as the User of its full name, and as a member of
    the groups of its namespace, of all ServiceAccounts and of all who are authenticated
    (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/).
    Kubernetes' own bindings for everyone do not count.
    """
    metadata, role = binding["metadata"], binding["roleRef"]
    own = (
        "namespace" not in metadata
        and metadata["name"] in KUBERNETES_OWN
        and (role["kind"], role["name"]) == ("ClusterRole", metadata["name"])
    )
    for subject in binding.get("subjects") or ():
        kind, name = subject["kind"], subject["name"]
        if kind == "ServiceAccount" and subject.get("namespace") in namespaces:
            yield f"ServiceAccount {subject['namespace']}/{name}"
        elif (
            kind == "User" and name.startswith(USERNAME_PREFIX) and name.split(":")[2] in namespaces
        ):
            yield f"User {name}"
        elif kind == "Group" and (
            not own
            if name in EVERYONES_GROUPS
            else name.startswith(GROUP_PREFIX) and name.removeprefix(GROUP_PREFIX) in namespaces
        ):
            yield f"Group {name}"
