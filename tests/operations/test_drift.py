"""`kuberoster drift`: everything that is not as the roster says."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from controlplane import ControlPlane
from kuberoster.cluster import Cluster, lists
from kuberoster.model.roster import load_roster
from kuberoster.model.settings import load_settings
from kuberoster.operations.bootstrap import BOOTSTRAP_QUOTA
from kuberoster.operations.drift import find_drift
from tests.operations.forwarding import forwarding
from tests.operations.planting import close_default_account
from tests.project import Object, Project
from tests.waiting import wait_for

ROSTER = """
    User("{0}-a", email="a@example.com", access=[edit("web"),
        Role("own", rules=[Rule(["get"], ["pods"])])("web")]),
    User("{0}-b", email="b@example.com", tokens=["x", "y"], access=[view.cluster_wide()]),
"""
Change = Callable[[Project, str], object]


def drift(project: Project, *teams: str) -> list[str]:
    """What differs; the exit status has to agree."""
    shown = project.run_any("drift", *teams, "--format", "json")
    differences = json.loads(shown.output)["differences"]
    assert shown.status == (2 if differences else 0)
    return [f"{each['state']} {each['object']}: {each['what']}" for each in differences]


def _patch(project: Project, kind: str, name: str, namespace: str, patch: Object) -> None:
    where = [kind, name, *(["-n", namespace] if namespace else [])]
    project.kubectl("patch", *where, "--type=merge", "--patch-file=/dev/stdin", given=patch)


def _bind(project: Project, name: str, subject: str, *more: str) -> None:
    project.kubectl(
        "create", "rolebinding", name, "--clusterrole=view", subject, "-n", "api", *more
    )


# Each change, and what drift has to say of it; `{0}` is the team.
CHANGES: dict[str, tuple[Change, str]] = {
    "binding deleted": (
        lambda p, t: p.kubectl("delete", "rolebinding", f"{t}:{t}-a:edit", "-n", "web"),
        "missing RoleBinding web/{0}:{0}-a:edit: is not in the cluster",
    ),
    "subject added": (
        lambda p, t: _patch(
            p,
            "rolebinding",
            f"{t}:{t}-a:edit",
            "web",
            {"subjects": [{"kind": "User", "name": "mallory"}]},
        ),
        "changed RoleBinding web/{0}:{0}-a:edit: subjects is ['User /mallory'] and not "
        "['ServiceAccount users-{0}/{0}-a']",
    ),
    "role widened": (
        lambda p, t: _patch(
            p,
            "role",
            f"{t}:{t}-a:role=own",
            "web",
            {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]},
        ),
        "changed Role web/{0}:{0}-a:role=own: rules is",
    ),
    "automount on": (
        lambda p, t: _patch(
            p,
            "serviceaccount",
            f"{t}-a",
            f"users-{t}",
            {"automountServiceAccountToken": True},
        ),
        "changed ServiceAccount users-{0}/{0}-a: automountServiceAccountToken is True",
    ),
    "automount of default on": (
        lambda p, t: _patch(
            p, "serviceaccount", "default", f"users-{t}", {"automountServiceAccountToken": True}
        ),
        "changed ServiceAccount users-{0}/default: automountServiceAccountToken is True",
    ),
    "quota raised": (
        lambda p, t: _patch(
            p, "resourcequota", "no-pods", f"users-{t}", {"spec": {"hard": {"pods": "3"}}}
        ),
        "changed ResourceQuota users-{0}/no-pods: spec is",
    ),
    "pod security lowered": (
        lambda p, t: p.kubectl(
            "label",
            "ns",
            f"users-{t}",
            "pod-security.kubernetes.io/enforce=baseline",
            "--overwrite",
        ),
        "changed Namespace users-{0}: label pod-security.kubernetes.io/enforce is 'baseline'",
    ),
    "account added": (
        lambda p, t: p.kubectl("create", "serviceaccount", "ghost", "-n", f"users-{t}"),
        "undeclared ServiceAccount users-{0}/ghost: is not in the roster",
    ),
    "token of default": (
        lambda p, t: _plant(p, t, "default"),
        "undeclared Secret users-{0}/planted: holds a token for 'default'",
    ),
    "token of a user": (
        lambda p, t: _plant(p, t, f"{t}-a"),
        "undeclared Secret users-{0}/planted: holds a token for '{0}-a'",
    ),
    "token of a user that says it is terraform's state": (
        lambda p, t: _plant(p, t, f"{t}-a", {"kuberoster.io/state": "true"}),
        "undeclared Secret users-{0}/planted: holds a token for '{0}-a'",
    ),
    "role among users": (
        lambda p, t: p.kubectl(
            "create", "role", "extra", "--verb=get", "--resource=secrets", "-n", f"users-{t}"
        ),
        "undeclared Role users-{0}/extra: is not in the roster",
    ),
    "binding among users": (
        lambda p, t: p.kubectl(
            "create", "rolebinding", "extra", "--clusterrole=view", "--user=x", "-n", f"users-{t}"
        ),
        "undeclared RoleBinding users-{0}/extra: is not in the roster",
    ),
    "user bound elsewhere": (
        lambda p, t: _bind(p, f"more-{t}", f"--serviceaccount=users-{t}:{t}-b"),
        "undeclared RoleBinding api/more-{0}: gives ServiceAccount users-{0}/{0}-b the "
        "ClusterRole view",
    ),
    "user bound by full name": (
        lambda p, t: _bind(p, f"more-{t}", f"--user=system:serviceaccount:users-{t}:{t}-b"),
        "undeclared RoleBinding api/more-{0}: gives User system:serviceaccount:users-{0}:{0}-b",
    ),
    "team bound elsewhere": (
        lambda p, t: _bind(p, f"more-{t}", f"--group=system:serviceaccounts:users-{t}"),
        "undeclared RoleBinding api/more-{0}: gives Group system:serviceaccounts:users-{0}",
    ),
    "all accounts bound": (
        lambda p, t: _bind(p, f"more-{t}", "--group=system:serviceaccounts"),
        "undeclared RoleBinding api/more-{0}: gives Group system:serviceaccounts the",
    ),
    "everyone bound": (
        lambda p, t: _bind(p, f"more-{t}", "--group=system:authenticated"),
        "undeclared RoleBinding api/more-{0}: gives Group system:authenticated the",
    ),
    "everyone bound by what claims to be kubernetes' own": (
        lambda p, t: p.kubectl(
            "create",
            "-f",
            "-",
            given={
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {
                    "name": f"more-{t}",
                    "namespace": "api",
                    "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"},
                },
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": "system:discovery",
                },
                "subjects": [
                    {
                        "apiGroup": "rbac.authorization.k8s.io",
                        "kind": "Group",
                        "name": "system:authenticated",
                    }
                ],
            },
        ),
        "undeclared RoleBinding api/more-{0}: gives Group system:authenticated the",
    ),
    "token deleted": (
        lambda p, t: p.kubectl("delete", "secret", p.secrets(f"{t}-b")["y"], "-n", f"users-{t}"),
        "missing Secret users-{0}/{0}-b-y-*: the token 'y' of user '{0}-b' is not in the cluster",
    ),
    "user gone from the roster": (
        lambda p, t: p.write(t, ROSTER.format(t).partition('User("' + t + "-b")[0]),
        "undeclared ServiceAccount users-{0}/{0}-b: is not in the roster",
    ),
}


def _plant(project: Project, team: str, account: str, labels: dict[str, str] | None = None) -> None:
    body: Object = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": "planted",
            "labels": labels or {},
            "annotations": {"kubernetes.io/service-account.name": account},
        },
    }
    project.kubectl("create", "-n", f"users-{team}", "-f", "-", given=body)


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_by_hand_is_shown(project: Project, name: str) -> None:
    change, says = CHANGES[name]
    team = f"d{list(CHANGES).index(name)}"
    project.write(team, ROSTER.format(team))
    project.create()
    close_default_account(project, f"users-{team}")
    for user, label in (("a", "main"), ("b", "x"), ("b", "y")):
        project.token(f"{team}-{user}", label)
    try:
        assert drift(project, team) == []
        change(project, team)
        shown = drift(project, team)
        assert any(line.startswith(says.format(team)) for line in shown), shown
        assert len(shown) == 1 or name == "user gone from the roster"
    finally:
        project.kubectl("delete", "rolebinding", f"more-{team}", "-n", "api", "--ignore-not-found")


WIDE = """
    User("{0}-c", email="c@example.com", note="Shop", access=[
        Role("nodes", rules=[Rule(["get"], ["nodes"])]).cluster_wide(), edit("web"), view("api")]),
    User("{0}-d", owner="{0}-c"),
"""


def test_much_at_once_is_shown_at_once(project: Project) -> None:
    team, home, cluster_role = "many", "users-many", "many:many-c:role=nodes"
    project.write(team, WIDE.format(team))
    project.create()
    close_default_account(project, home)
    assert drift(project, team) == []

    project.kubectl("delete", "resourcequota", "no-pods", "-n", home)
    project.kubectl(
        "create", "quota", "no-pods", "-n", home, "--hard=pods=0", "--scopes=BestEffort"
    )
    labels = {
        "app.kubernetes.io/managed-by": "kuberoster",
        "kuberoster.io/roster": "main",
        "kuberoster.io/team": team,
    }
    _patch(project, "resourcequota", "no-pods", home, {"metadata": {"labels": labels}})
    project.kubectl("label", "namespace", home, "pod-security.kubernetes.io/enforce-")
    rule = {"clusterRoleSelectors": [{"matchLabels": {"no": "such"}}]}
    aggregate = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    changed = {"aggregationRule": rule, "metadata": {"labels": aggregate}}
    _patch(project, "clusterrole", cluster_role, "", changed)
    account = {
        "imagePullSecrets": [{"name": "pull"}],
        "secrets": [{"name": "mine"}],
        "metadata": {"annotations": {"kuberoster.io/email": "m@example.com"}},
    }
    _patch(project, "serviceaccount", f"{team}-c", home, account)
    owner = {"metadata": {"annotations": {"kuberoster.io/note": "Trust me"}}}
    _patch(project, "serviceaccount", f"{team}-d", home, owner)
    project.kubectl("label", "secret", project.secrets("many-d")["main"], "-n", home, f"{TEAM}-")
    project.kubectl("delete", "rolebinding", "many:many-c:edit", "-n", "web")
    project.kubectl(
        "create",
        "rolebinding",
        "many:many-c:edit",
        "--clusterrole=admin",
        f"--serviceaccount={home}:many-c",
        "-n",
        "web",
    )
    user = {"kuberoster.io/user": "many-c"}
    _patch(project, "rolebinding", "many:many-c:edit", "web", {"metadata": {"labels": user}})
    extra = {"kind": "ServiceAccount", "name": "many-d", "namespace": home}
    _patch(project, "clusterrolebinding", cluster_role, "", {"subjects": [extra]})

    shown = drift(project, team)

    expected = [
        f"changed ClusterRole {cluster_role}: aggregationRule is {rule} and not unset",
        f"changed ClusterRole {cluster_role}: label rbac.authorization.k8s.io/aggregate-to-view "
        "adds its rules to the ClusterRole view",
        f"changed ClusterRole {cluster_role}: rules is [] and not [{{",
        f"changed ClusterRoleBinding {cluster_role}: subjects is ['ServiceAccount {home}/many-d']",
        f"changed Namespace {home}: label pod-security.kubernetes.io/enforce is unset and not",
        f"changed ResourceQuota {home}/no-pods: spec is {{'hard': {{'pods': '0'}}, 'scopes'",
        "changed RoleBinding web/many:many-c:edit: label app.kubernetes.io/managed-by is unset",
        "changed RoleBinding web/many:many-c:edit: label kuberoster.io/roster is unset and not "
        "'main'",
        "changed RoleBinding web/many:many-c:edit: label kuberoster.io/team is unset and not "
        "'many'",
        "changed RoleBinding web/many:many-c:edit: roleRef is ClusterRole admin and not "
        "ClusterRole edit",
        f"changed Secret {home}/many-d-main-",
        f"changed ServiceAccount {home}/many-c: annotation kuberoster.io/email is 'm@example.com' "
        "and not 'c@example.com'",
        f"changed ServiceAccount {home}/many-c: imagePullSecrets is ['pull'] and not []",
        f"changed ServiceAccount {home}/many-c: secrets is ['mine'] and not []",
        f"changed ServiceAccount {home}/many-d: annotation kuberoster.io/note is 'Trust me' and "
        "not unset",
    ]
    # The controller that aggregates roles may not have emptied the rules yet.
    shown = [line for line in shown if "rules is" not in line]
    expected = [line for line in expected if "rules is" not in line]
    assert len(shown) == len(expected), shown
    for line, start in zip(shown, expected, strict=True):
        assert line.startswith(start)
    project.kubectl("delete", "clusterrole,clusterrolebinding", cluster_role)


TEAM = "kuberoster.io/team"


def test_a_name_cannot_rewrite_the_table_that_shows_it(project: Project) -> None:
    project.write("plain", "")
    project.create()
    close_default_account(project, "users-plain")
    name = "x\n\x1b[1A\x1b[2K0 users: the cluster is as the roster says"
    binding: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name, "namespace": "users-plain"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
    }
    project.kubectl("create", "-f", "-", given=binding)

    shown = project.run_any("drift", "plain")

    assert shown.status == 2
    (line,) = shown.output.splitlines()
    assert line.isprintable()
    assert "x\\n\\x1b[1A" in line


def test_names_of_teams_leave_out_what_concerns_others_alone(project: Project) -> None:
    project.write("ours", 'User("oda", email="o@example.com", access=[view("web")])')
    project.write(
        "theirs",
        'User("tess", email="t@example.com", access=[view("web", "users-ours")]), '
        'User("tom", email="t@example.com", suspended="away")',
    )
    project.create()
    for team in ("ours", "theirs"):
        close_default_account(project, f"users-{team}")
    assert drift(project, "ours", "theirs") == []

    project.kubectl("create", "serviceaccount", "ghost", "-n", "users-theirs")
    _bind(project, "to-tess", "--serviceaccount=users-theirs:tess")
    project.kubectl("create", "role", "toms", "--verb=get", "--resource=pods", "-n", "api")
    labels = ["kuberoster.io/user=tom", "kuberoster.io/roster=main"]
    project.kubectl("label", "role", "toms", "-n", "api", *labels)
    only_theirs = [
        "undeclared Role api/toms: is not in the roster",
        "undeclared RoleBinding api/to-tess: gives ServiceAccount users-theirs/tess the "
        "ClusterRole view",
        "undeclared ServiceAccount users-theirs/ghost: is not in the roster",
    ]
    try:
        assert drift(project, "ours") == []
        assert drift(project, "theirs") == only_theirs
        assert drift(project, "ours", "theirs") == only_theirs

        # What one team declares, changed so that it reaches another one's user.
        oda = {"kind": "ServiceAccount", "name": "oda", "namespace": "users-ours"}
        _patch(project, "rolebinding", "theirs:tess:view", "web", {"subjects": [oda]})
        (shown,) = drift(project, "ours")
        assert shown.startswith("changed RoleBinding web/theirs:tess:view: subjects is")
        assert set(drift(project, "theirs")) == {shown, *only_theirs}
    finally:
        project.kubectl("delete", "rolebinding/to-tess", "role/toms", "-n", "api")


def test_an_unknown_team_is_refused(project: Project) -> None:
    project.write("known", "")
    shown = project.run_any("drift", "known", "knwon")
    assert (shown.status, shown.output) == (1, "")
    assert shown.errors == "no such team: 'knwon'. Did you mean 'known'?\n"


def test_a_list_that_expires_half_way_changes_nothing_of_what_is_shown(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = ", ".join(
        f'User("page-{number}", email="p@example.com", access=[view("web"), '
        f'Role("r", rules=[Rule(["get"], ["pods"])])("web")])'
        for number in range(4)
    )
    project.write("paged", users)
    project.create()
    close_default_account(project, "users-paged")
    labels = ["kuberoster.io/team=paged", "kuberoster.io/roster=main"]
    for name in ("ghost-a", "ghost-z"):
        project.kubectl("create", "serviceaccount", name, "-n", "users-paged")
        project.kubectl("create", "role", name, "--verb=get", "--resource=pods", "-n", "web")
        project.kubectl("label", "role", name, "-n", "web", *labels)
    project.kubectl("delete", "secret", project.secrets("page-1")["main"], "-n", "users-paged")
    settings = load_settings(project.folder)
    roster = load_roster(settings.users)
    monkeypatch.setattr(lists, "_PAGE", 2)
    refused: set[str] = set()

    def once_for_each_kind(path: str) -> bool:
        collection, _, query = path.partition("?")
        again = "continue=" not in query or collection in refused
        refused.add(collection if "continue=" in query else "")
        return not again

    def differences(kubeconfig: Path) -> list[str]:
        cluster = Cluster.connect(str(kubeconfig))
        try:
            found = find_drift(cluster, roster, settings, date(2026, 11, 24), ["paged"])
        finally:
            cluster.close()
        return [f"{each.state} {each.object}" for each in found]

    with forwarding(project, refuse=once_for_each_kind) as kubeconfig:
        shown = differences(kubeconfig)
    assert {path.rpartition("/")[2] for path in refused} >= {"serviceaccounts", "secrets", "roles"}

    assert shown == differences(project.control_plane.kubeconfig)
    assert shown == [
        "undeclared Role web/ghost-a",
        "undeclared Role web/ghost-z",
        "missing Secret users-paged/page-1-main-*",
        "undeclared ServiceAccount users-paged/ghost-a",
        "undeclared ServiceAccount users-paged/ghost-z",
    ]


# The namespace of Terraform's state

STATE = "state-of-drift"
_ON_STATE: dict[str, tuple[Callable[[Project], object], str]] = {
    "somebody is given a role there": (
        lambda p: p.kubectl(
            "create", "rolebinding", "more", "--clusterrole=admin", "--user=mallory", "-n", STATE
        ),
        f"undeclared RoleBinding {STATE}/more: gives User mallory the ClusterRole admin, on state "
        "and revocations",
    ),
    "somebody moves in": (
        lambda p: p.kubectl("create", "serviceaccount", "mallory", "-n", STATE),
        f"undeclared ServiceAccount {STATE}/mallory: is not in the roster",
    ),
    "a role is made there": (
        lambda p: p.kubectl("create", "role", "r", "--verb=get", "--resource=secrets", "-n", STATE),
        f"undeclared Role {STATE}/r: is not in the roster",
    ),
    "the quota goes": (
        lambda p: p.kubectl("delete", "quota", "no-pods-bootstrap", "-n", STATE),
        f"missing ResourceQuota {STATE}/no-pods-bootstrap: is not in the cluster: "
        "run kuberoster bootstrap",
    ),
    "the quota grows": (
        lambda p: _patch(
            p, "resourcequota", "no-pods-bootstrap", STATE, {"spec": {"hard": {"pods": "9"}}}
        ),
        f"changed ResourceQuota {STATE}/no-pods-bootstrap: spec is {{'hard': {{'pods': '9'}}}} and "
        "not {'hard': {'pods': '0'}}: run kuberoster bootstrap",
    ),
    "pod security is lowered": (
        lambda p: p.kubectl("label", "ns", STATE, "pod-security.kubernetes.io/enforce-"),
        f"changed Namespace {STATE}: label pod-security.kubernetes.io/enforce is unset and not "
        "'restricted': run kuberoster bootstrap",
    ),
    "the roster's label goes": (
        lambda p: p.kubectl("label", "ns", STATE, "kuberoster.io/roster-"),
        f"changed Namespace {STATE}: label kuberoster.io/roster is unset and not 'drifting': "
        "run kuberoster bootstrap",
    ),
    "the state's label goes": (
        lambda p: p.kubectl("label", "ns", STATE, "kuberoster.io/state-"),
        f"changed Namespace {STATE}: label kuberoster.io/state is unset and not 'true': "
        "run kuberoster bootstrap",
    ),
    "automount of default is on": (
        lambda p: _patch(
            p, "serviceaccount", "default", STATE, {"automountServiceAccountToken": True}
        ),
        f"changed ServiceAccount {STATE}/default: automountServiceAccountToken is True and not "
        "False: run kuberoster bootstrap",
    ),
}


@pytest.fixture(scope="module")
def with_state(prepared: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("state"), prepared)
    project.configure(roster="drifting", state={"namespace": STATE})
    project.write("drifting", "")
    project.kuberoster("bootstrap")
    project.create()
    close_default_account(project, "users-drifting")
    return project


@pytest.mark.parametrize("name", _ON_STATE)
def test_what_is_done_to_the_state_s_namespace_is_shown_and_mended(
    with_state: Project, name: str
) -> None:
    project = with_state
    change, says = _ON_STATE[name]
    assert drift(project) == []
    change(project)
    try:
        # With the name of a team too: whoever writes there steers every team's deploy.
        assert drift(project) == drift(project, "drifting") == [says]
        if says.endswith("run kuberoster bootstrap"):
            project.kuberoster("bootstrap")
            assert drift(project) == []
    finally:
        for each in ("rolebinding/more", "serviceaccount/mallory", "role/r"):
            project.kubectl("delete", each, "-n", STATE, "--ignore-not-found")


def test_a_job_s_roles_on_the_state_are_compared_and_whom_they_are_given_to_is_said(
    with_state: Project,
) -> None:
    project = with_state
    for job in ("review", "plan", "deploy", "drift"):
        printed = project.kuberoster("job-roles", job, "--user", f"ci-{job}")
        project.kubectl("apply", "-f", "-", text=printed)
    name = "kuberoster:drifting:review"
    try:
        shown = project.run_any("drift")
        assert shown.status == 0
        assert shown.output.startswith(
            "0 users: the cluster is as the roster says, as far as it was compared\n"
        )
        assert (
            f"not compared: RoleBinding {STATE}/{name} gives User ci-review what `kuberoster "
            "job-roles` prints; whether that is the job is not known\n"
        ) in shown.output
        rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]}
        _patch(project, "role", name, STATE, {"rules": [rule]})
        (line,) = drift(project)
        assert line.startswith(f"changed Role {STATE}/{name}: rules is [")
        # Never a user of the roster.
        kubectl = ["create", "rolebinding", "-n", STATE, "--group=system:serviceaccounts"]
        project.kubectl("delete", "rolebinding", name, "-n", STATE)
        project.kubectl(*kubectl, f"--role={name}", name)
        (line, _) = drift(project)[::-1]
        assert line.startswith(f"undeclared RoleBinding {STATE}/{name}: gives Group system:serv")
    finally:
        selector = ["-l", "app.kubernetes.io/part-of=kuberoster"]
        project.kubectl("delete", "role,rolebinding", "--all", "-n", STATE)
        project.kubectl("delete", "clusterrole,clusterrolebinding", *selector)


def test_a_pod_where_nothing_runs_is_shown_however_it_came_in(project: Project) -> None:
    """The guard and the quota may have been away for a moment, and are back."""
    project.write("idle", 'User("ida", email="ida@example.com")')
    project.create()
    close_default_account(project, "users-idle")
    kinds = "validatingadmissionpolicies,validatingadmissionpolicybindings"
    project.kubectl("delete", kinds, "-l", "kuberoster.io/roster=main")
    assert drift(project) == []
    safe = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    container = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    pod: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "sneaky"},
        "spec": {
            "securityContext": safe,
            "containers": [{"name": "c", "image": "i", "securityContext": container}],
        },
    }
    says = "runs where nothing should, and may act as each ServiceAccount of the namespace"
    expected = []
    for namespace, quota, user in (
        ("kuberoster-state", BOOTSTRAP_QUOTA, "default"),
        ("users-idle", "no-pods", "ida"),
    ):
        limit = json.loads(
            project.kubectl("get", "resourcequota", quota, "-n", namespace, "-o", "json")
        )
        project.kubectl("delete", "resourcequota", quota, "-n", namespace)
        pod["spec"]["serviceAccountName"] = user
        wait_for(partial(_is_created, project, namespace, pod), 30)
        for made in ("uid", "resourceVersion", "creationTimestamp"):
            del limit["metadata"][made]
        project.kubectl("create", "-n", namespace, "-f", "-", given=limit)
        expected.append(f"undeclared Pod {namespace}/sneaky: {says}")
    assert drift(project) == drift(project, "idle") == expected


def _is_created(project: Project, namespace: str, item: Object) -> bool:
    """Whether the API server takes an object; it drops policies a moment after they went."""
    with suppress(AssertionError):
        project.kubectl("create", "-n", namespace, "-f", "-", given=item)
        return True
    return False


def test_a_credential_that_may_not_list_pods_is_told_what_it_did_not_see(
    project: Project,
) -> None:
    """As the roles of an earlier version's `kuberoster job-roles` are."""
    project.write("idle", 'User("ida", email="ida@example.com")')
    project.create()
    close_default_account(project, "users-idle")
    roles = project.kuberoster("job-roles", "drift", "--user", "ci")
    earlier = re.sub(
        r"- apiGroups:\n  - .*\n  resources:\n  - pods\n  verbs:\n  - list\n", "", roles
    )
    assert earlier != roles
    project.kubectl("apply", "-f", "-", text=earlier)
    project.act_as("ci")
    shown = project.run_any("drift", "idle")
    assert shown.status == 0, shown
    assert "not compared: Pods of users-idle can't be listed: " in shown.output
    assert "as far as it was compared" in shown.output


def test_what_is_changed_in_one_way_is_one_line_with_the_way_on(with_state: Project) -> None:
    """As after an upgrade from a version that knew no roster's name."""
    project = with_state
    users = ", ".join(f'User("dri-{n}", email="d@example.com")' for n in range(5))
    project.write("drifting", users)
    manifests = [each for each in project.kuberoster("manifests").split("---\n") if "dri-" in each]
    old = "---\n".join(manifests).replace("    kuberoster.io/roster: drifting\n", "")
    project.kubectl("create", "-f", "-", text=old)

    shown = project.run_any("drift")

    assert shown.status == 2
    line, way_on = shown.output.splitlines()
    assert line.startswith(
        "changed     10 objects  label kuberoster.io/roster is unset and not 'drifting': Secret "
    )
    assert line.endswith(" and 7 more")
    assert "the next deploy adds it, in place" in way_on
    assert "None" not in shown.output
    assert len(drift(project)) == 10
    project.write("drifting", "")
    project.kubectl("delete", "-f", "-", text=project.kuberoster("manifests"))
