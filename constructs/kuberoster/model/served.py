"""The resources that an API server knows, and the verbs by which each is asked for.

A rule of RBAC compares words, and any word may stand in it: what is not here allows nothing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from kuberoster.model.guard import DEPLOY, REVOKE, RIGHTS_GROUP, RIGHTS_RESOURCE

FILE = Path(__file__).with_name("served-1.36.json")
"""Taken from a kube-apiserver; tests/rbac/test_defaults.py writes and compares it."""

VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
"""Those of requests for resources, in the order in which people name them."""
URL_VERBS = ("get", "head", "post", "put", "patch", "delete", "options")
"""Those of requests for other URLs: the methods of HTTP."""
IDENTITIES = "authentication.k8s.io"
ALL = "*"

_RBAC, _CERTIFICATES = "rbac.authorization.k8s.io", "certificates.k8s.io"
_DISCOVERY, _DEVICES = "discovery.k8s.io", "resource.k8s.io"
_MODES = ("associated-node", "arbitrary-node", "serviceaccount", "user-info")
_NODE = {"impersonate:associated-node", "impersonate:arbitrary-node"}
_USER = {"impersonate:user-info"}
_ON_NODE = {f"{where}-node:{verb}" for where in ("associated", "arbitrary") for verb in VERBS}
_UNSAFE = "unsafe-delete-ignore-read-errors"
_KUBELET = (
    "stats",
    "metrics",
    "log",
    "checkpoint",
    "statusz",
    "pods",
    "healthz",
    "configz",
    "spec",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A resource or subresource, and the verbs that count on it."""

    group: str
    path: str
    """As a rule names it: `pods/log`."""
    verbs: frozenset[str]
    namespaced: bool
    in_namespaces: frozenset[str] = frozenset()
    """Verbs that count in a namespace too, though the resource belongs to none."""
    of_objects: bool = True
    """Whether its names are those of objects, without '/'."""
    takes_any: bool = False
    """Whether verbs count of which nothing is known here, as on a custom resource."""

    def counts(self, verb: str, *, inside: bool) -> bool:
        """Whether a verb of a rule counts on it: in a namespace, or over the cluster."""
        if verb == ALL:
            return self.namespaced or not inside or bool(self.in_namespaces)
        verb = "delete" if verb == _UNSAFE else asked_as(verb)
        if verb not in self.verbs:
            return self.takes_any and verb not in VERBS
        return self.namespaced or not inside or verb in self.in_namespaces


class Api:
    """What is served, by API group; of other groups nothing is known."""

    def __init__(self, served: Iterable[Served], version: str) -> None:
        self.version = version
        """Major and minor version of Kubernetes: `1.36`."""
        self.groups: dict[str, dict[str, Served]] = {}
        for each in served:
            self.groups.setdefault(each.group, {})[each.path] = each
        self.verbs = frozenset(chain.from_iterable(each.verbs for each in self.all()))

    def all(self) -> Iterator[Served]:
        """Everything that is known."""
        return chain.from_iterable(group.values() for group in self.groups.values())

    def plus(self, served: Iterable[Served]) -> "Api":
        """The same with more groups."""
        return Api([*self.all(), *served], self.version)

    def find(self, group: str, resource: str) -> list[Served] | None:
        """What a group and a resource of a rule stand for; None where that is not known."""
        if group != ALL:
            known = self.groups.get(group)
            return None if known is None else list(_matching(known, resource))
        everywhere = (_matching(each, resource) for each in self.groups.values())
        return list(chain.from_iterable(everywhere)) or None


def _matching(known: Mapping[str, Served], resource: str) -> Iterator[Served]:
    name, _, subresource = resource.partition("/")
    if resource == ALL:
        yield from known.values()
    elif name == ALL and subresource == "finalizers":
        yield from (_finalizers(each) for path, each in known.items() if "/" not in path)
    elif name == ALL:
        yield from (each for path, each in known.items() if path.endswith(f"/{subresource}"))
    elif resource in known:
        yield known[resource]
    elif name in known and subresource == "finalizers":
        yield _finalizers(known[name])
    elif name in known and subresource != ALL and known[name].takes_any:
        yield replace(known[name], path=resource, verbs=frozenset(VERBS))
    elif name == "userextras" and f"{name}/{ALL}" in known and subresource:
        yield replace(known[f"{name}/{ALL}"], path=resource)


def _finalizers(owner: Served) -> Served:
    """Asked before something may wait for its owner's end: OwnerReferencesPermissionEnforcement."""
    return replace(owner, path=f"{owner.path}/finalizers", verbs=frozenset({"update"}))


def asked_as(verb: str) -> str:
    """The verb of the request itself, of one that stands for it under constrained impersonation."""
    on, _, rest = verb.partition(":")
    mode, _, asked = rest.partition(":")
    return asked if on == "impersonate-on" and mode in _MODES else verb


@cache
def kubernetes() -> Api:
    """What Kubernetes itself serves, in any version of late, and what only its rules know."""
    document = load_served()
    listed = chain.from_iterable(map(_listed, document["resources"]))
    return Api([*listed, *_not_by_default(), *_not_served()], document["version"])


@cache
def load_served() -> dict[str, Any]:
    """Version, and group, name, words, scope, verbs and subresources of each resource."""
    document: dict[str, Any] = json.loads(FILE.read_bytes())
    return document


def _listed(resource: Mapping[str, Any]) -> Iterator[Served]:
    group, name, namespaced = resource["group"], resource["name"], resource["namespaced"]
    below = {f"{name}/{each}": verbs for each, verbs in resource["subresources"].items()}
    special = _ASKED.get((group, name), frozenset())
    for path, verbs in {name: [*resource["verbs"], *special], **below}.items():
        # A request for a namespace is one in it.
        of_namespace = {"get", "watch", "update", "patch", "delete"} & {*verbs}
        inside = of_namespace if name == "namespaces" else {"bind"} & special
        yield Served(
            group=group,
            path=path,
            verbs=frozenset(verbs),
            namespaced=namespaced,
            in_namespaces=frozenset(inside),
        )


_ASKED = {
    ("", "serviceaccounts"): frozenset({"impersonate"}),
    (_RBAC, "roles"): frozenset({"bind", "escalate"}),
    (_RBAC, "clusterroles"): frozenset({"bind", "escalate"}),
}
"""Verbs that no request has and that the API server asks for beside one.

pkg/registry/rbac/escalation_check.go, apiserver/pkg/endpoints/filters/impersonation.
"""


def _not_by_default() -> Iterator[Served]:
    """What some version between 1.24 and 1.37 serves where it is switched on."""
    in_namespaces = {
        _CERTIFICATES: ("podcertificaterequests",),
        "checkpoint.k8s.io": ("podcheckpoints",),
        "coordination.k8s.io": ("leasecandidates",),
        "lifecycle.k8s.io": ("evictionrequests", "evictions"),
        _DEVICES: ("podschedulingcontexts", "resourceclaimparameters", "resourceclassparameters"),
        "scheduling.k8s.io": ("compositepodgroups", "podgroups", "workloads"),
    }
    of_none = {
        _CERTIFICATES: ("clustertrustbundles",),
        "internal.apiserver.k8s.io": ("storageversions",),
        "networking.k8s.io": ("clustercidrs",),
        _DEVICES: ("devicetaintrules", "resourceclasses", "resourcepoolstatusrequests"),
        "storagemigration.k8s.io": ("storageversionmigrations",),
    }
    for namespaced, names in ((True, in_namespaces), (False, of_none)):
        for group, name in ((group, each) for group, some in names.items() for each in some):
            yield _made(group, name, VERBS, namespaced)
            yield _made(group, f"{name}/status", ("get", "update", "patch"), namespaced)
    for group in ("policy", "extensions"):
        verbs = frozenset({*VERBS, "use"})
        policies = _made(group, "podsecuritypolicies", verbs, namespaced=False)
        yield replace(policies, in_namespaces=frozenset({"use"}))


def _not_served() -> Iterator[Served]:
    """What is in no list of an API server, and asked for by it, a kubelet, a controller or us."""
    for name in ("users", "groups"):
        yield _named_freely("", name, {"impersonate"})
        yield _named_freely(IDENTITIES, name, _USER)
    for name in ("uids", f"userextras/{ALL}"):
        yield _named_freely(IDENTITIES, name, {"impersonate", *_USER})
    yield _made(IDENTITIES, "nodes", _NODE, namespaced=False)
    yield _made(IDENTITIES, "serviceaccounts", {"impersonate:serviceaccount"}, namespaced=True)
    yield _named_freely(_CERTIFICATES, "signers", {"approve", "sign", "attest"})
    for name in ("nodeclient", "selfnodeclient", "selfnodeserver"):
        path = f"certificatesigningrequests/{name}"
        yield _made(_CERTIFICATES, path, ("create",), namespaced=False)
    for name in _KUBELET:
        verbs = ("get", "create", "update", "patch", "delete")
        yield _made("", f"nodes/{name}", verbs, namespaced=False)
    # OpenShift asks for these.
    yield _made("", "endpoints/restricted", ("create", "update"), namespaced=True)
    yield _made(_DISCOVERY, "endpointslices/restricted", ("create", "update"), namespaced=True)
    yield _made(_DEVICES, "resourceclaims/binding", ("update", "patch"), namespaced=True)
    yield _made(_DEVICES, "resourceclaims/driver", _ON_NODE, namespaced=True)
    yield _made(RIGHTS_GROUP, RIGHTS_RESOURCE, (DEPLOY, REVOKE), namespaced=False)


def _made(group: str, path: str, verbs: Iterable[str], namespaced: bool) -> Served:
    return Served(group=group, path=path, verbs=frozenset(verbs), namespaced=namespaced)


def _named_freely(group: str, path: str, verbs: Iterable[str]) -> Served:
    return replace(_made(group, path, verbs, namespaced=False), of_objects=False)
