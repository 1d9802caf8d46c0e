"""The guard: whether it stands, what weakens it, and what it refuses."""

import json
from collections.abc import Iterator

import pytest

from controlplane import ControlPlane
from kuberoster.operations.cluster import Cluster
from kuberoster.operations.guard import guard_manifests, make_guard, read_guard
from tests.project import Object, Project

STATE = "kuberoster-state"
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
    assert read_guard(cluster, "gd-made", STATE).state == "absent"
    assert make_guard(cluster, "gd-made", STATE).stands

    def versions() -> list[str]:
        found = project.objects(f"{POLICIES},{BINDINGS}", "-l", "kuberoster.io/roster=gd-made")
        return [each["metadata"]["resourceVersion"] for each in found]

    before = versions()
    assert len(before) == len(list(guard_manifests("gd-made", STATE)))
    assert make_guard(cluster, "gd-made", STATE).stands
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
    assert make_guard(cluster, roster, STATE).stands
    kind, subject, operation = WEAKER[how]
    _change(project, kind, f"kuberoster-{roster}-{subject}", operation)

    found = read_guard(cluster, roster, STATE)

    assert (found.state, found.stands) == ("weakened", False)
    (fault,) = found.faults
    named = "ValidatingAdmissionPolicy" + ("Binding" if kind == BINDINGS else "")
    assert (fault.object, fault.state) == (f"{named} kuberoster-{roster}-{subject}", "changed")
    field = str(operation["path"]).split("/")[2]
    assert fault.what.startswith(f"{field} is ")
    assert make_guard(cluster, roster, STATE).stands


def test_a_policy_or_a_binding_that_is_gone_is_seen(project: Project, cluster: Cluster) -> None:
    for kind in (POLICIES, BINDINGS):
        make_guard(cluster, "gd-gone", STATE)
        project.kubectl("delete", kind, "kuberoster-gd-gone-state")
        found = read_guard(cluster, "gd-gone", STATE)
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
    assert make_guard(cluster, "gd-race", STATE).stands
    assert quicker
