"""The guard: whether it stands, what weakens it, and what it refuses."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from controlplane import ControlPlane
from kuberoster.cluster import Cluster
from kuberoster.model.errors import KuberosterError
from kuberoster.operations.guard import guard_manifests, make_guard, read_guard
from tests.project import Object, Project

POLICIES = "validatingadmissionpolicies"
BINDINGS = "validatingadmissionpolicybindings"


@pytest.fixture
def cluster(prepared: ControlPlane) -> Iterator[Cluster]:
    connected = Cluster.connect(kubeconfig=str(prepared.kubeconfig))
    yield connected
    connected.close()


def _change(project: Project, kind: str, name: str, *operations: Object) -> None:
    project.kubectl("patch", kind, name, "--type=json", "-p", json.dumps(operations))


def test_it_stands_when_it_was_made_and_making_it_again_writes_nothing(
    project: Project, cluster: Cluster
) -> None:
    assert read_guard(cluster, "gd-made", "gd-made-state").state == "absent"
    assert make_guard(cluster, "gd-made", "gd-made-state").stands

    def versions() -> list[str]:
        found = project.objects(f"{POLICIES},{BINDINGS}", "-l", "kuberoster.io/roster=gd-made")
        return [each["metadata"]["resourceVersion"] for each in found]

    before = versions()
    assert len(before) == len(list(guard_manifests("gd-made", "gd-made-state")))
    assert make_guard(cluster, "gd-made", "gd-made-state").stands
    assert versions() == before
    assert read_guard(cluster, "gd-made", "another-state").state == "weakened"


WEAKER: dict[str, tuple[str, str, Object]] = {
    "warns": (
        BINDINGS,
        "revoked-users",
        {"op": "replace", "path": "/spec/validationActions", "value": ["Warn"]},
    ),
    "only audits": (
        BINDINGS,
        "state",
        {"op": "replace", "path": "/spec/validationActions", "value": ["Audit"]},
    ),
    "lets errors pass": (
        POLICIES,
        "namespaces",
        {"op": "replace", "path": "/spec/failurePolicy", "value": "Ignore"},
    ),
    "another parameter": (
        BINDINGS,
        "revoked-bindings",
        {"op": "replace", "path": "/spec/paramRef/name", "value": "nobody"},
    ),
    "another selector": (
        POLICIES,
        "users-namespaces",
        {
            "op": "replace",
            "path": "/spec/matchConstraints/namespaceSelector/matchLabels",
            "value": {"a": "b"},
        },
    ),
    "bound to fewer": (
        BINDINGS,
        "users-namespaces",
        {
            "op": "add",
            "path": "/spec/matchResources",
            "value": {"namespaceSelector": {"matchLabels": {"a": "b"}}},
        },
    ),
    "leaves some out": (
        POLICIES,
        "users-namespaces",
        {
            "op": "add",
            "path": "/spec/matchConstraints/excludeResourceRules",
            "value": [
                {
                    "apiGroups": [""],
                    "apiVersions": ["*"],
                    "operations": ["*"],
                    "resources": ["secrets"],
                }
            ],
        },
    ),
    "another condition": (
        POLICIES,
        "users-namespaces",
        {
            "op": "add",
            "path": "/spec/matchConditions",
            "value": [{"name": "n", "expression": "false"}],
        },
    ),
    "another expression": (
        POLICIES,
        "state",
        {"op": "replace", "path": "/spec/validations/0/expression", "value": "true"},
    ),
    "bound to another policy": (
        BINDINGS,
        "namespaces",
        {"op": "replace", "path": "/spec/policyName", "value": "none"},
    ),
}


@pytest.mark.parametrize("how", WEAKER)
def test_each_way_to_weaken_it_is_seen_and_made_good(
    project: Project, cluster: Cluster, how: str
) -> None:
    roster = "gd-weak"
    assert make_guard(cluster, roster, f"{roster}-state").stands
    kind, subject, operation = WEAKER[how]
    _change(project, kind, f"kuberoster-{subject}-{roster}", operation)

    found = read_guard(cluster, roster, f"{roster}-state")

    assert (found.state, found.stands) == ("weakened", False)
    (fault,) = found.faults
    named = "ValidatingAdmissionPolicy" + ("Binding" if kind == BINDINGS else "")
    assert (fault.object, fault.state) == (f"{named} kuberoster-{subject}-{roster}", "changed")
    field = str(operation["path"]).split("/")[2]
    assert fault.what.startswith(f"{field} is ")
    assert make_guard(cluster, roster, f"{roster}-state").stands


def test_a_policy_or_a_binding_that_is_gone_is_seen(project: Project, cluster: Cluster) -> None:
    for kind in (POLICIES, BINDINGS):
        make_guard(cluster, "gd-gone", "gd-gone-state")
        project.kubectl("delete", kind, "kuberoster-state-gd-gone")
        found = read_guard(cluster, "gd-gone", "gd-gone-state")
        assert found.state == "weakened"
        assert [fault.state for fault in found.faults] == ["missing"]


def test_two_that_make_it_at_once_both_end_well(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Cluster.create
    quicker: list[str] = []

    def late(self: Cluster, path: str, body: Object) -> Object:
        if not quicker:
            quicker.append(path)
            create(self, path, body)
        return create(self, path, body)

    monkeypatch.setattr(Cluster, "create", late)
    assert make_guard(cluster, "gd-race", "gd-race-state").stands
    assert quicker


def _named(project: Project, roster: str) -> set[str]:
    found = project.objects(f"{POLICIES},{BINDINGS}", "-l", f"kuberoster.io/roster={roster}")
    return {each["metadata"]["name"] for each in found}


def _made_before(project: Project, roster: str) -> None:
    """The guard of a roster as the version before made it, which is under other names."""
    items = []
    for manifest in guard_manifests(roster, f"{roster}-state"):
        made = json.loads(json.dumps(manifest))
        subject = made["metadata"]["name"].removeprefix("kuberoster-").removesuffix(f"-{roster}")
        made["metadata"]["name"] = f"kuberoster-{roster}-{subject}"
        if "policyName" in made["spec"]:
            made["spec"]["policyName"] = made["metadata"]["name"]
        items.append(made)
    project.kubectl("create", "-f", "-", given={"apiVersion": "v1", "kind": "List", "items": items})


def test_rosters_whose_names_end_like_a_policy_have_a_guard_each(
    project: Project, cluster: Cluster
) -> None:
    rosters = ["gd-two", "gd-two-users", "users-gd-two", "namespaces-gd-two"]
    for roster in rosters:
        assert make_guard(cluster, roster, f"{roster}-state").stands
    for roster in rosters:
        assert read_guard(cluster, roster, f"{roster}-state").stands
        assert (
            len(_named(project, roster))
            == len(list(guard_manifests(roster, f"{roster}-state"))) // 2
        )


def test_a_policy_that_is_labelled_as_another_roster_s_is_never_overwritten(
    project: Project, cluster: Cluster
) -> None:
    for kind in (POLICIES, BINDINGS):
        assert make_guard(cluster, "gd-mine", "gd-mine-state").stands
        taken = [kind, "kuberoster-state-gd-mine"]
        project.kubectl("label", *taken, "kuberoster.io/roster=gd-theirs", "--overwrite")
        before = project.kubectl("get", *taken, "-o", "json")
        with pytest.raises(KuberosterError, match="is labelled as the roster 'gd-theirs''s"):
            make_guard(cluster, "gd-mine", "gd-mine-state")
        assert project.kubectl("get", *taken, "-o", "json") == before
        assert read_guard(cluster, "gd-mine", "gd-mine-state").state == "weakened"
        project.kubectl("delete", *taken)


def test_what_the_version_before_made_is_shown_and_goes_when_the_guard_is_made(
    project: Project, cluster: Cluster
) -> None:
    _made_before(project, "gd-old")
    # There it had the same name as one of the roster gd-old-users, whose bootstrap took it.
    taken = [POLICIES, "kuberoster-gd-old-users-namespaces"]
    project.kubectl("label", *taken, "kuberoster.io/roster=gd-old-users", "--overwrite")
    found = read_guard(cluster, "gd-old", "gd-old-state")
    assert (found.state, len(found.left)) == ("absent", len(found.faults) - 1)
    assert {each.what for each in found.left} == {
        "is of a version before, which named it otherwise: run kuberoster bootstrap"
    }
    made = make_guard(cluster, "gd-old", "gd-old-state")
    assert (made.state, made.left) == ("whole", ())
    assert _named(project, "gd-old") == {
        each["metadata"]["name"] for each in guard_manifests("gd-old", "gd-old-state")
    }
    assert _named(project, "gd-old-users") == {taken[1]}
    assert make_guard(cluster, "gd-old-users", "gd-old-users-state").stands
    assert taken[1] not in _named(project, "gd-old-users")


def test_the_guard_of_a_roster_that_got_another_name_is_shown(
    project: Project, cluster: Cluster
) -> None:
    assert make_guard(cluster, "gd-before", "gd-renamed-state").stands
    made = make_guard(cluster, "gd-after", "gd-renamed-state")
    assert made.stands
    assert len(made.left) == len(list(guard_manifests("gd-before", "gd-before-state")))
    assert "kubectl delete" in made.left[0].what
    assert made.left[0].what.endswith("-l kuberoster.io/roster=gd-before")
    assert read_guard(cluster, "gd-other", "gd-other-state").left == ()


# bootstrap and drift


def _as(project: Project, who: str, *rules: Object) -> None:
    """Let the project's commands be somebody's who has these rules in the whole cluster."""
    role: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": who},
        "rules": [*rules],
    }
    project.kubectl("create", "-f", "-", given=role)
    project.kubectl("create", "clusterrolebinding", who, f"--clusterrole={who}", f"--user={who}")
    project.act_as(who)


EVERYTHING: Object = {
    "apiGroups": ["", "rbac.authorization.k8s.io", "coordination.k8s.io", "kuberoster.io"],
    "resources": ["*"],
    "verbs": ["*"],
}
LIST: Object = {
    "apiGroups": ["admissionregistration.k8s.io"],
    "resources": [POLICIES, BINDINGS],
    "verbs": ["get", "list"],
}


def _own(project: Project, name: str, **more: object) -> None:
    own: Object = {"roster": name, "state": {"namespace": f"{name}-state"}, **more}
    project.configure(**own)


def _says(project: Project) -> object:
    document = json.loads((project.folder / "cdktf.json").read_text())
    return document["context"]["kuberoster"].get("guard")


def test_bootstrap_makes_it_says_so_in_cdktf_json_and_drift_holds_it_to_that(
    project: Project,
) -> None:
    _own(project, "gd-boot")
    project.write("gd-boot", "")
    project.create()
    assert _says(project) is None
    said = project.kuberoster("bootstrap", "--same-roster")
    assert "guard: stands. The API server refuses whatever would bring a revoked user back" in said
    assert "cdktf.json: says so now (guard: true); commit it" in said
    assert _says(project) is True
    assert (
        "cdktf.json" not in project.kuberoster("bootstrap", "--same-roster").partition("guard")[2]
    )

    weaker = {"op": "replace", "path": "/spec/validationActions", "value": ["Warn"]}
    _change(project, BINDINGS, "kuberoster-state-gd-boot", weaker)
    project.kubectl("delete", POLICIES, "kuberoster-namespaces-gd-boot")
    drift = project.run_any("drift")
    assert drift.status == 2
    lines = " ".join(drift.output.split())
    assert "missing ValidatingAdmissionPolicy kuberoster-namespaces-gd-boot is not in" in lines
    changed = "changed ValidatingAdmissionPolicyBinding kuberoster-state-gd-boot validationActions"
    assert f'{changed} is ["Warn"] and not ["Deny"]: run kuberoster bootstrap' in lines
    project.kuberoster("bootstrap", "--same-roster")
    assert "ValidatingAdmission" not in project.run_any("drift").output

    said = project.kuberoster("bootstrap", "--same-roster", "--no-guard")
    assert "guard: its policies stand from before, and are left." in said
    assert "So this is not guarded: " in said
    assert _says(project) is False
    beside = project.run_any("drift")
    assert "warning: the admission policies of the roster 'gd-boot' are in the" in beside.errors


def test_who_may_make_no_policies_gets_all_else_and_is_told_what_is_not_guarded(
    project: Project,
) -> None:
    _own(project, "gd-less")
    project.write("gd-less", "")
    _as(project, "gd-less-admin", EVERYTHING, LIST)
    said = project.kuberoster("bootstrap", "--same-roster")
    assert "gd-less-state: made, and closed to pods" in said
    assert "guard: not made: nothing of it is there, and you may not write admission" in said
    assert "So this is not guarded: a plan made before a revocation brings the user back" in said
    assert _says(project) is not True


POLICY_RIGHTS: Object = {**LIST, "verbs": ["*"]}
NOT_TRIED = {
    # The guard itself lets nobody mark who is neither deployer nor revoker.
    "marks": [{**EVERYTHING, "apiGroups": EVERYTHING["apiGroups"][:3]}],
    "pods": [
        {**EVERYTHING, "apiGroups": EVERYTHING["apiGroups"][1:]},
        {
            "apiGroups": [""],
            "resources": ["namespaces", "secrets", "serviceaccounts", "resourcequotas"],
            "verbs": ["*"],
        },
        {"apiGroups": [""], "resources": ["*"], "verbs": ["get", "list"]},
    ],
    "serviceaccounts": [
        {**EVERYTHING, "apiGroups": EVERYTHING["apiGroups"][1:]},
        {
            "apiGroups": [""],
            "resources": ["namespaces", "secrets", "configmaps", "pods", "resourcequotas"],
            "verbs": ["*"],
        },
        {"apiGroups": [""], "resources": ["*"], "verbs": ["get", "list", "patch"]},
    ],
}


@pytest.mark.parametrize("lacking", NOT_TRIED)
def test_a_guard_that_could_not_be_tried_is_not_said_to_stand(
    project: Project, lacking: str
) -> None:
    name = f"gd-untried-{lacking}"
    _own(project, name)
    project.write(name, "")
    administrator = project.environment
    _as(project, f"{name}-admin", POLICY_RIGHTS, *NOT_TRIED[lacking])

    said = project.kuberoster("bootstrap", "--same-roster")

    untried = "guard: its policies are there, and whether the API server acts on them was not tried"
    assert f"{untried}: " in said
    assert "guard: stands" not in said
    assert "guard: not made" not in said
    assert _says(project) is None
    project.environment = administrator
    assert "guard: stands. " in project.kuberoster("bootstrap", "--same-roster")
    assert _says(project) is True


def test_what_a_trial_that_was_killed_has_left_goes_with_the_next_bootstrap(
    project: Project,
) -> None:
    _own(project, "gd-killed")
    project.write("gd-killed", "")
    project.kuberoster("bootstrap", "--same-roster")
    marks = ["configmap", "revoked-users", "-n", "gd-killed-state"]
    kept = {"guard-0badcafe.kuberoster.io": '{"by": "x"}', "guard-1.kuberoster.io": "{}"}
    data = {"guard-badc0ffe.kuberoster.io": "{}", "guard-01234567.kuberoster.io": "{}", **kept}
    project.kubectl("patch", *marks, "-p", json.dumps({"data": data}))

    assert "guard: stands. " in project.kuberoster("bootstrap", "--same-roster")

    assert json.loads(project.kubectl("get", *marks, "-o", "json"))["data"] == kept


def test_a_trial_whose_mark_another_one_takes_away_ends_well(
    project: Project, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    _own(project, "gd-trials")
    project.write("gd-trials", "")
    project.kuberoster("bootstrap", "--same-roster")
    try_create = Cluster.try_create
    quicker: list[str] = []

    def late(self: Cluster, path: str, body: Object) -> None:
        if path.endswith("/serviceaccounts") and not quicker:
            quicker.append(path)
            assert make_guard(self, "gd-trials", "gd-trials-state").untried == ""
        try_create(self, path, body)

    monkeypatch.setattr(Cluster, "try_create", late)
    made = make_guard(cluster, "gd-trials", "gd-trials-state")

    assert (made.stands, made.untried, len(quicker)) == (True, "", 1)


def test_revoke_says_that_it_could_not_try_the_guard(project: Project) -> None:
    _own(project, "gd-quiet")
    who = 'User("gd-quiet-{0}", email="u@example.com", access=[view("web")])'
    project.write("gd-quiet", ", ".join(map(who.format, "ab")))
    project.create()
    rest: Object = {**EVERYTHING, "apiGroups": ["rbac.authorization.k8s.io"]}
    core: Object = {"apiGroups": [""], "resources": ["*"]}
    revokes: Object = {"apiGroups": ["kuberoster.io"], "resources": ["*"], "verbs": ["revoke"]}
    asks: Object = {**EVERYTHING, "apiGroups": ["authorization.k8s.io"]}
    administrator = project.environment
    _as(
        project,
        "gd-quiet-revoker",
        rest,
        revokes,
        asks,
        LIST,
        {**core, "verbs": ["get", "list", "delete", "patch"]},
        {**core, "resources": ["namespaces", "configmaps", "resourcequotas"], "verbs": ["create"]},
    )
    revoker = project.environment
    untried = "not tried: whether the API server refuses to make ServiceAccount users-gd-quiet/"
    said = project.run_any("revoke", "gd-quiet-a", "--yes")
    assert (said.status, untried in said.output) == (0, False), (
        said.errors
    )  # there is no guard to try

    project.environment = administrator
    project.kuberoster("bootstrap", "--same-roster")
    project.environment = revoker
    said = project.run_any("revoke", "gd-quiet-b", "--yes")

    assert said.status == 0, said.errors
    assert f"{untried}gd-quiet-b anew: " in said.output
    assert "cannot create resource" in said.output.partition(untried)[2]


def test_a_guard_that_drift_may_not_see_is_an_error_and_nothing_is_called_as_it_should_be(
    project: Project,
) -> None:
    _own(project, "gd-blind", guard=True)
    project.write("gd-blind", "")
    project.create()
    _as(project, "gd-blind-drift", EVERYTHING)
    drift = project.run_any("drift")
    assert drift.status == 1
    assert "the guard was not looked at: this credential may not list admission" in (drift.errors)
    assert "as the roster says" not in drift.output


def test_the_namespace_of_marks_that_revoke_makes_is_the_roster_s_where_it_may_say_so(
    project: Project,
) -> None:
    _own(project, "gd-marks")
    who = 'User("gd-marks-{0}", email="u@example.com", access=[view("web")])'
    project.write("gd-marks", ", ".join(map(who.format, "ab")))
    project.create()
    project.token("gd-marks-b")
    state = ["namespace", "gd-marks-state"]

    def labels() -> dict[str, str]:
        found = json.loads(project.kubectl("get", *state, "-o", "json"))
        return dict(found["metadata"]["labels"])

    said = project.run_any("revoke", "gd-marks-a", "--yes")
    assert (said.status, "without the roster's label" in said.errors) == (0, False)
    assert labels()["kuberoster.io/roster"] == "gd-marks"

    project.kuberoster("bootstrap", "--same-roster")
    project.kubectl("delete", *state)
    revokes: Object = {
        "apiGroups": ["kuberoster.io"],
        "resources": ["rosters"],
        "verbs": ["revoke"],
    }
    everything: Object = {"apiGroups": EVERYTHING["apiGroups"][:3], "resources": ["*"]}
    asks: Object = {
        "apiGroups": ["authorization.k8s.io"],
        "resources": ["subjectaccessreviews"],
        "verbs": ["create"],
    }
    _as(project, "gd-marks-revoker", everything | {"verbs": ["*"]}, revokes, asks)
    said = project.run_any("revoke", "gd-marks-b", "--yes")
    assert said.status == 0, said.errors
    assert "warning: the namespace of the mark is made without the roster's label" in said.errors
    assert "kuberoster.io/roster" not in labels()


def test_another_namespace_of_the_state_is_no_reason_to_move_the_guard(
    project: Project, cluster: Cluster
) -> None:
    assert make_guard(cluster, "gd-moves", "gd-moves-state").stands
    project.configure(roster="gd-moves", state={"namespace": "another-state"})
    project.write("gd-moves", "")
    said = project.kuberoster("bootstrap", "--same-roster", fails=True)
    assert "the cluster has one of this name, with its state in gd-moves-state.\n" in said
    remove = f"kubectl delete {POLICIES},{BINDINGS} -l kuberoster.io/roster=gd-moves"
    assert said.rstrip().endswith(f"no state of it is there any more, say so: {remove}")
    # Before anything is made, so that nothing of two rosters meets.
    assert project.kubectl("get", "namespace", "another-state", fails=True)
    assert read_guard(cluster, "gd-moves", "gd-moves-state").stands

    project.kubectl(*remove.split()[1:])
    assert "guard: stands." in project.kuberoster("bootstrap", "--same-roster")


def test_a_cluster_that_knows_no_policies_gets_all_else(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    plugins = "ValidatingAdmissionPolicy,MutatingAdmissionPolicy"
    webhooks = "ValidatingAdmissionWebhook,MutatingAdmissionWebhook"
    older = (
        "--runtime-config=admissionregistration.k8s.io/v1=false",
        f"--disable-admission-plugins={plugins},{webhooks}",
    )
    with ControlPlane(tmp_path / "older", extra_api_server_args=older) as control_plane:
        project = Project(tmp_path / "project", control_plane)
        project.write("team", "")
        said = project.kuberoster("bootstrap")
        assert "kuberoster-state: made, and closed to pods" in said
        assert "guard: not made: the cluster knows no admission policies, which came with" in said
        assert "So this is not guarded: " in said
        assert _says(project) is not True


def test_an_api_server_that_reads_no_marks_any_more_is_found_out(tmp_path: Path) -> None:
    """As each is after the policies were all deleted, though they are made again."""
    with ControlPlane(tmp_path / "own") as own:
        (tmp_path / "project").mkdir()
        project = Project(tmp_path / "project", own)
        project.write("blind", 'User("bea", email="b@example.com"), User("ben", email="b@e.com")')
        project.kuberoster("bootstrap")
        project.create()
        project.kubectl("delete", f"{POLICIES},{BINDINGS}", "--all")
        time.sleep(3)  # it looks at its policies once a second

        said = project.kuberoster("bootstrap", fails=True)
        assert "does not see who is marked now" in said
        assert "Start each kube-apiserver again" in said
        shown = project.run_any("revoke", "bea", "--yes")
        assert shown.status == 1
        assert "ServiceAccount users-blind/bea: can be made anew" in shown.errors

        own.stop_api_server()
        own.start_api_server()
        assert "guard: stands" in project.kuberoster("bootstrap")
        marks = project.kubectl(
            "get", "configmap", "revoked-users", "-n", "kuberoster-state", "-o", "json"
        )
        assert [*json.loads(marks)["data"]] == ["bea"]
        assert project.run_any("revoke", "ben", "--yes").status == 0
