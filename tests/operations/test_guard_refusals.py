"""What the API server refuses where the guard stands, to whom, and what still passes.

Each attempt is tried as a dry run on the server, which goes through admission as the real one
does; and each is seen to pass in a namespace of a roster without a guard.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
import yaml

from controlplane import ControlPlane
from tests.operations.direct import Direct
from tests.project import Object, Project, pods, until

_numbers = count()
RBAC = "/apis/rbac.authorization.k8s.io/v1"
ONE = 'User("{0}", email="{0}@example.com", access=[view("web")])'


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A write, where {home} is a users' namespace and {user} the user in it."""

    method: str
    path: str
    body: Object = field(default_factory=dict)

    def filled(self, home: str, user: str) -> "Attempt":
        path, body = (
            text.replace("{home}", home).replace("{user}", user)
            for text in (self.path, json.dumps(self.body))
        )
        return Attempt(method=self.method, path=path, body=json.loads(body))


def _secret(type: str, **metadata: object) -> Object:
    return {"type": type, "metadata": metadata}


def _binding(name: str, *subjects: Object) -> Object:
    return {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC.split("/")[2], "kind": "ClusterRole", "name": "view"},
        "subjects": [*subjects],
    }


ACCOUNT: Object = {"kind": "ServiceAccount", "namespace": "{home}", "name": "{user}"}
FULL_NAME: Object = {
    "apiGroup": RBAC.split("/")[2],
    "kind": "User",
    "name": "system:serviceaccount:{home}:{user}",
}
OF_USER = {"kubernetes.io/service-account.name": "{user}"}
TOKEN = "kubernetes.io/service-account-token"  # a type's name
HOME = "/api/v1/namespaces/{home}"
CREDENTIALS = {
    "a token Secret": Attempt(
        method="POST",
        path=f"{HOME}/secrets",
        body=_secret(TOKEN, name="planted", annotations=OF_USER),
    ),
    "an old Secret under its old name": Attempt(
        method="POST", path=f"{HOME}/secrets", body=_secret("Opaque", name="{user}-main-zzzzz")
    ),
    "a requested token": Attempt(
        method="POST", path=f"{HOME}/serviceaccounts/{{user}}/token", body={"spec": {}}
    ),
    "a ServiceAccount": Attempt(
        method="POST", path=f"{HOME}/serviceaccounts", body={"metadata": {"name": "planted"}}
    ),
    "another ServiceAccount's fields": Attempt(
        method="PATCH",
        path=f"{HOME}/serviceaccounts/{{user}}",
        body={"automountServiceAccountToken": True},
    ),
    "a RoleBinding": Attempt(
        method="POST",
        path=f"{RBAC}/namespaces/{{home}}/rolebindings",
        body=_binding("planted", FULL_NAME),
    ),
    "a Role": Attempt(
        method="POST",
        path=f"{RBAC}/namespaces/{{home}}/roles",
        body={"metadata": {"name": "planted"}, "rules": []},
    ),
}
OF_A_USER = {
    "the ServiceAccount": Attempt(
        method="POST", path=f"{HOME}/serviceaccounts", body={"metadata": {"name": "{user}"}}
    ),
    "a token Secret": CREDENTIALS["a token Secret"],
    "a Secret with the label": Attempt(
        method="POST",
        path=f"{HOME}/secrets",
        body=_secret("Opaque", generateName="x-", labels={"kuberoster.io/user": "{user}"}),
    ),
    "a RoleBinding elsewhere": Attempt(
        method="POST",
        path=f"{RBAC}/namespaces/web/rolebindings",
        body=_binding("{user}-planted", ACCOUNT),
    ),
    "a RoleBinding of the full name": Attempt(
        method="POST",
        path=f"{RBAC}/namespaces/web/rolebindings",
        body=_binding("{user}-planted", {"kind": "Group", "name": "g"}, FULL_NAME),
    ),
    "a ClusterRoleBinding": Attempt(
        method="POST", path=f"{RBAC}/clusterrolebindings", body=_binding("{user}-planted", ACCOUNT)
    ),
}


@pytest.fixture
def api(prepared: ControlPlane) -> Iterator[Direct]:
    with Direct(prepared) as direct:
        yield direct


class Guarded:
    """A user under the guard, one of a roster without any, and people with rights."""

    def __init__(self, api: Direct, guarded: Project, unguarded: Project) -> None:
        self.api, self.project = api, guarded
        number = next(_numbers)
        self.homes = []
        for name, project in (("in", guarded), ("out", unguarded)):
            project.write(f"gr{number}{name}", ONE.format(f"gr{number}{name}-ann"))
            project.create()
            self.homes.append((f"users-gr{number}{name}", f"gr{number}{name}-ann"))
        self.home, self.user = self.homes[0]
        self.number = number

    def person(self, name: str, *rules: Object, role: str | None = None) -> str:
        """Somebody who has these rules, or a ClusterRole, in the whole cluster."""
        who = f"{name}-{self.number}"
        if role is None:
            made = {"kind": "ClusterRole", "metadata": {"name": who}, "rules": [*rules]}
            made["apiVersion"] = "rbac.authorization.k8s.io/v1"
            self.project.kubectl("create", "-f", "-", given=made)
        self.project.kubectl(
            "create", "clusterrolebinding", who, f"--clusterrole={role or who}", f"--user={who}"
        )
        return who

    def answer(self, attempt: Attempt, who: str | None = None, home: int = 0) -> tuple[int, str]:
        """Status and words for a dry run, by somebody or by a member of system:masters."""
        attempt = attempt.filled(*self.homes[home])
        headers = {"Content-Type": "application/json"}
        if attempt.method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        if who:
            headers["Impersonate-User"] = who
        path, body = f"{attempt.path}?dryRun=All", attempt.body
        if attempt.method == "DELETE":  # which takes the query only where there is no body
            body = {"apiVersion": "v1", "kind": "DeleteOptions", "dryRun": ["All"]}
        answered = self.api.ask(attempt.method, path, json.dumps(body).encode(), headers)
        words = json.loads(answered.data).get("message", "") if answered.status >= 300 else ""
        return answered.status, words

    def refuses(self, attempt: Attempt, who: str | None, policy: str) -> str:
        """The words of a refusal by this policy; the same is let pass where no guard stands."""
        for _ in until(5):  # the API server reads roles a moment after they are written
            status, _ = self.answer(attempt, who, home=1)
            if status < 300:
                break
        assert status < 300
        status, words = self.answer(attempt, who)
        assert (status, f"'kuberoster-{policy}-main'" in words) == (403, True), (status, words)
        return words

    def fill_state(self) -> None:
        """Have marks and a state."""
        where = ["-n", "kuberoster-state"]
        found = self.project.objects("configmaps", *where)
        if "revoked-users" not in {each["metadata"]["name"] for each in found}:
            self.project.kubectl("create", "configmap", "revoked-users", *where)
        self.project.kubectl("create", "secret", "generic", f"state-{self.number}", *where)


@pytest.fixture
def guarded(api: Direct, new_project: Callable[[str], Project]) -> Guarded:
    inside, outside = new_project("inside"), new_project("outside")
    outside.configure(roster="unguarded")
    return Guarded(api, inside, outside)


WRITER: Object = {
    "apiGroups": ["", "rbac.authorization.k8s.io", "coordination.k8s.io"],
    "resources": ["*"],
    "verbs": ["*"],
}
"""All that an administrator has in the groups that the guard is about, and not its rights."""
RIGHT: Object = {
    "apiGroups": ["kuberoster.io"],
    "resources": ["rosters"],
    "resourceNames": ["main"],
    "verbs": ["deploy"],
}


def test_only_a_deployer_makes_credentials_whatever_else_somebody_may(guarded: Guarded) -> None:
    writer = guarded.person("writer", WRITER)
    for attempt in CREDENTIALS.values():
        said = guarded.refuses(attempt, writer, "users-namespaces")
        assert "only a deployer of the roster main writes" in said
    deployer = guarded.person("writes-and-deploys", WRITER, RIGHT)
    administrator = guarded.person("administrator", role="cluster-admin")
    for who in (deployer, administrator, None):
        for what, attempt in CREDENTIALS.items():
            for _ in until(5):
                status, words = guarded.answer(attempt, who)
                if status < 300:
                    break
            assert status < 300, (who, what, words)


def test_edit_over_the_whole_cluster_and_a_attacker_with_create_secrets_become_nobody(
    guarded: Guarded,
) -> None:
    edit = guarded.person("editor", role="edit")
    attacker = guarded.person(
        "attacker",
        {"apiGroups": [""], "resources": ["secrets", "serviceaccounts/token"], "verbs": ["create"]},
    )
    for who in (edit, attacker):
        for what in ("a token Secret", "an old Secret under its old name", "a requested token"):
            guarded.refuses(CREDENTIALS[what], who, "users-namespaces")


def test_the_right_of_another_roster_is_not_enough(guarded: Guarded) -> None:
    other = guarded.person("other", WRITER, RIGHT | {"resourceNames": ["another"]})
    guarded.refuses(CREDENTIALS["a requested token"], other, "users-namespaces")


def test_nobody_runs_a_pod_where_users_live(guarded: Guarded) -> None:
    pod: Object = {
        "metadata": {"name": "p"},
        "spec": {
            "containers": [
                {
                    "name": "p",
                    "image": "example.invalid/p",
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                        "runAsNonRoot": True,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                }
            ]
        },
    }
    for home in (home for home, _ in guarded.homes):
        guarded.project.kubectl("delete", "quota", "--all", "-n", home)
    attempt = Attempt(method="POST", path=f"{HOME}/pods", body=pod)
    said = guarded.refuses(attempt, None, "users-namespaces")
    assert "nothing runs in a namespace of the roster main" in said


def test_the_labels_that_the_guard_goes_by_are_a_deployers(guarded: Guarded) -> None:
    writer = guarded.person("labels", WRITER)
    deployer = guarded.person("labels-and-deploys", WRITER, RIGHT)
    one = "/api/v1/namespaces/{home}"
    labels: dict[str, str | None] = {
        "kuberoster.io/roster": None,
        "kuberoster.io/team": "another",
        "pod-security.kubernetes.io/enforce": "privileged",
    }
    for label, value in labels.items():
        body: Object = {"metadata": {"labels": {label: value}}}
        for path in (one, f"{one}/status"):
            attempt = Attempt(method="PATCH", path=path, body=body)
            said = guarded.refuses(attempt, writer, "namespaces")
            assert "only a deployer of the roster main writes its namespaces, and labels" in said
            assert guarded.answer(attempt, deployer)[0] == 200
    found = guarded.project.kubectl("get", "namespace", guarded.home, "-o", "json")
    document = json.loads(found)
    document["metadata"]["labels"].pop("kuberoster.io/roster")
    finalize = Attempt(method="PUT", path=f"{one}/finalize", body=document)
    assert guarded.answer(finalize, writer)[0] == 403
    # Others' labels and annotations are anybody's.
    other = Attempt(method="PATCH", path=one, body={"metadata": {"labels": {"a": "b"}}})
    assert guarded.answer(other, writer)[0] == 200
    # Nor can the guard be put over what is somebody else's, or a namespace be made under it.
    own: Object = {"labels": {"kuberoster.io/roster": "main"}}
    for attempt in (
        Attempt(method="PATCH", path="/api/v1/namespaces/web", body={"metadata": own}),
        Attempt(
            method="POST", path="/api/v1/namespaces", body={"metadata": {**own, "name": "new-one"}}
        ),
    ):
        status, words = guarded.answer(attempt, writer)
        assert (status, "'kuberoster-namespaces-main'" in words) == (403, True)
    # Deleted and made again without its label, it would be unguarded, its bindings elsewhere there.
    guarded.refuses(Attempt(method="DELETE", path=one), writer, "namespaces")


STATE = "/api/v1/namespaces/kuberoster-state"
MARK = Attempt(
    method="PATCH", path=f"{STATE}/configmaps/revoked-users", body={"data": {"nobody": "{}"}}
)
OF_STATE = {
    "a state": Attempt(
        method="POST", path=f"{STATE}/secrets", body=_secret("Opaque", name="tfstate-default-x")
    ),
    "a lock": Attempt(
        method="POST",
        path="/apis/coordination.k8s.io/v1/namespaces/kuberoster-state/leases",
        body={"metadata": {"name": "lock-x"}},
    ),
    "no states": Attempt(method="DELETE", path=f"{STATE}/secrets"),
    "a mark": MARK,
    "no mark": Attempt(method="DELETE", path=MARK.path),
    "no marks": Attempt(method="DELETE", path=f"{STATE}/configmaps"),
}


def test_states_locks_and_marks_are_a_deployers_and_marks_a_revokers_too(guarded: Guarded) -> None:
    guarded.fill_state()
    writer = guarded.person("states", WRITER)
    deployer = guarded.person("states-and-deploys", WRITER, RIGHT)
    revoker = guarded.person("states-and-revokes", WRITER, RIGHT | {"verbs": ["revoke"]})
    for _ in until(5):
        if guarded.answer(MARK, revoker)[0] == 200:
            break
    for what, attempt in OF_STATE.items():
        for who in (writer, revoker):
            status, words = guarded.answer(attempt, who)
            if who == revoker and "mark" in what:
                assert status == 200, (what, words)
            else:
                assert (status, "-main'" in words) == (403, True), (what, who, status)
        assert guarded.answer(attempt, deployer)[0] < 300, what
    # A ConfigMap that means nothing to us is nobody's business.
    other = Attempt(method="POST", path=f"{STATE}/configmaps", body={"metadata": {"name": "x"}})
    assert guarded.answer(other, writer)[0] == 201


def test_nothing_of_a_revoked_user_comes_back_whoever_asks(guarded: Guarded) -> None:
    project, user = guarded.project, guarded.user
    administrator = guarded.person("admin", role="cluster-admin")
    for attempt in OF_A_USER.values():
        if attempt.path != f"{HOME}/serviceaccounts":
            assert guarded.answer(attempt)[0] == 201  # not before the revocation
    project.kuberoster("revoke", user, "--yes")
    for what, attempt in OF_A_USER.items():
        for who in (None, administrator):
            status, words = guarded.answer(attempt, who)
            assert (status, f"user {user} is revoked." in words) == (403, True), (what, who, words)
            assert f"kuberoster revoke {user} --lift" in words
    # A user of the same name elsewhere is somebody else.
    elsewhere = OF_A_USER["the ServiceAccount"].filled("web", user)
    assert guarded.answer(elsewhere)[0] == 201
    binding = _binding("x", ACCOUNT | {"namespace": "web"})
    namesake = Attempt(method="POST", path=f"{RBAC}/clusterrolebindings", body=binding)
    assert guarded.answer(namesake)[0] == 201

    project.kuberoster("revoke", user, "--lift", "--yes")
    for _ in until(5):
        if guarded.answer(OF_A_USER["the ServiceAccount"])[0] == 201:
            break
    for what, attempt in OF_A_USER.items():
        assert guarded.answer(attempt)[0] == 201, what


def test_what_of_a_revoked_user_is_on_its_way_out_may_go(guarded: Guarded) -> None:
    project, user = guarded.project, guarded.user
    where = ["serviceaccount", user, "-n", guarded.home]
    keep = '{"metadata": {"finalizers": ["example.com/keeps"]}}'
    project.kubectl("patch", *where, "--type=merge", "-p", keep)
    said = project.run_any("revoke", user, "--yes")
    assert said.status == 1  # the ServiceAccount is kept, and revoke says by whom
    token = CREDENTIALS["a requested token"]
    status, words = guarded.answer(token)
    assert (status, f"user {user} is revoked." in words) == (403, True), words
    project.kubectl("patch", *where, "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
    assert project.kubectl("get", *where, fails=True)


def test_a_deployer_with_what_job_roles_prints_passes(guarded: Guarded) -> None:
    who = f"least-{guarded.number}"
    printed = guarded.project.kuberoster("job-roles", "deploy", "--user", who)
    items = list(yaml.safe_load_all(printed))
    names: Object = {"apiVersion": "v1", "kind": "List", "items": items}
    guarded.project.kubectl("apply", "-f", "-", given=names)
    attempt = CREDENTIALS["a token Secret"]
    for _ in until(5):
        if guarded.answer(attempt, who)[0] == 201:
            break
    assert guarded.answer(attempt, who) == (201, "")
    without = [each for each in items if each["kind"] == "ClusterRole"]
    for each in without:
        each["rules"] = [r for r in each["rules"] if r["apiGroups"] != ["kuberoster.io"]]
        guarded.project.kubectl("apply", "-f", "-", given=each)
    for _ in until(5):
        status, words = guarded.answer(attempt, who)
        if status == 403:
            break
    assert "only a deployer of the roster main writes" in words


def test_the_control_plane_s_own_writers_pass(guarded: Guarded) -> None:
    project = guarded.project
    assert project.status(project.token(guarded.user), pods("web")) == 200  # filled under the guard
    project.kubectl("get", "serviceaccount", "default", "-n", guarded.home)
    project.kubectl("delete", "namespace", guarded.home, "--wait", "--timeout=60s")


CONTROLLER = "system:serviceaccount:kube-system:{0}".format
SECRET = Attempt(method="PATCH", path=f"{HOME}/secrets/{{user}}-of-nobody")


def _changed(attempt: Attempt, **body: Any) -> Attempt:
    return Attempt(method=attempt.method, path=attempt.path, body=dict(body))


def test_a_controller_s_token_writes_no_more_than_the_controller_has_to(guarded: Guarded) -> None:
    """Whoever may write in kube-system, as `edit` everywhere may, can ask for such a token."""
    for home, user in guarded.homes:
        guarded.project.kubectl(
            "create", "secret", "generic", f"{user}-of-nobody", "-n", home, "--from-literal=a=b"
        )
    collector = CONTROLLER("generic-garbage-collector")
    account = CREDENTIALS["another ServiceAccount's fields"]
    refused = {
        # Kubernetes would fill it with the token of whomever the annotation names.
        "no data, and another's name": _changed(
            SECRET, data={"a": None}, metadata={"annotations": OF_USER}
        ),
        "data": _changed(SECRET, data={"a": "eA=="}),
        "another's name": _changed(SECRET, metadata={"annotations": OF_USER}),
        "a label": _changed(SECRET, metadata={"labels": {"kuberoster.io/user": "{user}"}}),
        "a ServiceAccount's fields": account,
    }
    for attempt in refused.values():
        guarded.refuses(attempt, collector, "users-namespaces")
    makes = CREDENTIALS["a ServiceAccount"]
    guarded.refuses(makes, CONTROLLER("service-account-controller"), "users-namespaces")
    guarded.fill_state()
    for what in ("no mark", "no marks", "no states"):
        status, words = guarded.answer(OF_STATE[what], CONTROLLER("namespace-controller"))
        assert (status, "-main'" in words) == (403, True), (what, status, words)
    away = Attempt(method="DELETE", path="/api/v1/namespaces/{home}")
    guarded.refuses(away, CONTROLLER("namespace-controller"), "namespaces")

    kept: Object = {"finalizers": ["example.com/keeps"]}
    unused: Object = {"labels": {"kubernetes.io/legacy-token-invalid-since": "2026-01-02"}}
    cleaner = CONTROLLER("legacy-service-account-token-cleaner")
    assert guarded.answer(_changed(SECRET, metadata=kept), collector)[0] == 200
    assert guarded.answer(_changed(account, metadata=kept), collector)[0] == 200
    assert guarded.answer(_changed(SECRET, metadata=unused), cleaner)[0] == 200


def test_the_namespaces_of_a_roster_go_with_all_that_is_in_them(project: Project) -> None:
    """So no controller needs a right of its own for what is on its way out."""
    project.configure(roster="goes", state={"namespace": "goes-state"})
    project.write("goes", ONE.format("goes-ann"))
    project.kuberoster("bootstrap", "--same-roster")
    project.create()
    project.token("goes-ann")
    state = ["-n", "goes-state"]
    project.kubectl("create", "secret", "generic", "tfstate-default-goes", *state)
    project.kubectl(
        "delete", "secret", "tfstate-default-goes", "--cascade=foreground", *state, "--timeout=60s"
    )
    project.kubectl("create", "secret", "generic", "tfstate-default-goes", *state)
    for namespace in ("users-goes", "goes-state"):
        project.kubectl("delete", "namespace", namespace, "--wait", "--timeout=60s")


def test_a_binding_that_names_a_revoked_user_beside_others_may_change(guarded: Guarded) -> None:
    project, user, name = guarded.project, guarded.user, f"shared-{guarded.number}"
    other: Object = {"kind": "Group", "apiGroup": RBAC.split("/")[2], "name": "g"}
    made = _binding(name, FULL_NAME, other)
    made |= {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding"}
    filled = json.loads(json.dumps(made).replace("{home}", guarded.home).replace("{user}", user))
    project.kubectl("create", "-f", "-", given=filled)
    project.kuberoster("revoke", user, "--yes")
    assert guarded.answer(OF_A_USER["a ClusterRoleBinding"])[0] == 403

    binding = Attempt(method="PATCH", path=f"{RBAC}/clusterrolebindings/{name}")
    administrator = guarded.person("administers", role="cluster-admin")
    for who in (None, administrator):
        for allowed in (
            _changed(binding, metadata={"annotations": {"a": "b"}}),
            _changed(binding, subjects=[FULL_NAME, other, other | {"name": "h"}]),
            _changed(binding, subjects=[other]),
        ):
            assert guarded.answer(allowed, who) == (200, "")
        status, words = guarded.answer(_changed(binding, subjects=[FULL_NAME, ACCOUNT]), who)
        assert (status, f"user {user} is revoked." in words) == (403, True)
    project.kubectl(
        "patch", "clusterrolebinding", name, "-p", json.dumps({"subjects": [other]}), "--type=merge"
    )
    back = _changed(binding, subjects=[FULL_NAME, other])
    status, words = guarded.answer(back)
    assert (status, f"user {user} is revoked." in words) == (403, True)


def test_a_mark_counts_however_its_json_is_written(guarded: Guarded) -> None:
    project, user, home = guarded.project, guarded.user, guarded.home
    project.kuberoster("revoke", user, "--yes")
    mark = project.kubectl(
        "get", "configmap", "revoked-users", "-n", "kuberoster-state", "-o", "json"
    )
    values = json.loads(json.loads(mark)["data"][user])
    namesake = Attempt(
        method="POST",
        path=f"{RBAC}/clusterrolebindings",
        body=_binding("x", ACCOUNT | {"namespace": "web"}),
    )
    several = {"namespaces": ["users-before", home], "user": user}
    one_namespace = (
        json.dumps(values, separators=(",", ":")),
        json.dumps(dict(reversed(values.items())), indent=2),
        json.dumps(values).replace(": ", "\t:\r\n "),
        json.dumps(several),
        json.dumps(several, indent=1),
    )
    # What says of no namespace that it was there is about each.
    each_namespace = ("", "{}", "revoked by hand", json.dumps({"namespace": ""}))
    for text in (*one_namespace, *each_namespace):
        patch = json.dumps({"data": {user: text}})
        project.kubectl(
            "patch",
            "configmap",
            "revoked-users",
            "-n",
            "kuberoster-state",
            "--type=merge",
            "-p",
            patch,
        )
        expected = 201 if text in one_namespace else 403
        for _ in until(5):
            if guarded.answer(namesake)[0] == expected:
                break
        assert guarded.answer(namesake)[0] == expected, text
        for what in ("a ClusterRoleBinding", "a RoleBinding of the full name"):
            status, words = guarded.answer(OF_A_USER[what])
            assert (status, f"user {user} is revoked." in words) == (403, True), (text, words)
