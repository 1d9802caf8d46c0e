"""The marks of revoked users, where many are written at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from kuberoster.cluster import Cluster
from kuberoster.operations.revocation import Account, read_revocations, revoke_user
from kuberoster.operations.revoked_users import change_mark, read_marks
from tests.project import Project

AT_ONCE = 40


def _connect(project: Project) -> Cluster:
    return Cluster.connect(kubeconfig=str(project.control_plane.kubeconfig))


def _revoke_at_once(project: Project, state: str, accounts: Sequence[Account]) -> None:
    """Revoke each by a thread and a connection of its own; all of them begin together."""
    together = Barrier(len(accounts))

    def revoke(account: Account) -> list[str]:
        cluster = _connect(project)
        together.wait(60)
        try:
            return revoke_user(cluster, [account], state, waiting=lambda _: None).problems
        finally:
            cluster.close()

    with ThreadPoolExecutor(len(accounts)) as pool:
        assert [problems for problems in pool.map(revoke, accounts) if problems] == []


def _account(user: str, namespace: str) -> Account:
    return Account(user=user, team="t", namespace=namespace, listed=False)


def test_of_forty_users_who_are_revoked_at_once_no_mark_is_lost(project: Project) -> None:
    names = [f"many-{number}" for number in range(AT_ONCE)]

    _revoke_at_once(project, "marks-many", [_account(name, "users-t") for name in names])

    assert set(read_revocations(_connect(project), "marks-many")) == set(names)


def test_of_forty_who_revoke_one_user_at_once_none_takes_away_what_another_found(
    project: Project,
) -> None:
    spaces = [f"users-one-{number}" for number in range(AT_ONCE // 2)]
    project.kubectl("create", "namespace", spaces[0])
    project.kubectl("create", "serviceaccount", "one", "-n", spaces[0])
    uid = project.kubectl(
        "get", "serviceaccount", "one", "-n", spaces[0], "-o", "jsonpath={.metadata.uid}"
    )
    # Half of them find the only ServiceAccount that there is, while the others delete it.
    places = [*spaces, *[spaces[0]] * (AT_ONCE // 2)]

    _revoke_at_once(project, "marks-one", [_account("one", space) for space in places])

    mark = read_revocations(_connect(project), "marks-one")["one"]
    assert {each.namespace: each.uid for each in mark.accounts} == {
        space: uid if space == spaces[0] else None for space in spaces
    }


def test_a_mark_that_names_no_namespace_is_not_made_narrower(project: Project) -> None:
    project.kubectl("create", "namespace", "marks-wide")
    project.kubectl("create", "configmap", "revoked-users", "-n", "marks-wide",
                    "--from-literal=wide={}")  # fmt: skip

    _revoke_at_once(project, "marks-wide", [_account("wide", "users-t")])

    assert read_marks(_connect(project), "marks-wide") == {"wide": "{}"}


@pytest.mark.parametrize("quicker", ["ann", "bob"])
@pytest.mark.parametrize("there", [None, {}, {"ann": '"a" \\ b'}, {"ann": "<é> & \b\n"}])
def test_a_change_is_asked_again_where_another_was_quicker(
    project: Project, there: dict[str, str] | None, quicker: str
) -> None:
    cluster, space = _connect(project), "marks-again"
    project.kubectl("create", "namespace", space)
    if there is not None:
        given = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "revoked-users"}}
        project.kubectl("create", "-n", space, "-f", "-", given={**given, "data": there})
    asked: list[str | None] = []

    def change(text: str | None) -> str:
        asked.append(text)
        if len(asked) == 1:
            change_mark(cluster, space, quicker, lambda _: "quick")
        return f"{text} and more"

    change_mark(cluster, space, "ann", change)

    before = (there or {}).get("ann")
    if quicker == "ann":
        assert (asked, read_marks(cluster, space)) == ([before, "quick"], {"ann": "quick and more"})
    else:
        assert set(asked) == {before}
        assert read_marks(cluster, space) == {"ann": f"{before} and more", "bob": "quick"}


def test_the_last_mark_goes_and_a_change_of_nothing_writes_nothing(project: Project) -> None:
    cluster, space = _connect(project), "marks-last"
    project.kubectl("create", "namespace", space)
    change_mark(cluster, space, "nobody", lambda _: None)
    assert project.objects("configmaps", "-n", space, "-l", "app.kubernetes.io/managed-by") == []

    change_mark(cluster, space, "ann", lambda _: "a")
    change_mark(cluster, space, "ann", lambda _: None)

    (left,) = project.objects("configmaps", "-n", space, "-l", "app.kubernetes.io/managed-by")
    assert (left["metadata"]["name"], left.get("data")) == ("revoked-users", None)
