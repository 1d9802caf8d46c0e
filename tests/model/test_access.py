"""What a grant, a role and a rule may say."""

from typing import Any

import pytest

from kuberoster import ClusterRole, Grant, Role, Rule, admin, edit, view
from kuberoster.model.access import access_faults

READ = Rule(["get"], ["pods"])


def wrongs(*access: Any) -> list[str]:
    return [fault.wrong for fault in access_faults(access)]


def mends(*access: Any) -> str:
    return " ".join(fault.mend for fault in access_faults(access))


@pytest.mark.parametrize(
    "grant",
    [
        view("web"),
        edit("web", "api"),
        admin.cluster_wide(),
        ClusterRole("system:node-reader")("web"),
        Role("reader", rules=[READ])("web"),
        Role("deployer", [Rule(["*"], ["*", "pods/log", "*/scale"], api_groups=["*"])])("web"),
        Role("metrics", [Rule(["get"], non_resource_urls=["/metrics/*"])]).cluster_wide(),
        Role("one", [Rule(["get"], ["secrets"], resource_names=["a.b-${c}"])])("web"),
        Role("act", [Rule(["impersonate"], ["users"], resource_names=["a@b/c:d"])]).cluster_wide(),
        Role("all", [Rule(["get"], non_resource_urls=["*"])]).cluster_wide(),
    ],
)
def test_a_role_is_granted_in_namespaces_or_over_the_cluster(grant: Grant) -> None:
    assert wrongs(grant) == []


@pytest.mark.parametrize(
    ("grant", "wrong"),
    [
        (view(), "role 'view' is granted nowhere"),
        (view("Web"), "namespace 'Web' has 'W'"),
        (view(None), "namespace is None"),  # type: ignore[arg-type]
        (view(["web"]), "namespace is ['web']"),  # type: ignore[arg-type]
        (view, "access has ClusterRole(name='view')"),
        ("view", "access has 'view'"),
        (None, "access has None"),
        (ClusterRole("a/b")("web"), "ClusterRole 'a/b' has '/'"),
        (Grant("view", ("web",)), "a grant has the role 'view'"),  # type: ignore[arg-type]
        (Grant(view, ["web"]), "a grant has the namespaces ['web']"),  # type: ignore[arg-type]
        (Role("a b", [READ])("web"), "Role 'a b' has ' '"),
        (Role("r", [])("web"), "Role 'r' has the rules ()"),
        (Role("r", READ)("web"), "Role 'r' has the rules Rule(verbs=('get',), resourc...urls=())"),  # type: ignore[arg-type]
        (Role("r", ["get"])("web"), "Role 'r' has the rule 'get'"),  # type: ignore[list-item]
        (Role("r", [READ], rule=1)("web"), "Role has no field 'rule'"),  # type: ignore[call-arg]
        (
            Role("r", [Rule(["get"], non_resource_urls=["/metrics"])])("web"),
            "Role 'r' has non_resource_urls and is granted in a namespace",
        ),
    ],
)
def test_a_faulty_grant_is_named(grant: object, wrong: str) -> None:
    assert wrongs(grant) == [wrong]


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (Rule([], ["pods"]), "a rule has no verbs"),
        (Rule(["Get"], ["pods"]), "verbs has 'Get'"),
        (Rule("get", ["pods"]), "verbs is 'get'"),
        (Rule([7], ["pods"]), "verbs has 7"),  # type: ignore[list-item]
        (Rule(["get"]), "a rule has no resources"),
        (Rule(["get"], ["Pods"]), "resources has 'Pods'"),
        (Rule(["get"], ["pods//x"]), "resources has 'pods//x'"),
        (Rule(["get"], "pods"), "resources is 'pods'"),
        (Rule(["get"], ["pods"], api_groups=["apps/v1"]), "api_groups has 'apps/v1'"),
        (Rule(["get"], ["pods"], api_groups=[]), "a rule has resources and no api_groups"),
        (Rule(["get"], ["pods"], resource_names=[" a"]), "resource_names has ' a'"),
        (Rule(["get"], ["pods"], resource_names=["é"]), "resource_names has 'é'"),
        (Rule(["get"], ["pods"], resource_names=["TfToken[0"]), "resource_names has 'TfToken[0'"),
        (Rule(["get"], ["pods"], resource_names=[""]), "resource_names has ''"),
        (Rule(["get"], non_resource_urls=["metrics"]), "non_resource_urls has 'metrics'"),
        (
            Rule(["get"], ["pods"], non_resource_urls=["/metrics"]),
            "a rule has both resources and non_resource_urls",
        ),
        (Rule(["get"], ["pods"], verb="x"), "Rule has no field 'verb'"),  # type: ignore[call-arg]
        (Rule(["g" * 254], ["pods"]), f"verbs has '{'g' * 27}...{'g' * 7}'"),
    ],
)
def test_a_faulty_rule_is_named_with_its_role(rule: Rule, wrong: str) -> None:
    assert wrongs(Role("r", [rule]).cluster_wide()) == [f"Role 'r': {wrong}"]


def test_a_role_without_a_scope_is_told_how_to_get_one() -> None:
    assert "view('web') or view.cluster_wide()" in mends(view)


def test_a_string_that_could_be_a_role_is_told_how_to_write_it() -> None:
    assert "ClusterRole('monitor')('web')" in mends("monitor").removeprefix(mends(None))


def test_an_unknown_field_is_compared_with_the_known_ones() -> None:
    rule = Rule(["get"], ["pods"], api_group=["apps"])  # type: ignore[call-arg]

    assert "Did you mean 'api_groups'?" in mends(Role("r", [rule])("web"))


def test_one_role_is_granted_once_in_a_place() -> None:
    assert wrongs(view("web", "api"), view("api")) == [
        "role 'view' is granted twice in namespace 'api'"
    ]
    assert wrongs(view("web", "web")) == ["role 'view' is granted twice in namespace 'web'"]
    assert wrongs(view.cluster_wide(), view.cluster_wide()) == [
        "role 'view' is granted twice over the cluster"
    ]


def test_a_role_and_a_clusterrole_may_share_a_name() -> None:
    assert wrongs(Role("x", [READ])("web"), ClusterRole("x")("web")) == []


def test_one_role_may_be_granted_in_a_namespace_and_over_the_cluster() -> None:
    assert wrongs(view("web"), view.cluster_wide()) == []


@pytest.mark.parametrize(
    ("access", "wrong", "mend"),
    [
        (
            [edit("web"), view("web")],
            "edit('web') includes view('web')",
            "Leave view('web') out.",
        ),
        (
            [view("api", "web"), admin("web")],
            "admin('web') includes view('web')",
            "Leave view('web') out.",
        ),
        (
            [edit.cluster_wide(), admin.cluster_wide()],
            "admin.cluster_wide() includes edit.cluster_wide()",
            "Leave edit.cluster_wide() out.",
        ),
    ],
)
def test_of_view_edit_and_admin_a_scope_has_one(access: list[Grant], wrong: str, mend: str) -> None:
    assert (wrongs(*access), mends(*access)) == ([wrong], mend)


def test_of_all_three_in_one_scope_each_lower_one_is_left_out() -> None:
    assert wrongs(edit("web"), view("web"), admin("web")) == [
        "edit('web') includes view('web')",
        "admin('web') includes edit('web')",
    ]


def test_other_roles_and_other_scopes_stand_beside_one_of_the_ladder() -> None:
    others = [ClusterRole("monitor")("web"), Role("view", [READ])("web"), view("api")]

    assert wrongs(edit("web"), view.cluster_wide(), *others) == []


def test_two_different_roles_have_two_names() -> None:
    other = Rule(["list"], ["pods"])

    assert wrongs(Role("x", [READ])("web"), Role("x", [other])("api")) == [
        "two different Roles are called 'x'"
    ]
    assert wrongs(Role("x", [READ])("web"), Role("x", (READ,))("api")) == []


def test_access_is_a_list() -> None:
    [fault] = access_faults("view")

    assert fault.wrong == "access is 'view'"
    assert "edit('web')" in fault.mend
