"""Where the API keeps the kinds of objects that a roster is made of."""

from kuberoster.cluster import quote_name

_CORE, _RBAC = "/api/v1", "/apis/rbac.authorization.k8s.io/v1"
_GROUPS = {
    "Namespace": _CORE,
    "ServiceAccount": _CORE,
    "Secret": _CORE,
    "ResourceQuota": _CORE,
    "Role": _RBAC,
    "RoleBinding": _RBAC,
    "ClusterRole": _RBAC,
    "ClusterRoleBinding": _RBAC,
}
KINDS = tuple(_GROUPS)
"""All kinds, those of no namespace included."""


def collection(kind: str, namespace: str | None = None) -> str:
    """The path of a kind's objects: of one namespace, or of the whole cluster."""
    place = f"/namespaces/{namespace}" if namespace else ""
    return f"{_GROUPS[kind]}{place}/{kind.lower()}s"


def object_path(kind: str, name: str, namespace: str | None = None) -> str:
    """The path of one object; ValueError for what is no name of an object."""
    return f"{collection(kind, namespace)}/{quote_name(name)}"
