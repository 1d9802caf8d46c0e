"""What is said to allow nothing allows no request that there is, and the rest allows one."""

import base64
import json
import subprocess
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from kuberoster import Rule
from kuberoster.model.served import ALL, IDENTITIES, URL_VERBS, Served, kubernetes
from kuberoster.rbac.authorizer import (
    Attributes,
    NonResourceAttributes,
    PolicyRule,
    ResourceAttributes,
)
from tests.model.test_useless_rules import (
    CERTIFICATES,
    INSIDE_NOTHING,
    INSIDE_SOMETHING,
    NOTHING,
    PARTLY,
    RBAC,
    SOMETHING,
    rule,
    urls,
)
from tests.project import Object, Project

PATHS = ("/metrics", "/healthz/etcd", "/api/v1", "/hook", "/")


def requests(names: tuple[str, ...], *, inside: bool) -> Iterator[Attributes]:
    """Every request that the API server or a kubelet knows, in `web` or over the cluster.

    One that makes an object has no name, but for the ways that the test of a real server goes.
    """
    for each in kubernetes().all():
        resource, _, subresource = each.path.partition("/")
        for verb in (verb for verb in each.verbs if each.counts(verb, inside=inside)):
            for name in _names(each, verb, names, inside=inside):
                for each_below in [subresource] if subresource != ALL else [ALL, "scopes"]:
                    yield ResourceAttributes(
                        verb=verb,
                        group=each.group,
                        resource=resource,
                        subresource=each_below,
                        name=name,
                        namespace="web" if inside else "",
                    )
    for path in PATHS if not inside else ():
        yield from (NonResourceAttributes(verb=verb, path=path) for verb in URL_VERBS)


def _names(served: Served, verb: str, names: tuple[str, ...], *, inside: bool) -> Iterator[str]:
    """The names that a request may have, with those of a rule."""
    if verb == "deletecollection" or (verb == "create" and "/" not in served.path):
        yield ""
    elif inside and served.path.startswith("namespaces"):
        yield "web"
    elif served.of_objects:
        yield from ("", *(name for name in names if not {"*", "/"} & {*name}))
        if served.group == IDENTITIES:
            yield ALL
    else:
        yield from (name for name in ("x", *names) if (served.path, name) != ("signers", ALL))


def allows(given: Rule, *, inside: bool) -> bool:
    policy = PolicyRule(
        verbs=tuple(given.verbs),
        api_groups=tuple(given.api_groups),
        resources=tuple(given.resources),
        resource_names=tuple(given.resource_names),
        non_resource_urls=tuple(given.non_resource_urls),
    )
    return any(policy.allows(asked) for asked in requests(policy.resource_names, inside=inside))


@pytest.mark.parametrize("given", [each for each, _, _ in NOTHING], ids=str)
def test_no_request_is_allowed_by_what_allows_nothing(given: Rule) -> None:
    assert not allows(given, inside=False)


@pytest.mark.parametrize("given", [each for each, _, _ in PARTLY], ids=str)
def test_a_request_is_allowed_by_the_rest_of_a_rule(given: Rule) -> None:
    assert allows(given, inside=False)


@pytest.mark.parametrize("given", INSIDE_NOTHING, ids=str)
def test_no_request_in_a_namespace_is_allowed_by_what_no_namespace_has(given: Rule) -> None:
    assert not allows(given, inside=True)


UNSEEN = {"example.com", "argoproj.io", "security.openshift.io", "metrics.k8s.io"}
BESIDE = (
    *("impersonate-on:", "unsafe-delete", "request-serviceaccounts", "*/finalizers"),
    *("deployments/finalizers", "credential-id", "widgets"),
)
"""What is asked beside a request, or of what only a cluster knows: no list of requests has it."""


def _listed(given: Rule) -> bool:
    return not UNSEEN & {*given.api_groups} and not any(each in str(given) for each in BESIDE)


@pytest.mark.parametrize("given", [each for each in SOMETHING if _listed(each)], ids=str)
def test_a_request_is_allowed_by_what_is_taken(given: Rule) -> None:
    by_name = given.resource_names and "create" in given.verbs
    assert allows(given, inside=False) or by_name


@pytest.mark.parametrize("given", [each for each in INSIDE_SOMETHING if _listed(each)], ids=str)
def test_a_request_in_a_namespace_is_allowed_by_what_is_taken_there(given: Rule) -> None:
    assert allows(given, inside=True)


class Tried(NamedTuple):
    """A rule, and a request that `kubectl` makes as somebody who has it in `web` alone."""

    rules: tuple[Rule, ...]
    request: str
    done: bool
    body: Object | None = None
    everywhere: bool = False


def _object(kind: str, name: str, version: str = "v1", **more: Any) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **more}}


_IN_WEB = "/api/v1/namespaces/web"
_LEASE = "/apis/coordination.k8s.io/v1/namespaces/web/leases"
_CREATE = "create --raw {} -f -"
_PUT = "replace --raw {} -f -"
_APPLY = "apply --server-side -n web -f -"
_FIELD = "?fieldSelector=metadata.name=there"
_LOCK = _object("Lease", "lock", "coordination.k8s.io/v1")
TRIED = {
    "a named create posts nothing": Tried(
        (rule("create", "configmaps", "", "x"),),
        _CREATE.format(f"{_IN_WEB}/configmaps"),
        False,
        _object("ConfigMap", "x"),
    ),
    "a named create and patch applies": Tried(
        (rule("create patch", "configmaps", "", "x"),),
        _APPLY,
        True,
        _object("ConfigMap", "x"),
    ),
    "a named create and patch applies no other": Tried(
        (rule("create patch", "configmaps", "", "x"),),
        _APPLY,
        False,
        _object("ConfigMap", "y"),
    ),
    "a named create and update puts a Lease": Tried(
        (rule("create update", "leases", "coordination.k8s.io", "lock"),),
        _PUT.format(f"{_LEASE}/lock"),
        True,
        _LOCK,
    ),
    "a named create and update puts no ConfigMap": Tried(
        (rule("create update", "configmaps", "", "z"),),
        _PUT.format(f"{_IN_WEB}/configmaps/z"),
        False,
        _object("ConfigMap", "z"),
    ),
    "a named deletecollection deletes none": Tried(
        (rule("deletecollection", "configmaps", "", "there"),),
        f"delete --raw {_IN_WEB}/configmaps{_FIELD}",
        False,
    ),
    "a named list lists that one": Tried(
        (rule("list", "configmaps", "", "there"),),
        f"get --raw {_IN_WEB}/configmaps{_FIELD}",
        True,
    ),
    "a pattern is no name": Tried(
        (rule("get", "configmaps", "", "the*"),), f"get --raw {_IN_WEB}/configmaps/there", False
    ),
    "get namespaces gets the own": Tried(
        (rule("get", "namespaces"),), f"get --raw {_IN_WEB}", True
    ),
    "get namespaces gets no other": Tried(
        (rule("get", "namespaces", "", "api"),), "get --raw /api/v1/namespaces/api", False
    ),
    "list namespaces lists none": Tried(
        (rule("list", "namespaces"),), "get --raw /api/v1/namespaces", False
    ),
    "watch namespaces watches the own": Tried(
        (rule("watch", "namespaces"),),
        "get --raw /api/v1/watch/namespaces/web?timeoutSeconds=1",
        True,
    ),
    "get nodes gets none": Tried((rule("get", "nodes"),), "get --raw /api/v1/nodes/n", False),
    "deployments of the core group are none": Tried(
        (rule("list", "deployments"),),
        "get --raw /apis/apps/v1/namespaces/web/deployments",
        False,
    ),
    "pods/* is no log": Tried((rule("get", "pods/*"),), f"get --raw {_IN_WEB}/pods/p/log", False),
    "*/log is a log": Tried((rule("get", "*/log"),), f"get --raw {_IN_WEB}/pods/p/log", True),
    "bind on a ClusterRole in a namespace binds it": Tried(
        (rule("bind", "clusterroles", RBAC, "view"), rule("create", "rolebindings", RBAC)),
        "create rolebinding made -n web --clusterrole=view --user=x",
        True,
    ),
    "a signer's domain approves its signers": Tried(
        (
            rule("approve", "signers", CERTIFICATES, "example.com/*"),
            rule("get", "certificatesigningrequests", CERTIFICATES),
            rule("update", "certificatesigningrequests/approval", CERTIFICATES),
        ),
        "certificate approve asked",
        True,
        everywhere=True,
    ),
    "* as a signer approves none": Tried(
        (
            rule("approve", "signers", CERTIFICATES, "*"),
            rule("get", "certificatesigningrequests", CERTIFICATES),
            rule("update", "certificatesigningrequests/approval", CERTIFICATES),
        ),
        "certificate approve refused",
        False,
        everywhere=True,
    ),
    "a resource's URL is none": Tried(
        (urls("get", "/api/v1/nodes*"),), "get --raw /api/v1/nodes", False, everywhere=True
    ),
    "* is every URL": Tried((urls("get", "*"),), "get --raw /metrics/slis", True, everywhere=True),
}


def _bound(number: int, tried: Tried) -> Iterator[Object]:
    """A role with the rules, and its binding to the user `u<number>`."""
    kind = "ClusterRole" if tried.everywhere else "Role"
    place = {} if tried.everywhere else {"namespace": "web"}
    name, version = f"u{number}", f"{RBAC}/v1"
    rules = [
        {"verbs": each.verbs, "nonResourceURLs": each.non_resource_urls}
        if each.non_resource_urls
        else {
            "verbs": each.verbs,
            "apiGroups": each.api_groups,
            "resources": each.resources,
            "resourceNames": each.resource_names,
        }
        for each in tried.rules
    ]
    yield _object(kind, name, version, **place) | {"rules": rules}
    yield _object(f"{kind}Binding", name, version, **place) | {
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": name},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": name}],
    }


def _there() -> Iterator[Object]:
    """What is asked for."""
    yield _object("ConfigMap", "there", namespace="web")
    pod = {"containers": [{"name": "c", "image": "i"}]}
    yield _object("Pod", "p", namespace="web") | {"spec": pod}
    yield _object("Node", "n")


def _is_done(project: Project, number: int, tried: Tried) -> bool:
    done = subprocess.run(
        ["kubectl", f"--as=u{number}", *tried.request.split()],
        env=project.environment,
        input=json.dumps(tried.body) if tried.body else "",
        capture_output=True,
        text=True,
        check=False,
    )
    # A pod that never ran has no log: who may ask for one is told so, and not 403.
    return not done.returncode or "does not have a host assigned" in done.stderr


def test_requests_are_answered_as_rules_are_judged(project: Project) -> None:
    objects = [each for number, one in enumerate(TRIED.values()) for each in _bound(number, one)]
    for each in (*_there(), *objects):
        project.kubectl("create", "-f", "-", given=each)
    request = project.folder / "request.csr"
    project.run(
        *("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"),
        *("-keyout", str(project.folder / "key"), "-out", str(request)),
    )
    spec = {
        "request": base64.b64encode(request.read_bytes()).decode(),
        "signerName": "example.com/one",
        "usages": ["client auth"],
    }
    for name in ("asked", "refused"):
        asked = _object("CertificateSigningRequest", name, f"{CERTIFICATES}/v1") | {"spec": spec}
        project.kubectl("create", "-f", "-", given=asked)

    done = {
        name: _is_done(project, *one)
        for name, one in zip(TRIED, enumerate(TRIED.values()), strict=True)
    }

    assert done == {name: one.done for name, one in TRIED.items()}


def test_a_custom_resource_of_a_group_without_a_dot_is_refused(project: Project) -> None:
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget"}
    schema = {"openAPIV3Schema": {"type": "object"}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    extension = "apiextensions.k8s.io/v1"
    definition = _object("CustomResourceDefinition", "widgets.example", extension) | {
        "spec": {"group": "example", "scope": "Cluster", "names": names, "versions": [version]}
    }

    said = project.kubectl("create", "-f", "-", given=definition, fails=True)

    assert "should be a domain with at least one dot" in said
