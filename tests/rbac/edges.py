"""Each way in which a rule is easily misread, with the API server's answer."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from kuberoster.rbac.authorizer import Attributes, NonResourceAttributes, ResourceAttributes
from kuberoster.rbac.policy import Identity, service_account
from tests.project import Object

RBAC = "rbac.authorization.k8s.io"
HOME = "sar-0"


class Edge(NamedTuple):
    """One rule, bound in one way, and one question."""

    rule: Object
    asked: Attributes
    allowed: bool
    binding: str = "ClusterRoleBinding"
    role: str = "ClusterRole"
    subject: Object | None = None
    identity: Identity | None = None


def rule(verbs: str, resources: str, group: str = "", names: str = "") -> Object:
    named = {"resourceNames": names.split()} if names else {}
    return {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split(), **named}


def urls(verbs: str, *paths: str) -> Object:
    return {"verbs": verbs.split(), "nonResourceURLs": list(paths)}


def ask(verb: str, path: str, namespace: str = HOME, **more: Any) -> Attributes:
    resource, _, subresource = path.partition("/")
    return ResourceAttributes(
        verb=verb, resource=resource, subresource=subresource, namespace=namespace, **more
    )


def url(verb: str, path: str) -> Attributes:
    return NonResourceAttributes(verb=verb, path=path)


def account(namespace: str, name: str) -> Identity:
    """A ServiceAccount without its groups, which other tests bind."""
    return replace(service_account(namespace, name), groups=())


_LOCAL: dict[str, Any] = {"binding": "RoleBinding"}
_ROLE: dict[str, Any] = {"binding": "RoleBinding", "role": "Role"}

EDGES = {
    "a rule allows what it names": Edge(rule("get", "pods"), ask("get", "pods"), True),
    "verb * is every verb": Edge(rule("*", "pods"), ask("escalate", "pods"), True),
    "get is not list": Edge(rule("get", "pods"), ask("list", "pods"), False),
    "asking for verb * needs verb *": Edge(rule("get list", "pods"), ask("*", "pods"), False),
    "a verb has no prefixes": Edge(
        rule("impersonate*", "users"), ask("impersonate", "users"), False
    ),
    "the core group is not every group": Edge(
        rule("get", "deployments"), ask("get", "deployments", group="apps"), False
    ),
    "group * is every group": Edge(
        rule("get", "deployments", "*"), ask("get", "deployments", group="apps"), True
    ),
    "group * is the core group too": Edge(rule("get", "pods", "*"), ask("get", "pods"), True),
    "a group has no suffixes": Edge(
        rule("get", "widgets", "*.example.com"),
        ask("get", "widgets", group="a.example.com"),
        False,
    ),
    "a resource is not its subresources": Edge(rule("get", "pods"), ask("get", "pods/log"), False),
    "a subresource is not its resource": Edge(rule("get", "pods/log"), ask("get", "pods"), False),
    "resource * has every subresource": Edge(rule("get", "*"), ask("get", "pods/log"), True),
    "*/scale is scale of each resource": Edge(
        rule("get", "*/scale"), ask("get", "deployments/scale"), True
    ),
    "*/scale is no resource": Edge(rule("get", "*/scale"), ask("get", "deployments"), False),
    "*/scale is no other subresource": Edge(
        rule("get", "*/scale"), ask("get", "deployments/autoscale"), False
    ),
    "pods/* is not every subresource": Edge(rule("get", "pods/*"), ask("get", "pods/log"), False),
    "pods/* is only itself": Edge(rule("get", "pods/*"), ask("get", "pods/*"), True),
    "*/* is not everything": Edge(rule("get", "*/*"), ask("get", "pods/log"), False),
    "resourceNames allow these names": Edge(
        rule("get", "secrets", names="x y"), ask("get", "secrets", name="y"), True
    ),
    "resourceNames allow no other name": Edge(
        rule("get", "secrets", names="x"), ask("get", "secrets", name="z"), False
    ),
    "resourceNames have no wildcard": Edge(
        rule("get", "secrets", names="*"), ask("get", "secrets", name="x"), False
    ),
    "resourceNames keep list to a field selector": Edge(
        rule("list", "secrets", names="x"), ask("list", "secrets"), False
    ),
    "list by the name in a field selector": Edge(
        rule("list", "secrets", names="x"), ask("list", "secrets", name="x"), True
    ),
    "resourceNames forbid create, which has no name": Edge(
        rule("create", "secrets", names="x"), ask("create", "secrets"), False
    ),
    "resourceNames forbid deletecollection": Edge(
        rule("deletecollection", "secrets", names="x"), ask("deletecollection", "secrets"), False
    ),
    "resourceNames count for subresources": Edge(
        rule("create", "pods/exec", names="x"), ask("create", "pods/exec", name="y"), False
    ),
    "a URL allows itself": Edge(urls("get", "/metrics"), url("get", "/metrics"), True),
    "a URL is no prefix": Edge(urls("get", "/metrics"), url("get", "/metrics/x"), False),
    "a URL with * at its end is a prefix": Edge(
        urls("get", "/metrics*"), url("get", "/metricsx/y"), True
    ),
    "a URL with /* needs the slash": Edge(urls("get", "/logs/*"), url("get", "/logs"), False),
    "several * at the end are one": Edge(urls("get", "/api**"), url("get", "/api/v1"), True),
    "URL * is every URL": Edge(urls("get", "*"), url("get", "/"), True),
    "* in the middle of a URL is only a star": Edge(urls("get", "/a*c"), url("get", "/abc"), False),
    "* in the middle of a URL before one at the end": Edge(
        urls("get", "/a*c*"), url("get", "/abcd"), False
    ),
    "a URL needs its verb": Edge(urls("get", "*"), url("post", "/x"), False),
    "a resource rule allows no URL": Edge(rule("*", "*", "*"), url("get", "/metrics"), False),
    "a URL rule allows no resource": Edge(urls("*", "*"), ask("get", "pods"), False),
    "a RoleBinding to a ClusterRole counts in its namespace": Edge(
        rule("get", "pods"), ask("get", "pods"), True, **_LOCAL
    ),
    "a RoleBinding counts in no other namespace": Edge(
        rule("get", "pods"), ask("get", "pods", "sar-1"), False, **_LOCAL
    ),
    "a RoleBinding does not count for all namespaces": Edge(
        rule("get", "pods"), ask("get", "pods", ""), False, **_LOCAL
    ),
    "a RoleBinding can't grant what belongs to no namespace": Edge(
        rule("*", "*", "*"), ask("get", "nodes", ""), False, **_LOCAL
    ),
    "a RoleBinding can't grant URLs": Edge(
        urls("get", "/metrics"), url("get", "/metrics"), False, **_LOCAL
    ),
    "a Role counts in its namespace": Edge(rule("get", "pods"), ask("get", "pods"), True, **_ROLE),
    "a Role counts in no other namespace": Edge(
        rule("get", "pods"), ask("get", "pods", "sar-1"), False, **_ROLE
    ),
    "a RoleBinding reads its own namespace": Edge(
        rule("get", "namespaces"), ask("get", "namespaces", HOME, name=HOME), True, **_LOCAL
    ),
    "a ServiceAccount without a namespace is of the binding's": Edge(
        rule("get", "pods"),
        ask("get", "pods"),
        True,
        **_LOCAL,
        subject={"kind": "ServiceAccount", "name": "edge-account"},
        identity=account(HOME, "edge-account"),
    ),
    "a ServiceAccount of another namespace is another": Edge(
        rule("get", "pods"),
        ask("get", "pods", group=""),
        False,
        subject={"kind": "ServiceAccount", "name": "edge-other", "namespace": "sar-1"},
        identity=account(HOME, "edge-other"),
    ),
    "a ServiceAccount is a User of its full name": Edge(
        rule("get", "pods"),
        ask("get", "pods"),
        True,
        subject={
            "apiGroup": RBAC,
            "kind": "User",
            "name": f"system:serviceaccount:{HOME}:edge-full",
        },
        identity=account(HOME, "edge-full"),
    ),
    "the group of a namespace is not that of another": Edge(
        rule("get", "edges"),
        ask("get", "edges"),
        False,
        subject={"apiGroup": RBAC, "kind": "Group", "name": "system:serviceaccounts:edge"},
        identity=Identity(username="x", groups=service_account("edge-2", "x").groups[1:2]),
    ),
    "the group of a namespace has its accounts": Edge(
        rule("get", "edges"),
        ask("get", "edges"),
        True,
        subject={"apiGroup": RBAC, "kind": "Group", "name": "system:serviceaccounts:edge-1"},
        identity=Identity(username="x", groups=service_account("edge-1", "x").groups[1:2]),
    ),
    "a User is no Group": Edge(
        rule("get", "pods"),
        ask("get", "pods"),
        False,
        subject={"apiGroup": RBAC, "kind": "User", "name": "edge-crew"},
        identity=Identity(username="edge-member", groups=("edge-crew",)),
    ),
}


def name_of(edge: str) -> str:
    return f"edge-{list(EDGES).index(edge)}"


def identity_of(edge: str) -> Identity:
    return EDGES[edge].identity or Identity(username=name_of(edge), groups=())


def objects_of(edge: str) -> Iterator[Object]:
    """The role and the binding of an edge."""
    name, spec = name_of(edge), EDGES[edge]
    user = {"apiGroup": RBAC, "kind": "User", "name": name}
    home = {"namespace": HOME}
    yield {
        "kind": spec.role,
        "metadata": {"name": name, **(home if spec.role == "Role" else {})},
        "rules": [spec.rule],
    }
    yield {
        "kind": spec.binding,
        "metadata": {"name": name, **(home if spec.binding == "RoleBinding" else {})},
        "roleRef": {"apiGroup": RBAC, "kind": spec.role, "name": name},
        "subjects": [spec.subject or user],
    }
