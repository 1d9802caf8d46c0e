"""docs/review.schema.json describes what `--format json` gives, all of it and nothing else."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has none

from kuberoster import ClusterRole, Role, Rule, Team, Token, User, Waiver, edit, view
from kuberoster.model.access import Grant
from kuberoster.operations.dry_run import DryRun
from kuberoster.review.change.event import changed
from kuberoster.review.change.review import Review, review
from kuberoster.review.plan.document import Change
from kuberoster.review.plan.entry import Entry, NotPlanned, Reason, TeamPlan
from tests.review.rosters import DAY, side_of
from tests.review.schema import SCHEMA

Path_ = tuple[str, ...]


def _ann(*access: Grant, **more: Any) -> User:
    return User("out-ann", email="ann@example.com", access=access, **more)


def _reader(*verbs: str) -> Role:
    rule = Rule([*verbs], ["secrets"], resource_names=["tls"])
    return Role("reader", rules=[rule])


def _documents() -> Iterator[dict[str, Any]]:
    """Documents that have, together, all that a document may have."""
    urls = Role("urls", rules=[Rule(["get"], non_resource_urls=["/metrics"])]).cluster_wide()
    pairs = [
        ([_ann(view("web"))], [_ann(view("web"))]),
        ([_ann(_reader("get")("web"))], [_ann(_reader("get", "list")("web"), note="x")]),
        ([_ann(urls, edit("web"))], [_ann(ClusterRole("cluster-admin").cluster_wide())]),
        ([_ann()], [_ann(ClusterRole("monitor")("web"), tokens=[Token("a", until="2026-12-01")])]),
        ([_ann(view("web"))], []),
        ([_ann(_waived("2026-12-24"))], [_ann(_waived("2026-12-25"))]),
        ([_ann(_waived("2026-12-24")), _bob()], [_ann(_keys()), _bob()]),
    ]
    for before, after in pairs:
        for one, other in ((before, after), (after, before)):
            noted = Team(name="out", note="x" if other else None)
            found = review(
                side_of({"out": one}), side_of({"out": other}, team=noted), DAY, "a test"
            )
            yield found.document()
    yield _planned(found).document()


def _waived(until: str) -> Grant:
    owned = Waiver("exec-pods", owner="ann@example.com", reason="x", expires=until)
    return edit("web", waivers=[owned])


def _bob() -> User:
    return User("out-bob", email="bob@example.com")


def _keys() -> Grant:
    return Role("keys", rules=[Rule(["list"], ["secrets"])])("users-out")


def _planned(found: Review) -> Review:
    change = Change(
        address="kubernetes_secret_v1.ann_a",
        type="kubernetes_secret_v1",
        actions=("delete", "create"),
        before=None,
        after=None,
        reason="replace_because_tainted",
        replace_paths=(),
        imported=False,
    )
    entry = Entry(change=change, reasons=(Reason(why="drift", text="x"),))
    return replace(
        found,
        settings=(changed("app", "a", "b"),),
        plans=(TeamPlan(team="out", entries=(entry,), refused=("out-ann",)),),
        not_planned=(NotPlanned(team="in", changed=None, due=["x"]),),
        not_checked=("x",),
        dry_run=(DryRun(object="Secret a/b", action="create", result="passed"),),
    ).if_approved("sha256:" + "0" * 64)


DOCUMENTS = list(_documents())


def _errors(schema: dict[str, Any]) -> Iterator[str]:
    validator = Draft202012Validator(schema)
    return (error.message for each in DOCUMENTS for error in validator.iter_errors(each))


def _objects(schema: Any, path: Path_ = ()) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """Every part of the schema that describes an object, with where it stands."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield path, schema
        for key, value in schema.items():
            yield from _objects(value, (*path, key))


PROPERTIES = [(*path, name) for path, part in _objects(SCHEMA) for name in part["properties"]]


def test_every_document_is_as_the_schema_says() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    assert list(_errors(SCHEMA)) == []


@pytest.mark.parametrize("path", PROPERTIES, ids="/".join)
def test_a_property_that_the_schema_does_not_have_is_refused(path: Path_) -> None:
    schema = copy.deepcopy(SCHEMA)
    part = schema
    for key in path[:-1]:
        part = part[key]
    del part["properties"][path[-1]]

    assert any(f"'{path[-1]}' was unexpected" in error for error in _errors(schema))


def test_every_object_is_closed_and_every_property_described() -> None:
    for path, part in _objects(SCHEMA):
        assert part["additionalProperties"] is False, path
        assert set(part["required"]) <= set(part["properties"]), path
        for name, described in part["properties"].items():
            assert described["description"].endswith("."), (*path, name)


def test_the_version_is_the_schema_s_own() -> None:
    (version,) = {document["version"] for document in DOCUMENTS}

    assert SCHEMA["properties"]["version"]["const"] == version
    assert SCHEMA["$id"].endswith(f":{version}")
