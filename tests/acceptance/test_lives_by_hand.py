"""What somebody does to a user's objects by hand, what a deploy heals, and what nothing can."""

from collections.abc import Callable

from tests.acceptance.lives import Life, one
from tests.project import Object


def kubectl(life: Life, *arguments: str) -> Callable[[], object]:
    return lambda: life.project.kubectl(*arguments)


def delete_secret(life: Life, user: str, namespace: str) -> Callable[[], object]:
    (name,) = life.project.secrets(user).values()
    return kubectl(life, "delete", "secret", name, "-n", namespace)


def test_namespace_deleted_by_hand(life: Life) -> None:
    life.step("added", life.apply(gone=one("ned")), new=["ned/main"])
    delete = kubectl(life, "delete", "namespace", "users-gone")
    life.step("namespace deleted", delete, ends=["ned"])
    life.step("deployed", life.apply(gone=one("ned")), new=["ned/main"])


def test_secret_deleted_by_hand_or_replaced_by_terraform(life: Life) -> None:
    ron = one("ron")
    life.step("added", life.apply(keys=ron), new=["ron/main"])
    life.step("deleted", delete_secret(life, "ron", "users-keys"), ends=["ron/main"])
    life.step("deployed", life.apply(keys=ron), new=["ron/main"])
    for again in ("replaced", "replaced again"):
        life.step(
            again,
            lambda: life.project.apply("keys", "-replace=kubernetes_secret_v1.ron_main"),
            ends=["ron/main"],
            new=["ron/main"],
        )


def test_service_account_deleted_by_hand_or_replaced_by_terraform(life: Life) -> None:
    sal = one("sal")
    life.step("added", life.apply(roots=sal), new=["sal/main"])
    delete = kubectl(life, "delete", "serviceaccount", "sal", "-n", "users-roots")
    life.step("deleted", delete, ends=["sal"])
    life.step("deployed", life.apply(roots=sal), new=["sal/main"])
    life.step(
        "replaced",
        lambda: life.project.apply("roots", "-replace=kubernetes_service_account_v1.sal"),
        ends=["sal"],
        new=["sal/main"],
    )


def test_a_secret_put_back_by_hand_revives_its_token_until_the_user_is_removed(life: Life) -> None:
    both, left = one("lea", 'tokens=["a", "b"]'), one("lea", 'tokens=["a"]')
    life.step("added", life.apply(limit=both), new=["lea/a", "lea/b"])
    name = life.project.secrets("lea")["b"]
    life.step("one token ended", life.apply(limit=left), ends=["lea/b"])
    life.settle()

    account = {"kubernetes.io/service-account.name": "lea"}
    put_back: Object = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/service-account-token",
        "metadata": {"name": name, "namespace": "users-limit", "annotations": account},
    }
    life.project.kubectl("create", "-f", "-", given=put_back)
    life.revived("lea/b")
    life.step("deployed", life.apply(limit=left))  # nothing of Terraform's was changed
    shown = life.project.run_any("drift", "limit")
    assert shown.status == 2
    (line,) = [line for line in shown.output.splitlines() if name in line]
    assert line.split(maxsplit=1)[0] == "undeclared"
    assert f"Secret users-limit/{name}" in line
    assert "holds a token for 'lea'" in line
    life.step("removed", life.apply(limit=""), ends=["lea"])
    life.step("added again", life.apply(limit=left), new=["lea/a"])


def test_an_open_watch_outlives_its_token(life: Life) -> None:
    life.step("added", life.apply(streams=one("wes")), new=["wes/main"])
    path = "/api/v1/namespaces/web/configmaps?watch=1&timeoutSeconds=120"
    with life.project.opened(life.token("wes/main"), path) as watch:
        life.step("removed", life.apply(streams=""), ends=["wes"])
        life.settle()
        life.project.kubectl("create", "configmap", "after-wes", "-n", "web")
        assert any(b"after-wes" in event for event in watch)
