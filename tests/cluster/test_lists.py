"""Lists: page by page, of one moment, whole, and never of whole Secrets."""

import pytest

from kuberoster.cluster import Cluster, ClusterError, Expired, from_one_moment
from tests.cluster.answers import Answer, failure, json_answer, only_metadata, page
from tests.cluster.api_server import Received, Server
from tests.cluster.sample_requests import ROLES, SECRETS


def test_metadata_is_listed_page_by_page_without_the_objects(
    cluster: Cluster, server: Server
) -> None:
    copy = {"kubectl.kubernetes.io/last-applied-configuration": "s3cret", "a": "b"}

    def script(got: Received) -> Answer:
        if "continue" not in got.query:
            return page([only_metadata("a", annotations=copy), only_metadata("b")], "more=&x")
        return page([only_metadata("c")])

    server.script = script
    items = list(
        cluster.list_metadata(
            SECRETS, field_selector="type=kubernetes.io/service-account-token", label_selector="x=y"
        )
    )
    assert [item["metadata"]["name"] for item in items] == ["a", "b", "c"]
    assert items[0]["metadata"]["annotations"] == {"a": "b"}
    first, second = server.received
    assert first.headers["Accept"] == (
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    )
    assert first.query == {
        "limit": ["500"],
        "fieldSelector": ["type=kubernetes.io/service-account-token"],
        "labelSelector": ["x=y"],
    }
    assert second.query == {**first.query, "continue": ["more=&x"]}


@pytest.mark.parametrize(
    "answer",
    [
        page([{"metadata": {"name": "a"}, "data": {"token": "s3cret"}}], kind="SecretList"),
        page([{"metadata": {"name": "a"}, "data": {"token": "s3cret"}}]),
        page([], kind="Table"),
        json_answer({"items": []}),
        page(["text"]),
    ],
)
def test_whole_objects_in_place_of_metadata_are_refused(
    cluster: Cluster, server: Server, answer: Answer
) -> None:
    server.script = lambda _: answer
    with pytest.raises(ClusterError, match="of another kind") as caught:
        list(cluster.list_metadata(SECRETS))
    assert "s3cret" not in str(caught.value)


def test_a_page_is_asked_for_only_when_the_one_before_has_been_read(
    cluster: Cluster, server: Server
) -> None:
    server.script = lambda got: page(
        [only_metadata("a"), only_metadata("b")], "" if "continue" in got.query else "more"
    )
    items = cluster.list_metadata(SECRETS)
    assert [next(items)["metadata"]["name"] for _ in range(2)] == ["a", "b"]
    assert len(server.received) == 1
    next(items)
    assert len(server.received) == 2


EXPIRED = failure(410, "Expired", "The provided continue parameter is too old")


def test_a_list_that_expires_half_way_is_read_again_from_its_start(
    cluster: Cluster, server: Server
) -> None:
    def script(got: Received) -> Answer:
        starts = sum("continue" not in asked.query for asked in server.received)
        if "continue" in got.query:
            return EXPIRED if starts == 1 else page([only_metadata("c")])
        # What was on the first page has moved to the second one meanwhile, and the reverse.
        return page([only_metadata("c" if starts == 1 else "a")], "t")

    server.script = script
    names = from_one_moment(
        lambda: [item["metadata"]["name"] for item in cluster.list_metadata(SECRETS)]
    )
    assert names == ["a", "c"]
    server.received.clear()
    with pytest.raises(Expired, match=r"too old\. Try again"):
        list(cluster.list_metadata(SECRETS))


def test_a_list_that_expires_again_and_again_is_one_clear_error(
    cluster: Cluster, server: Server
) -> None:
    server.script = lambda got: EXPIRED if "continue" in got.query else page([], "t")
    with pytest.raises(ClusterError, match="read from its start 3 times") as caught:
        from_one_moment(lambda: list(cluster.list_metadata(SECRETS)))
    assert not isinstance(caught.value, Expired)
    assert f"GET {SECRETS}" in str(caught.value)
    assert len(server.received) == 6


def test_whole_objects_are_listed_but_never_secrets(cluster: Cluster, server: Server) -> None:
    roles = "/apis/rbac.authorization.k8s.io/v1/roles"
    role = {"metadata": {"name": "r", "namespace": "web", "uid": "1"}, "rules": None}
    server.script = lambda got: page([role], kind="RoleList")
    assert list(cluster.list(roles)) == [role]
    server.script = lambda got: page(None, kind="RoleList")
    assert list(cluster.list(roles, label_selector="a=b")) == []
    server.received.clear()
    for path in (SECRETS, "/api/v1/secrets", "/api/v1/%73ecrets", "/api/v1/secrets/"):
        with pytest.raises(ValueError, match="use list_metadata"):
            cluster.list(path)
        with pytest.raises(ValueError, match="use list_metadata"):
            cluster.get(path)
    assert server.received == []
    server.script = lambda got: page([{"data": {"a": "b"}}], kind="SecretList")
    with pytest.raises(ClusterError, match="of another kind"):
        list(cluster.list("/api/v1/anything"))


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"metadata": {}},
        {"metadata": {"name": "r", "uid": "1"}},
        {"metadata": {"name": "r", "namespace": "web", "uid": "1", "labels": {"a": 1}}},
        {"kind": "Secret", "metadata": {"name": "r", "namespace": "web", "uid": "1"}},
        {"metadata": {"name": "r", "namespace": "web", "uid": "1"}, "rules": "all"},
    ],
)
def test_a_list_with_an_item_that_is_none_is_no_list(
    cluster: Cluster, server: Server, item: object
) -> None:
    server.script = lambda _: page([item], kind="RoleList")
    with pytest.raises(ClusterError, match="of another kind"):
        list(cluster.list(ROLES))


@pytest.mark.parametrize(
    "answer",
    [
        page(None, kind="RoleBindingList"),
        json_answer(
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleList", "metadata": {}}
        ),
        json_answer({"apiVersion": "v1", "kind": "RoleList", "metadata": {}, "items": []}),
    ],
)
def test_a_list_of_another_kind_or_without_its_items_is_never_an_empty_one(
    cluster: Cluster, server: Server, answer: Answer
) -> None:
    server.script = lambda _: answer
    with pytest.raises(ClusterError, match="of another kind"):
        list(cluster.list(ROLES))


def test_a_page_that_comes_again_ends_the_list(cluster: Cluster, server: Server) -> None:
    server.script = lambda _: page([], "more", kind="RoleList")
    with pytest.raises(ClusterError, match="the same page came twice"):
        list(cluster.list(ROLES))
