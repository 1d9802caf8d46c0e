"""What whoever wants to stay in a cluster would make, and the rights that it takes."""

from dataclasses import dataclass

_CORE, _RBAC, _CERTIFICATES = "", "rbac.authorization.k8s.io", "certificates.k8s.io"


@dataclass(frozen=True, slots=True)
class Right:
    """A verb on a resource, with its subresource, of an API group."""

    verb: str
    resource: str
    group: str = _CORE

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}"


def _rights(group: str, verbs: str, resources: str) -> list[Right]:
    return [Right(verb, name, group) for name in resources.split() for verb in verbs.split()]


_WRITE = "create update patch"
WAYS_IN: dict[str, list[Right]] = {
    "tokens of other ServiceAccounts": _rights(_CORE, "create", "serviceaccounts/token"),
    "token Secrets": _rights(_CORE, _WRITE, "secrets"),
    # The API server answers with the object to these also where nothing is deleted (dry run).
    "copies of tokens in Secrets": _rights(
        _CORE, "get list watch delete deletecollection", "secrets"
    ),
    "ServiceAccounts": _rights(_CORE, "create", "serviceaccounts"),
    "bindings": _rights(_RBAC, _WRITE, "rolebindings clusterrolebindings"),
    "roles": _rights(_RBAC, f"{_WRITE} bind escalate", "roles clusterroles"),
    "certificates": _rights(_CERTIFICATES, "create", "certificatesigningrequests")
    + _rights(_CERTIFICATES, "update patch", "certificatesigningrequests/approval")
    + _rights(_CERTIFICATES, "update patch", "certificatesigningrequests/status")
    + _rights(_CERTIFICATES, "approve sign", "signers"),
    "pods, which run as any ServiceAccount of their namespace": _rights(_CORE, _WRITE, "pods")
    + _rights(_CORE, "create get", "pods/exec pods/attach nodes/proxy")
    + _rights(_CORE, "update patch", "pods/ephemeralcontainers")
    + _rights(_CORE, _WRITE, "replicationcontrollers")
    + _rights("apps", _WRITE, "deployments statefulsets daemonsets replicasets")
    + _rights("batch", _WRITE, "jobs cronjobs"),
    "webhooks, policies and API servers that see or change what others send": _rights(
        "admissionregistration.k8s.io",
        f"{_WRITE} delete deletecollection",
        "mutatingwebhookconfigurations validatingwebhookconfigurations "
        "validatingadmissionpolicies validatingadmissionpolicybindings "
        "mutatingadmissionpolicies mutatingadmissionpolicybindings",
    )
    + _rights("apiregistration.k8s.io", _WRITE, "apiservices"),
    "requests as others": _rights(_CORE, "impersonate", "users groups serviceaccounts")
    + _rights("authentication.k8s.io", "impersonate", "uids userextras"),
}
"""What can be made, and each right that suffices for it."""
CLUSTER_SCOPED = {
    "nodes/proxy",
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "apiservices",
    "clusterroles",
    "clusterrolebindings",
    "certificatesigningrequests",
    "certificatesigningrequests/approval",
    "certificatesigningrequests/status",
    "signers",
    "users",
    "groups",
    "uids",
    "userextras",
}
"""Of no namespace: there a right counts only when it holds in the whole cluster."""
