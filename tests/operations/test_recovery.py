"""What a recovery decides, from a stack, a state and the metadata of a cluster."""

from typing import Any

import pytest

from kuberoster import KuberosterError, Team
from kuberoster.cluster.inventory import Key
from kuberoster.operations.recovery.decide import Recovery, decide
from kuberoster.operations.recovery.live import Live
from kuberoster.terraform import Resource, State

WEB = Team(name="web")
OURS = {"app.kubernetes.io/managed-by": "kuberoster", "kuberoster.io/team": "web"}
ANN = OURS | {"kuberoster.io/user": "ann"}
_NAME, _UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"
OF_ANN = {_NAME: "ann", _UID: "uid-ann"}
ACCOUNT = ("ServiceAccount", "users-web", "ann")
SECRET = ("Secret", "users-web", "ann-main-x7k2p")
STACK = [
    Resource(
        address="kubernetes_service_account_v1.ann",
        kind="ServiceAccount",
        namespace="users-web",
        name="ann",
        labels=ANN,
    ),
    Resource(
        address="kubernetes_secret_v1.ann_main",
        kind="Secret",
        namespace="users-web",
        name="",
        prefix="ann-main-",
        labels=ANN | {"kuberoster.io/token": "main"},
    ),
]
EVERYTHING = {
    "kubernetes_service_account_v1.ann": ACCOUNT,
    "kubernetes_secret_v1.ann_main": SECRET,
}


def state(tracked: dict[str, Key]) -> State:
    resources = [
        {
            "mode": "managed",
            "type": address.partition(".")[0],
            "name": address.partition(".")[2],
            "instances": [{"attributes": {"id": f"{key[1]}/{key[2]}" if key[1] else key[2]}}],
        }
        for address, key in tracked.items()
    ]
    return State({"version": 4, "serial": 1, "resources": resources})


def live(*more: tuple[Key, dict[str, Any]]) -> Live:
    found: dict[Key, dict[str, Any]] = {
        ACCOUNT: {"labels": ANN, "uid": "uid-ann"},
        SECRET: {"labels": ANN | {"kuberoster.io/token": "main"}, "annotations": OF_ANN},
        **dict(more),
    }
    for key, metadata in found.items():
        metadata |= {"name": key[2], "namespace": key[1]}
    return Live(found)


def known(tracked: dict[str, Key]) -> State:
    """A state that knows the UID of each object as well."""
    found = state(tracked)
    for resource in found.document["resources"]:
        resource["instances"][0]["attributes"]["metadata"] = [{"uid": "uid-1"}]
    return found


def adopted(recovery: Recovery) -> list[str]:
    return [metadata["name"] for _, metadata in recovery.adopt]


def test_what_the_state_knows_is_left_to_the_deploy() -> None:
    assert not decide(WEB, STACK, state(EVERYTHING), live())
    gone = Live({})
    assert not decide(WEB, STACK, state(EVERYTHING), gone)


@pytest.mark.parametrize(
    ("labels", "way_on", "never"),
    [
        (ANN | {"kuberoster.io/roster": "shop"}, "Rename users/web.py", "delete"),
        ({}, "Find out who did, and delete them.", "Rename"),
    ],
)
def test_only_what_is_no_other_rosters_is_to_be_deleted(
    labels: dict[str, str], way_on: str, never: str
) -> None:
    """Two rosters with a team of one name, which grant in one namespace."""
    binding = ("RoleBinding", "web", "web:ann:edit")
    resource = Resource(
        address="kubernetes_role_binding_v1.ann_web",
        kind="RoleBinding",
        namespace="web",
        name="web:ann:edit",
        labels=ANN,
    )
    found = live((binding, {"labels": labels}))
    with pytest.raises(KuberosterError, match="RoleBinding web/web:ann:edit") as error:
        decide(WEB, [*STACK, resource], state(EVERYTHING), found)
    assert way_on in str(error.value)
    assert never not in str(error.value)


_TOKEN = {"labels": ANN | {"kuberoster.io/token": "main"}}


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        (_TOKEN | {"annotations": OF_ANN | {_NAME: "bob"}}, "a token of 'bob' and not of 'ann'"),
        (_TOKEN | {"annotations": {}}, "a token of nobody, and not one of 'ann'"),
        (_TOKEN | {"annotations": OF_ANN | {_UID: "uid-old"}}, "another ServiceAccount ann"),
        (_TOKEN | {"annotations": OF_ANN, "uid": "uid-anew"}, "was made anew under its old name"),
    ],
)
def test_a_tracked_secret_that_is_no_longer_its_resources_goes(
    metadata: dict[str, Any], why: str
) -> None:
    recovery = decide(WEB, STACK, known(EVERYTHING), live((SECRET, {"uid": "uid-1"} | metadata)))
    assert recovery.forget == {"kubernetes_secret_v1.ann_main"}
    assert list(recovery.delete) == [SECRET]
    assert why in recovery.swapped[SECRET]
    assert "ann" in recovery.losing
    assert recovery.adopt == []


@pytest.mark.parametrize(
    "metadata",
    [
        _TOKEN | {"annotations": {_NAME: "ann"}},  # its token is still to come
        {"labels": {}, "annotations": OF_ANN},  # labels are the deploy's to mend
        _TOKEN | {"annotations": OF_ANN},
    ],
)
def test_a_tracked_secret_that_is_its_resources_stays(metadata: dict[str, Any]) -> None:
    there = live((SECRET, {"uid": "uid-1"} | metadata))
    assert not decide(WEB, STACK, known(EVERYTHING), there)


def test_a_tracked_secret_of_another_type_goes() -> None:
    there = live()
    there.holders[SECRET] = "ann"
    recovery = decide(WEB, STACK, state(EVERYTHING), there)
    assert recovery.swapped == {SECRET: "is of another type than a token's"}


def test_without_a_state_the_account_is_imported_and_its_secret_adopted() -> None:
    recovery = decide(WEB, STACK, State({}), live())
    assert recovery.imports == {"kubernetes_service_account_v1.ann": "users-web/ann"}
    assert adopted(recovery) == ["ann-main-x7k2p"]
    assert not recovery.delete
    assert not recovery.forget


def test_an_old_secret_in_the_state_gives_way_to_the_one_that_is_there() -> None:
    old = EVERYTHING | {"kubernetes_secret_v1.ann_main": ("Secret", "users-web", "ann-main-older")}
    recovery = decide(WEB, STACK, state(old), live())
    assert recovery.forget == {"kubernetes_secret_v1.ann_main"}
    assert adopted(recovery) == ["ann-main-x7k2p"]


def test_a_secret_that_no_state_knows_goes_when_the_state_has_another_one() -> None:
    second = ("Secret", "users-web", "ann-main-22222")
    more = second, {"labels": ANN | {"kuberoster.io/token": "main"}, "annotations": OF_ANN}
    recovery = decide(WEB, STACK, state(EVERYTHING), live(more))
    assert list(recovery.delete) == [second]
    assert recovery.losing == ["ann"]


def test_of_two_secrets_none_is_adopted_and_both_go() -> None:
    second = ("Secret", "users-web", "ann-main-22222")
    more = second, {"labels": ANN | {"kuberoster.io/token": "main"}, "annotations": OF_ANN}
    recovery = decide(WEB, STACK, State({}), live(more))
    assert adopted(recovery) == []
    assert set(recovery.delete) == {SECRET, second}
    assert set(recovery.losing) == {"ann"}


def test_an_address_that_stands_for_another_object_is_forgotten_before_the_import() -> None:
    before = {"kubernetes_service_account_v1.ann": ("ServiceAccount", "users-old", "ann")}
    recovery = decide(WEB, STACK, state(EVERYTHING | before), live())
    assert recovery.forget == {"kubernetes_service_account_v1.ann"}
    assert list(recovery.imports) == ["kubernetes_service_account_v1.ann"]


def test_an_object_known_by_another_address_is_forgotten_there() -> None:
    earlier = {"kubernetes_service_account_v1.web_ann": ACCOUNT}
    recovery = decide(WEB, STACK, state(earlier), live())
    assert recovery.forget == {"kubernetes_service_account_v1.web_ann"}
    assert list(recovery.imports) == ["kubernetes_service_account_v1.ann"]


def test_a_secret_elsewhere_is_not_adopted() -> None:
    elsewhere = ("Secret", "users-api", "ann-main-22222")
    more = elsewhere, {"labels": ANN | {"kuberoster.io/token": "main"}, "annotations": OF_ANN}
    found = live(more)
    del found.objects[SECRET]
    assert adopted(decide(WEB, STACK, State({}), found)) == []


DOUBTS: dict[str, tuple[str, dict[str, Any]]] = {
    "of an earlier account": (
        "ann-main-22222",
        {"annotations": OF_ANN | {"kubernetes.io/service-account.uid": "uid-before"}},
    ),
    "without a token yet": (
        "ann-main-22222",
        {"annotations": {"kubernetes.io/service-account.name": "ann"}},
    ),
    "of another account": (
        "ann-main-22222",
        {"annotations": OF_ANN | {"kubernetes.io/service-account.name": "bob"}},
    ),
    "of a chosen name": ("ann-main-mine", {"annotations": OF_ANN}),
    "of another prefix": ("bob-main-22222", {"annotations": OF_ANN}),
    "not managed by us": (
        "ann-main-22222",
        {
            "annotations": OF_ANN,
            "labels": {"kuberoster.io/team": "web", "kuberoster.io/user": "ann"},
        },
    ),
    "of another team": (
        "ann-main-22222",
        {"annotations": OF_ANN, "labels": ANN | {"kuberoster.io/team": "api"}},
    ),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_secret_in_doubt_is_never_adopted(doubt: str) -> None:
    name, given = DOUBTS[doubt]
    metadata = {"labels": ANN} | given
    metadata["labels"] = metadata["labels"] | {"kuberoster.io/token": "main"}
    found = live((("Secret", "users-web", name), metadata))
    del found.objects[SECRET]
    known = {"kubernetes_service_account_v1.ann": ACCOUNT}
    assert adopted(decide(WEB, STACK, state(known), found)) == []


THEIRS: list[tuple[Key, dict[str, Any]]] = [
    (("ServiceAccount", "users-web", "ghost"), {}),
    (("ServiceAccount", "users-web", "default"), {"labels": OURS}),
    (("Secret", "users-web", "ghost-token"), {"annotations": OF_ANN | {
        "kubernetes.io/service-account.name": "ghost"}}),
    (("Secret", "api", "ann-main-33333"), {"labels": ANN, "annotations": OF_ANN}),
    (("RoleBinding", "web", "web:ann:edit"), {"labels": ANN | {"kuberoster.io/team": "api"}}),
    (("RoleBinding", "web", "monitoring"), {"labels": OURS}),
    (("ClusterRole", "", "admin"), {"labels": OURS}),
    (("ResourceQuota", "users-web", "no-pods-bootstrap"), {"labels": OURS}),
    (("Namespace", "", "users-web"), {"labels": OURS}),
    (("Namespace", "", "users-api"), {"labels": OURS}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "metadata"), THEIRS)
def test_what_is_not_ours_alone_is_never_deleted(key: Key, metadata: dict[str, Any]) -> None:
    assert not decide(WEB, STACK, state(EVERYTHING), live((key, dict(metadata))))


OURS_ALONE: list[tuple[Key, dict[str, Any]]] = [
    (("ServiceAccount", "users-web", "bob"), {"labels": OURS}),
    (("Secret", "users-web", "planted"), {"annotations": OF_ANN}),
    (("Secret", "users-web", "bob-main-22222"), {"labels": OURS}),
    (("RoleBinding", "web", "web:bob:edit"), {"labels": OURS}),
    (("ClusterRoleBinding", "", "web:bob:view"), {"labels": OURS}),
    (("Role", "web", "web:bob:role=x"), {"labels": OURS}),
    (("ResourceQuota", "users-web", "no-pods"), {"labels": OURS}),
]


@pytest.mark.parametrize(("key", "metadata"), OURS_ALONE)
def test_what_is_ours_and_nobody_tracks_is_deleted(key: Key, metadata: dict[str, Any]) -> None:
    assert list(decide(WEB, STACK, state(EVERYTHING), live((key, dict(metadata)))).delete) == [key]


def test_an_account_without_our_labels_is_refused() -> None:
    found = live((ACCOUNT, {"uid": "uid-ann"}))
    with pytest.raises(KuberosterError, match="ServiceAccount users-web/ann"):
        decide(WEB, STACK, State({}), found)


def test_a_namespace_on_its_way_out_is_waited_for() -> None:
    with pytest.raises(KuberosterError, match="is being deleted"):
        decide(
            WEB, STACK, State({}), Live({}, {("Namespace", "", "users-web"): {"name": "users-web"}})
        )
