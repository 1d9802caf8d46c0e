"""Rules that allow nothing are named, and no rule that allows something is."""

from typing import Any

import pytest

from kuberoster import Grant, Role, Rule
from kuberoster.model.access import access_faults
from kuberoster.model.served import Served, kubernetes
from kuberoster.model.useless import unknown_groups, useless_faults

RBAC = "rbac.authorization.k8s.io"
WHO = "authentication.k8s.io"
CERTIFICATES = "certificates.k8s.io"
PODS = "'pods/attach', 'pods/binding', 'pods/ephemeralcontainers', 'pods/eviction', 'pods/exec', "


def rule(verbs: str, resources: str, groups: str = "", names: str = "") -> Rule:
    return Rule(verbs.split(), resources.split(), groups.split(",") or [""], names.split())


def urls(verbs: str, *paths: str) -> Rule:
    return Rule(verbs.split(), non_resource_urls=paths)


def everywhere(*rules: Rule) -> Grant:
    return Role("r", rules).cluster_wide()


def within(*rules: Rule) -> Grant:
    return Role("r", rules)("web")


def useless(*access: Grant) -> list[str]:
    assert list(access_faults(access)) == []
    return [fault.wrong.removeprefix("Role 'r': ") for fault in useless_faults(access)]


def mend(grant: Grant) -> str:
    return " ".join(fault.mend for fault in useless_faults((grant,)))


NOTHING: list[tuple[Rule, str, str]] = [
    (
        rule("get", "deployments"),
        "resources has 'deployments', which the core group does not have",
        "It is in another group: api_groups=['apps'].",
    ),
    (
        rule("get", "pod"),
        "resources has 'pod', which the core group does not have",
        "Did you mean 'pods'?",
    ),
    (
        rule("get", "deploy", "apps"),
        "resources has 'deploy', which 'apps' does not have",
        "Did you mean 'deployments'?",
    ),
    (
        rule("get", "deploymnets", "apps"),
        "resources has 'deploymnets', which 'apps' does not have",
        "Did you mean 'deployments'?",
    ),
    (
        rule("get", "deployments.apps"),
        "resources has 'deployments.apps', which the core group does not have",
        "The group stands apart: resources=['deployments'], api_groups=['apps'].",
    ),
    (
        rule("patch", "deployments.apps/scale", "apps"),
        "resources has 'deployments.apps/scale', which 'apps' does not have",
        "The group stands apart: resources=['deployments/scale'], api_groups=['apps'].",
    ),
    (
        rule("get", "pods/logs"),
        "resources has 'pods/logs', which the core group does not have",
        "'pods/log', 'pods/portforward', 'pods/proxy', 'pods/resize' and 'pods/status'."
        " Did you mean 'pods/log'?",
    ),
    (
        rule("get", "configmaps/status"),
        "resources has 'configmaps/status', which the core group does not have",
        "'configmaps' has no subresource.",
    ),
    (
        rule("get", "pods/log/x"),
        "resources has 'pods/log/x', which the core group does not have",
        "Did you mean 'pods/log'?",
    ),
    (
        rule("get", "pods/*"),
        "resources has 'pods/*', which stands for nothing",
        f"Name each subresource: {PODS}",
    ),
    (
        rule("get", "widgets/*", "example.com"),
        "resources has 'widgets/*', which stands for nothing",
        "Name each subresource, such as 'pods/log'.",
    ),
    (rule("get", "*/*"), "resources has '*/*', which stands for nothing", "such as 'pods/log'"),
    (
        rule("get", "*/logs"),
        "resources has '*/logs', which the core group does not have",
        "Did you mean '*/log'?",
    ),
    (
        rule("read", "pods"),
        "verbs has 'read', which no request has",
        "is 'get', 'list' and 'watch'",
    ),
    (rule("reed", "pods"), "verbs has 'reed', which no request has", "Did you mean 'read'?"),
    (rule("gets", "pods"), "verbs has 'gets', which no request has", "Did you mean 'get'?"),
    (rule("reed", "*", "*"), "verbs has 'reed', which no request has", "Verbs of resources are"),
    (rule("post", "pods"), "verbs has 'post', which no request has", "POST is 'create'"),
    (
        rule("impersonate-on:user:get", "pods"),
        "verbs has 'impersonate-on:user:get', which no request has",
        "'get', 'list'",
    ),
    (
        rule("bind", "pods"),
        "resources has 'pods', on which 'bind' allows nothing",
        "The verbs for it are 'get', 'list', 'watch', 'create',",
    ),
    (
        rule("impersonate", "users", WHO),
        "resources has 'users', on which 'impersonate' allows nothing",
        "The verbs for it are 'impersonate:user-info'.",
    ),
    (
        rule("impersonate", "userextras", WHO),
        "resources has 'userextras', which 'authentication.k8s.io' does not have",
        "It has 'userextras/*'.",
    ),
    (
        rule("get list", "tokenreviews", WHO),
        "resources has 'tokenreviews', on which 'get' and 'list' allow nothing",
        "The verbs for it are 'create'.",
    ),
    (
        rule("get", "secrets", "", "app-*"),
        "resource_names has 'app-*', and no pattern counts there",
        "name each object",
    ),
    (
        rule("get", "widgets", "example.com", "*"),
        "resource_names has '*', and no pattern counts there",
        "leave resource_names out",
    ),
    (
        rule("approve", "signers", CERTIFICATES, "*"),
        "resource_names has '*', and no pattern counts there",
        "",
    ),
    (
        rule("get", "secrets", "", "web/tls"),
        "resource_names has 'web/tls', and no object's name has '/' or '%'",
        "without kind and namespace",
    ),
    (
        rule("create", "secrets", "", "tls"),
        "'create' on 'secrets' allows nothing with resource_names",
        "server-side apply",
    ),
    (
        rule("get", "pods", "core"),
        "api_groups has 'core'",
        "The core group is '': leave api_groups out.",
    ),
    (
        rule("get", "deployments", "app"),
        "api_groups has 'app', which is no group",
        "Did you mean 'apps'?",
    ),
    (
        rule("get", "deployments", "extensions"),
        "resources has 'deployments', which 'extensions' does not have",
        "api_groups=['apps']",
    ),
    (
        urls("get", "/apis/apps/v1/deployments*"),
        "non_resource_urls has '/apis/apps/v1/deployments*', which is a resource's",
        "api_groups",
    ),
    (urls("list", "/metrics"), "verbs has 'list', which no request for a URL has", "'get', 'head'"),
    (
        urls("get", "/api/v1/pods"),
        "non_resource_urls has '/api/v1/pods', which is a resource's",
        "name that in resources",
    ),
]
PARTLY: list[tuple[Rule, str, str]] = [
    (
        rule("get bind", "pods"),
        "verbs has 'bind', which allows nothing on 'pods'",
        "It counts on 'clusterroles' and 'roles'.",
    ),
    (
        rule("deploy get", "pods"),
        "verbs has 'deploy', which allows nothing on 'pods'",
        "It counts on 'rosters'.",
    ),
    (
        rule("get create update", "configmaps", "", "x"),
        "'create' on 'configmaps' allows nothing with resource_names",
        "Write a rule of its own",
    ),
    (
        rule("delete deletecollection", "pods", "", "x"),
        "'deletecollection' on 'pods' allows nothing with resource_names",
        "a whole collection, has no name",
    ),
    (
        rule("get", "deployments", ",apps"),
        "api_groups has '', in which the rule allows nothing",
        "Leave it out, or name what is in it.",
    ),
    (urls("get reed", "/metrics"), "verbs has 'reed', which no request for a URL has", "'get'"),
]
SOMETHING: list[Rule] = [
    rule("*", "*", "*"),
    rule("get", "*"),
    rule("get list watch", "pods pods/log"),
    rule("get list watch", "pods/log"),
    rule("get list watch create", "pods/exec pods/attach pods/portforward"),
    rule("get", "nodes/metrics nodes/stats nodes/log nodes/proxy nodes/healthz nodes/configz"),
    rule("get", "nodes/pods nodes/spec nodes/checkpoint"),
    rule("get", "pods deployments jobs", ",apps,batch"),
    rule("get list watch", "ingresses", "extensions,networking.k8s.io"),
    rule("get list watch", "deployments", "apps,extensions"),
    rule("update", "*/scale */status */finalizers", "*"),
    rule("update", "deployments/finalizers jobs/finalizers", "apps,batch"),
    rule("create", "pods/eviction serviceaccounts/token pods/binding bindings"),
    rule("create", "serviceaccounts/token pods/exec", "", "ci"),
    rule("create", "selfsubjectaccessreviews subjectaccessreviews", "authorization.k8s.io"),
    rule("create", "tokenreviews", WHO),
    rule("impersonate", "users groups serviceaccounts"),
    rule("impersonate", "users", "", "ann@example.com"),
    rule("impersonate", "groups", "", "oidc:/platform/admins corp\\admins CN=Ops,DC=example"),
    rule("impersonate", "userextras/scopes uids", WHO),
    rule("impersonate", "userextras/authentication.kubernetes.io/credential-id", WHO),
    rule("impersonate", "users userextras/scopes", f",{WHO}"),
    rule("impersonate:user-info", "users groups uids userextras/scopes", WHO),
    rule("impersonate:user-info", "groups userextras/*", WHO, "*"),
    rule("impersonate:associated-node", "nodes", WHO, "*"),
    rule("impersonate:serviceaccount", "serviceaccounts", WHO),
    rule("impersonate-on:user-info:list impersonate-on:serviceaccount:get", "pods"),
    rule("approve sign attest", "signers", CERTIFICATES, "kubernetes.io/kube-apiserver-client"),
    rule("approve", "signers", CERTIFICATES, "example.com/*"),
    rule("update", "certificatesigningrequests/approval", CERTIFICATES),
    rule("create", "certificatesigningrequests/nodeclient", CERTIFICATES),
    rule("create patch", "clustertrustbundles", CERTIFICATES),
    rule("bind escalate", "roles clusterroles", RBAC),
    rule("bind", "clusterroles", RBAC, "system:node"),
    rule("use", "podsecuritypolicies", "policy", "restricted"),
    rule("use", "securitycontextconstraints", "security.openshift.io", "anyuid"),
    rule("deploy revoke", "rosters", "kuberoster.io", "main"),
    rule("get", "leasecandidates", "coordination.k8s.io"),
    rule("unsafe-delete-ignore-read-errors", "secrets"),
    rule("request-serviceaccounts-token-audience", "vault"),
    rule("create patch", "configmaps", "", "x"),
    rule("create update", "leases", "coordination.k8s.io", "lock"),
    rule("*", "configmaps", "", "x"),
    rule("list watch", "secrets", "", "tls"),
    rule("sync frobnicate", "applications applications/anything", "argoproj.io", "a/b"),
    rule("get", "widgets", "*"),
    urls("get", "*"),
    urls("*", "/metrics", "/healthz/*", "/api/*", "/api/v1", "/apis/apps/v1", "/"),
    urls("get list", "/metrics*"),
    urls("post", "/hook"),
    urls("impersonate-on:user-info:get", "/metrics"),
]


@pytest.mark.parametrize(("given", "wrong", "hint"), [*NOTHING, *PARTLY], ids=str)
def test_what_allows_nothing_is_named_with_what_may_be_meant(
    given: Rule, wrong: str, hint: str
) -> None:
    assert useless(everywhere(given)) == [wrong]
    assert hint in mend(everywhere(given))


@pytest.mark.parametrize("given", SOMETHING, ids=str)
def test_what_allows_something_is_taken(given: Rule) -> None:
    assert useless(everywhere(given)) == []


INSIDE_NOTHING = [
    rule("get", "nodes"),
    rule("get", "nodes/proxy"),
    rule("impersonate", "users"),
    rule("impersonate", "uids", WHO),
    rule("approve", "signers", CERTIFICATES),
    rule("create", "clusterrolebindings", RBAC),
    rule("escalate", "clusterroles", RBAC),
    rule("list create", "namespaces"),
    rule("patch", "namespaces", "", "api"),
    rule("*", "persistentvolumes"),
    rule("deploy", "rosters", "kuberoster.io"),
    rule("create", "tokenreviews", WHO),
]
INSIDE_SOMETHING = [
    rule("*", "*", "*"),
    rule("*", "*"),
    rule("get list watch", "namespaces"),
    rule("patch", "namespaces namespaces/status", "", "web"),
    rule("update", "namespaces/finalize"),
    rule("bind", "clusterroles", RBAC, "view"),
    rule("bind escalate", "roles", RBAC),
    rule("impersonate", "serviceaccounts", "", "ci"),
    rule("impersonate:serviceaccount", "serviceaccounts", WHO),
    rule("use", "podsecuritypolicies", "policy"),
    rule("create", "localsubjectaccessreviews", "authorization.k8s.io"),
    rule("get", "nodes", "metrics.k8s.io"),
    rule("use", "securitycontextconstraints", "security.openshift.io"),
]


@pytest.mark.parametrize("given", INSIDE_NOTHING, ids=str)
def test_what_no_namespace_has_allows_nothing_in_one(given: Rule) -> None:
    [wrong] = useless(within(given))

    assert "granted in a namespace" in wrong or "granted elsewhere" in wrong
    assert ".cluster_wide()" in mend(within(given))
    assert useless(everywhere(given)) == []


@pytest.mark.parametrize("given", INSIDE_SOMETHING, ids=str)
def test_what_counts_in_a_namespace_is_taken_there(given: Rule) -> None:
    assert useless(within(given)) == []


def test_each_useless_part_of_a_rule_is_named_and_no_other() -> None:
    given = rule("get reed", "pods service deployments", ",batch")

    assert useless(everywhere(given)) == [
        "verbs has 'reed', which no request has",
        "resources has 'service', which '' and 'batch' do not have",
        "resources has 'deployments', which '' and 'batch' do not have",
        "api_groups has 'batch', in which the rule allows nothing",
    ]
    assert "Did you mean 'services'?" in mend(everywhere(given))


def test_a_group_that_is_not_known_may_have_anything() -> None:
    given = rule("get reed", "pod widgets", "example.com,apps")

    assert useless(everywhere(given)) == ["api_groups has 'apps', in which the rule allows nothing"]
    assert unknown_groups([everywhere(given), everywhere(rule("get", "pods", "*"))]) == {
        "example.com"
    }


def test_of_a_cluster_that_was_asked_the_groups_are_known_too() -> None:
    served = Served(
        group="example.com",
        path="widgets",
        verbs=frozenset({"get", "list"}),
        namespaced=False,
        takes_any=True,
    )
    api = kubernetes().plus([served])

    def found(grant: Grant) -> Any:
        return [fault.wrong for fault in useless_faults((grant,), api)]

    assert found(everywhere(rule("get", "widgts", "example.com"))) == [
        "Role 'r': resources has 'widgts', which 'example.com' does not have"
    ]
    assert found(everywhere(rule("get polish", "widgets widgets/any", "example.com"))) == []
    assert found(within(rule("use", "widgets", "example.com"))) == []
    [scope] = found(within(rule("get", "widgets", "example.com")))
    assert "granted in a namespace" in scope


def test_a_grant_with_another_fault_is_not_judged() -> None:
    broken: list[Any] = [Role("r", [Rule(["get"], [["pods"]])])("web"), None, Role("r", [None])]  # type: ignore[list-item]

    assert list(useless_faults(tuple(broken))) == []
    assert list(useless_faults(None)) == []
