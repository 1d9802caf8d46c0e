"""How far a change, a day or drift explains what a plan does, and no further."""

from datetime import date
from typing import Any

import pytest

from kuberoster.model.token import Token
from kuberoster.model.user import User
from kuberoster.review.plan.explain import Revisions, entries
from tests.review.planned import change, plan, team, values

DAY = date(2026, 11, 24)
SUBJECT = {"kind": "ServiceAccount", "name": "x"}
OLD = values(subject=[SUBJECT], role_ref=[{"name": "view"}])
NEW = values(subject=[{**SUBJECT, "name": "y"}], role_ref=[{"name": "view"}])
BOTH = values(labels={"a": "b"}, subject=[{**SUBJECT, "name": "y"}], role_ref=[{"name": "view"}])
EMPTIES = {**OLD, "subject": [{**SUBJECT, "api_group": ""}], "timeouts": None}
BLOCK = {"metadata": {"name": "x", "labels": {}}, "subject": [SUBJECT]}
SUBJECT_DIFFERS = {**BLOCK, "subject": [{**SUBJECT, "name": "y"}]}
LABEL_DIFFERS = {**BLOCK, "metadata": {"name": "x", "labels": {"a": "b"}}}
BINDING = "kubernetes_role_binding_v1.x"


def why(entry: dict[str, Any], base: Any, head: Any, *drift: dict[str, Any]) -> list[str]:
    blocks = ({BINDING: block} if block else {} for block in (base, head))
    revisions = Revisions(base=next(blocks), head=next(blocks))
    (found,) = entries(plan(entry, drift=drift), team(), DAY, revisions)
    return [reason.why for reason in found.reasons]


def doing(actions: str, before: Any, after: Any, **more: Any) -> dict[str, Any]:
    return change("RoleBinding", actions, before, after, **more)


@pytest.mark.parametrize(
    ("entry", "base", "head", "expected"),
    [
        (doing("create", None, NEW), None, BLOCK, True),
        (doing("update", OLD, NEW), None, BLOCK, False),  # the state has it already
        (doing("delete", OLD, None), BLOCK, None, True),
        (doing("forget", OLD, None), BLOCK, None, False),
        (doing("create", None, NEW), BLOCK, SUBJECT_DIFFERS, False),  # the state lacks it
        (doing("update", OLD, NEW), BLOCK, SUBJECT_DIFFERS, True),
        (doing("update", OLD, NEW), BLOCK, LABEL_DIFFERS, False),
        (doing("update", OLD, BOTH), BLOCK, LABEL_DIFFERS, False),
        (doing("update", OLD, NEW), BLOCK, BLOCK, False),
        (doing("delete create", OLD, NEW), BLOCK, SUBJECT_DIFFERS, False),  # as after a taint
        (
            doing("delete create", OLD, NEW, replace_paths=[["metadata", 0, "name"]]),
            BLOCK,
            LABEL_DIFFERS,
            False,
        ),
        (
            doing("delete create", OLD, NEW, replace_paths=[["subject", 0]]),
            BLOCK,
            SUBJECT_DIFFERS,
            True,
        ),
        (doing("delete", OLD, None, deposed="1234"), BLOCK, None, False),
    ],
)
def test_a_block_explains_what_follows_from_how_it_differs(
    entry: dict[str, Any], base: Any, head: Any, expected: bool
) -> None:
    assert why(entry, base, head) == (["change"] if expected else [])


def test_an_upgrade_explains_the_rosters_label_and_nothing_else() -> None:
    roster = "kuberoster.io/roster"
    named = {**OLD, **values(labels={roster: "main"})}
    both = {**NEW, **values(labels={roster: "main"})}
    more = {**OLD, **values(labels={roster: "main", "a": "b"})}
    other = {**OLD, **values(labels={roster: "other"})}
    assert why(doing("update", OLD, named), BLOCK, BLOCK) == ["upgrade"]
    assert why(doing("update", OLD, both), BLOCK, SUBJECT_DIFFERS) == ["change", "upgrade"]
    assert why(doing("update", OLD, both), BLOCK, BLOCK) == []
    for entry in (
        doing("update", OLD, more),
        doing("update", OLD, other),
        doing("update", other, named),
        doing("delete create", OLD, named),
    ):
        assert why(entry, BLOCK, BLOCK) == []


def test_drift_explains_what_puts_it_right_and_nothing_else() -> None:
    by_hand = doing("update", OLD, NEW)
    back = doing("update", NEW, OLD)

    assert why(back, BLOCK, BLOCK, by_hand) == ["drift"]
    assert why(doing("update", BOTH, OLD), BLOCK, BLOCK, by_hand) == []
    # As Terraform reports after the first apply of most objects.
    assert why(doing("update", OLD, NEW), BLOCK, BLOCK, doing("update", OLD, EMPTIES)) == []
    gone = doing("delete", OLD, None)
    assert why(doing("create", None, OLD), BLOCK, BLOCK, gone) == ["drift"]
    assert why(doing("delete", OLD, None), BLOCK, BLOCK, by_hand) == []


def test_what_comes_together_may_be_explained_together() -> None:
    relabelled = values(labels={"a": "b"}, subject=[SUBJECT], role_ref=[{"name": "view"}])
    both = doing("update", NEW, relabelled)

    assert why(both, BLOCK, LABEL_DIFFERS, doing("update", OLD, NEW)) == ["change", "drift"]
    assert why(both, BLOCK, LABEL_DIFFERS) == []


def secret(actions: str, **more: Any) -> dict[str, Any]:
    return change("Secret", actions, values(), values(), name="x_main", **more)


def test_a_replacement_that_is_triggered_is_explained_by_its_trigger_alone() -> None:
    block = {
        "lifecycle": {"replace_triggered_by": ["kubernetes_service_account_v1.x.metadata[0].uid"]}
    }
    account = "kubernetes_service_account_v1.x"
    moved = change(
        "ServiceAccount",
        "delete create",
        values(),
        values(),
        replace_paths=[["metadata", 0, "namespace"]],
    )
    here, there = ({"metadata": {"namespace": each}} for each in ("a", "b"))
    for old, triggered, expected in (
        (here, secret("delete create", action_reason="replace_by_triggers"), ["follows"]),
        (there, secret("delete create", action_reason="replace_by_triggers"), []),
        (here, secret("delete create", action_reason="replace_because_tainted"), []),
    ):
        blocks = {"kubernetes_secret_v1.x_main": block}
        revisions = Revisions(base={**blocks, account: old}, head={**blocks, account: there})
        found = entries(plan(moved, triggered), team(), DAY, revisions)
        reasons = {each.change.address: each.reasons for each in found}
        assert [each.why for each in reasons["kubernetes_secret_v1.x_main"]] == expected


def test_a_day_explains_what_it_makes_come_or_go_and_nothing_else() -> None:
    same = Revisions(base={}, head={})
    binding = doing("create", None, NEW, name="x_web")
    account = change("ServiceAccount", "create", None, values())
    main = change("Secret", "delete", values(), None, name="x_main")
    from kuberoster import view  # noqa: PLC0415

    def reasons(user: User, *changes: dict[str, Any]) -> list[list[str]]:
        return [
            [reason.why for reason in entry.reasons]
            for entry in entries(plan(*changes), team(user), DAY, same)
        ]

    started = User("x", starts="2026-11-01", access=[view("web")])
    assert reasons(started, binding, account) == [["due"], ["due"]]
    assert reasons(started, binding) == [[]]
    assert reasons(User("x", access=[view("web")]), binding, account) == [[], []]
    assert reasons(User("x", expires="2026-11-23"), main) == [["due"]]
    assert reasons(User("x", expires="2026-11-24"), main) == [[]]
    assert reasons(User("x", suspended="why"), main) == [[]]
    ended = User("x", tokens=[Token("main", until="2026-11-23"), "b"])
    assert reasons(ended, main) == [["due"]]
    assert reasons(ended, change("Secret", "delete", values(), None, name="x_b")) == [[]]
