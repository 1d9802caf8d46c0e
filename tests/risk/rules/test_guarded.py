"""What rules and paths find where the roster's admission policies stand."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from kuberoster import ClusterRole, Grant, edit
from kuberoster.model.guard import as_set
from kuberoster.operations.guard import Guard, GuardFault, as_found
from kuberoster.rbac.source import offline
from kuberoster.review.change.review import review
from kuberoster.review.change.side import side
from kuberoster.risk.paths import in_words, paths
from kuberoster.risk.paths.accounts import REQUESTS
from kuberoster.risk.paths.cluster import LIFTS, STEERS
from kuberoster.risk.paths.secrets import MAKES, TURNS
from tests.risk.rules.cases import ADMISSION, RBAC, can, cluster, home, within
from tests.risk.rules.test_rules import DAY, SETTINGS, found, ids, roster_of

GUARDED = replace(SETTINGS, guard=True)
DEPLOYER = cluster("deploy", "rosters", "kuberoster.io", "main")
REFUSED = {
    "write-users-secrets": home("create", "secrets"),
    "request-users-tokens": home("create", "serviceaccounts/token"),
    "run-in-users-namespace": home("create", "pods"),
    "lower-users-guards": home("patch", "resourcequotas"),
    "write-roster-users": home("create", "serviceaccounts"),
    "write-state": [within("kuberoster-state", can("patch", "secrets"))],
    "write-bindings": home("create", "rolebindings", RBAC),
    "write-secrets": home("create", "secrets"),
    "read-users-tokens": home("patch", "secrets"),
    "request-tokens": home("create", "serviceaccounts/token"),
}


def _steps(access: Iterable[Grant], *, guarded: bool) -> list[str]:
    roster = roster_of(*access)
    policy = offline(roster, DAY).policy
    given = paths(policy, roster, SETTINGS, guarded=guarded)
    return [in_words(path.steps) for path in given.by("users-web", "ann")]


@pytest.mark.parametrize("rule", REFUSED)
def test_what_the_guard_refuses_is_no_finding_but_for_who_is_let_pass(rule: str) -> None:
    access = REFUSED[rule]

    assert rule in ids(found(*access))
    assert rule not in ids(found(*access, settings=GUARDED))
    for passes in (
        DEPLOYER,
        cluster("patch", "validatingadmissionpolicies", ADMISSION),
        cluster("delete", "validatingadmissionpolicybindings", ADMISSION),
    ):
        assert rule in ids(found(*access, *passes, settings=GUARDED))
    other = cluster("deploy", "rosters", "kuberoster.io", "other")
    assert rule not in ids(found(*access, *other, settings=GUARDED))


def test_reading_and_impersonation_stay_what_they_are() -> None:
    for rule, access in {
        "read-users-tokens": home("get", "secrets"),
        "impersonate-roster-users": home("impersonate", "serviceaccounts"),
        "delete-users-tokens": home("delete", "secrets"),
        "write-roster-users": home("delete", "serviceaccounts"),
        "edit-users-namespace": [edit("users-web")],
    }.items():
        assert rule in ids(found(*access, settings=GUARDED)), rule


@pytest.mark.parametrize(
    ("step", "access"),
    [
        ("read their tokens in Secrets", home("patch", "secrets")),
        (MAKES, home("create", "secrets") + home("get", "secrets", names="x")),
        (TURNS, home("get update", "secrets", names="ann-main-x7k2p")),
        (REQUESTS, home("create", "serviceaccounts/token")),
        (REQUESTS, home("create", "serviceaccounts/token", names="bob")),
        (LIFTS, home("create", "pods") + home("patch", "resourcequotas")),
        (STEERS, [within("kuberoster-state", can("patch", "secrets"))]),
        (
            "bind a role to itself that opens their tokens",
            home("bind", "clusterroles", RBAC) + home("create", "rolebindings", RBAC),
        ),
        ("write any right into a role that it has", home("escalate patch", "roles", RBAC)),
    ],
)
def test_a_step_that_the_guard_refuses_is_no_path(step: str, access: list[Grant]) -> None:
    assert _steps(access, guarded=False) == [step]
    assert _steps(access, guarded=True) == []
    assert step in _steps([*access, *DEPLOYER], guarded=True)


def test_what_no_write_is_needed_for_stays_a_path() -> None:
    assert _steps(home("list", "secrets"), guarded=True) == ["read their tokens in Secrets"]
    assert _steps(home("impersonate", "serviceaccounts"), guarded=True) == ["impersonate them"]


def test_edit_over_the_whole_cluster_makes_no_token_of_a_user_at_once() -> None:
    grant = ClusterRole("edit").cluster_wide()
    assert not {"write-users-secrets", "request-users-tokens", "write-state"} & ids(
        found(grant, settings=GUARDED)
    )
    # It may read every Secret and impersonate every ServiceAccount all the same.
    assert _steps([grant], guarded=True)[0] in (
        "read their tokens in Secrets",
        "impersonate them",
    )


def test_the_ground_says_whether_the_guard_stands() -> None:
    roster = roster_of()
    spaces = [{"metadata": {"name": "users-web", "labels": {"kuberoster.io/roster": "main"}}}]
    whole, absent = Guard(state="whole"), Guard(state="absent")
    assert as_found(whole, GUARDED, roster, spaces).stands
    assert as_found(absent, SETTINGS, roster, spaces).words == ""
    said = as_found(absent, GUARDED, roster, spaces)
    assert not said.stands
    assert said.words.startswith("; cdktf.json says that the guard stands, and it does not (")
    fault = GuardFault(object="ValidatingAdmissionPolicy x", state="changed", what="spec differs")
    weak = as_found(Guard(state="weakened", faults=(fault,)), GUARDED, roster, spaces)
    assert "ValidatingAdmissionPolicy x: spec differs" in weak.words
    unseen = as_found(Guard(state="unseen"), GUARDED, roster, spaces)
    assert unseen.words.startswith("; whether the guard stands is not known (")
    bare = as_found(whole, GUARDED, roster, [{"metadata": {"name": "users-web"}}])
    assert not bare.stands
    assert "without the roster's label: users-web" in bare.words


def test_a_change_that_says_that_the_guard_stands_does_not_let_itself_pass() -> None:
    before, after = roster_of(), roster_of(*REFUSED["request-users-tokens"])
    guarding = as_set(SETTINGS)
    found_then = review(
        side(SETTINGS, before, DAY, guarding), side(GUARDED, after, DAY, guarding), DAY, "a test"
    )
    assert list(map(str, found_then.settings)) == ["guard: False -> True"]
    assert [block.kind for block in found_then.blocks] == ["finding"]
