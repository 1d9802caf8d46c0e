"""What of a plan blocks a review; tests/acceptance/test_review_blocks.py has real plans."""

from dataclasses import replace
from typing import Any

import pytest

from kuberoster.model.objects import POD_SECURITY
from kuberoster.review.change.blocks import Block
from kuberoster.review.output.annotations import annotations
from kuberoster.review.plan.blocks import plan_blocks
from kuberoster.review.plan.document import Plan
from kuberoster.review.plan.explain import entries
from tests.review.planned import change, plan, team, values
from tests.review.rosters import DAY, review_of

TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl"
QUOTA = values("no-pods", spec=[{"hard": {"pods": "0"}}])
SPACE = values("users-ops", "", labels=POD_SECURITY)
ENFORCE, VERSION = POD_SECURITY


def kinds(found: Plan) -> list[str]:
    return [block.kind for block in plan_blocks(found, (), has_base=True)]


def space(**labels: str) -> dict[str, Any]:
    given = {key: labels[name] for name, key in (("e", ENFORCE), ("v", VERSION)) if name in labels}
    return change("Namespace", "update", SPACE, values("users-ops", "", labels=given))


@pytest.mark.parametrize(
    ("entry", "blocks"),
    [
        (space(e="restricted", v="v1.36"), []),
        (space(e="restricted", v="v1.37"), []),
        (space(e="restricted", v="v1.9"), ["guard-lowered"]),
        (space(e="restricted", v="latest"), ["guard-lowered"]),
        (space(e="privileged", v="v1.36"), ["guard-lowered"]),
        (space(), ["guard-lowered", "guard-lowered"]),
        (change("ResourceQuota", "forget", QUOTA, None), ["guard-lowered"]),
        (change("Namespace", "forget", SPACE, None), ["guard-lowered"]),
        (change("ResourceQuota", "delete create", QUOTA, QUOTA), []),
        (change("ResourceQuota", "create", None, values(spec=[{"hard": {}}])), ["guard-lowered"]),
        (change("ServiceAccount", "create", None, values()), ["guard-lowered"]),
    ],
)
def test_a_guard_that_is_lowered_or_missing_blocks(
    entry: dict[str, Any], blocks: list[str]
) -> None:
    assert kinds(plan(entry)) == blocks


def test_a_quota_may_go_with_its_namespace() -> None:
    quota = change("ResourceQuota", "delete", QUOTA, None)

    assert kinds(plan(quota, change("Namespace", "delete", SPACE, None))) == []
    assert kinds(plan(quota, change("Namespace", "forget", SPACE, None))) == ["guard-lowered"] * 2


def test_an_account_that_gets_another_address_is_replaced_too() -> None:
    held = values(automount_service_account_token=False)
    there = change("ServiceAccount", "delete", held, None)
    here = change("ServiceAccount", "create", None, held, name="other")

    assert kinds(plan(there, here)) == ["service-account-replaced"]
    elsewhere = values(namespace="other", automount_service_account_token=False)
    moved = change("ServiceAccount", "create", None, elsewhere, name="other")
    assert kinds(plan(there, moved)) == []


def test_a_block_is_known_again_whatever_its_words_are() -> None:
    held = values(automount_service_account_token=False)
    there = change("ServiceAccount", "delete", held, None)
    here = change("ServiceAccount", "create", None, held, name="other")
    changes = space(), change("Namespace", "delete", SPACE, None), there, here
    whole = plan(*changes)
    blocks = tuple(plan_blocks(whole, entries(whole, team(), DAY, None), has_base=True))
    kinds_ = [block.kind for block in blocks]
    assert kinds_ == ["unexplained", "service-account-replaced", "guard-lowered", "guard-lowered"]

    def marks(*blocks: Block) -> list[str]:
        review = replace(review_of({}, {}), blocks=blocks)
        return [each.fingerprint for each in annotations(review)]

    told_otherwise = (replace(block, what="x", mend="y") for block in blocks)
    assert marks(*told_otherwise) == marks(*blocks)
    assert len(set(marks(*blocks))) == len(blocks)


SHOWING: dict[str, dict[str, Any]] = {
    "data of a Secret": {"changes": [values(data={"token": TOKEN})]},
    "binary data of a Secret": {"changes": [values(binary_data={"token": "x"})]},
    "a marked value": {"changes": [values()], "after_sensitive": {"metadata": [{"name": True}]}},
    "a marked output": {
        "output_changes": {"o": {"actions": ["create"], "after": TOKEN, "after_sensitive": True}}
    },
    "an output of the state": {
        "prior_state": {"values": {"outputs": {"o": {"sensitive": True, "value": TOKEN}}}}
    },
    "a token in an annotation": {"changes": [values(labels={"note": TOKEN})]},
    "a token that nothing marks": {"variables": {"v": {"value": f"Bearer {TOKEN}"}}},
    "a resource of a module": {
        "prior_state": {
            "values": {
                "root_module": {
                    "child_modules": [
                        {
                            "resources": [
                                {
                                    "address": "module.m.kubernetes_secret_v1.s",
                                    "mode": "data",
                                    "type": "kubernetes_secret_v1",
                                    "values": values(data={"token": TOKEN}),
                                }
                            ]
                        }
                    ]
                }
            }
        }
    },
}


@pytest.mark.parametrize("what", SHOWING)
def test_a_value_that_can_be_read_blocks_and_is_never_repeated(what: str) -> None:
    more = dict(SHOWING[what])
    marks = {"after_sensitive": more.pop("after_sensitive", {})}
    changes = [
        change("Secret", "update", values(), after, **marks) for after in more.pop("changes", ())
    ]
    (block,) = plan_blocks(plan(*changes, **more), (), has_base=True)

    assert block.kind == "sensitive-value"
    assert TOKEN[:12] not in str(block.document())


def test_marks_without_a_value_do_not_block() -> None:
    marks = {"data": True, "binary_data": True, "metadata": [{"labels": {}}]}
    secret = change("Secret", "update", values(data=None), values(), after_sensitive=marks)

    assert kinds(plan(secret)) == []
