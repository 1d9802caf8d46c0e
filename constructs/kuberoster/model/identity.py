"""What the API server calls whoever holds a ServiceAccount's token.

https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
"""

USERNAME_PREFIX = "system:serviceaccount:"
GROUP_PREFIX = "system:serviceaccounts:"
EVERYONES_GROUPS = ("system:serviceaccounts", "system:authenticated")
"""The groups that every ServiceAccount is in."""


def username(namespace: str, name: str) -> str:
    """The user name of a ServiceAccount."""
    return f"{USERNAME_PREFIX}{namespace}:{name}"


def namespace_group(namespace: str) -> str:
    """The group of all ServiceAccounts of a namespace, `default` included."""
    return f"{GROUP_PREFIX}{namespace}"


def groups(namespace: str) -> tuple[str, str, str]:
    """The groups of each ServiceAccount of a namespace."""
    all_accounts, authenticated = EVERYONES_GROUPS
    return all_accounts, namespace_group(namespace), authenticated
