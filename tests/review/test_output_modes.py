"""What one format of a review says, every other one says too."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kuberoster import ClusterRole, Role, Rule, User, edit, view
from kuberoster.cli.review_formats import ANNOTATIONS, FORMATS, written
from kuberoster.operations.dry_run import DryRun
from kuberoster.review.change.dry_run import with_dry_run
from kuberoster.review.change.review import Review
from tests.review.rosters import review_of, side_of

_reader = Role("reader", rules=[Rule(["get", "list"], ["secrets"])])


def _user(name: str, **said: Any) -> User:
    return User(name, **{"email": f"{name}@example.com", **said})


def _rich() -> Review:
    """A review in which something of each kind changes."""
    before = {
        "web": [
            _user("ann", access=[view("web")]),
            _user("bob", access=[edit("web")]),
            _user("cleo", access=[_reader("users-web")]),
        ]
    }
    after = {
        "web": [
            _user("ann", access=[edit("web"), _reader("users-web")], tokens=["2027q1"]),
            _user("bob", access=[edit("web")], expires="2026-11-30"),
            _user("cleo", access=[ClusterRole("monitor")("api")]),
            _user("dora", access=[view("api")], starts="2026-12-11", note="for the audit"),
        ]
    }
    found = replace(review_of(before, after), not_checked=("whether it rains: nobody looked",))
    answers = [
        DryRun(object="ServiceAccount users-web/eve", action="create", result="passed"),
        DryRun(object="RoleBinding web/x", action="create", result="refused", why="it exists"),
        DryRun(object="Secret users-web/y", action="delete", result="not tried", why="it goes"),
    ]
    return with_dry_run(found, side_of(after).roster, {}, answers)


def _facts(document: dict[str, Any]) -> Iterator[str]:
    """What a reader has to be told, as JSON has it."""
    yield from (document["digest"], document["day"], document["ground"])
    yield f"{document['standing_findings']:,} finding"
    for team in document["teams"]:
        yield from (each["words"] for each in team["events"])
    yield from document["not_checked"]
    for block in document["blocks"]:
        yield from (block["kind"], block["mend"])
    for due in document["due"]:
        yield due["what"]
    for user in document["users"]:
        yield user["user"]
        yield from (each["words"] for each in user["events"])
        for token in user["tokens"]:
            yield f"{token['label']} is {token['change']}"
        for scope in user["access"]:
            yield from (*scope["words"]["gained"], *scope["words"]["lost"])
            yield from (each["name"] for each in (*scope["bound"], *scope["unbound"]))
        for key in ("new_findings", "mended_findings", "waived_findings"):
            yield from (each["rule"] for each in user[key])
        yield from (each["words"]["reason"] for each in user["new_findings"])
        for path in user["new_paths"]:
            yield from (step["words"] for step in path["steps"])
    for answer in document["dry_run"]:
        yield answer["result"]
        if answer["result"] != "passed":
            yield from (answer["object"], answer["why"])


def _plain(text: str) -> str:
    """Words alone: each format has marks and breaks of its own."""
    text = html.unescape(re.sub(r"</?[a-z][^>]*>", "", text))
    return re.sub(r"[^A-Za-z0-9]+", " ", text)


@pytest.mark.parametrize("form", sorted({*FORMATS} - {"json", *ANNOTATIONS}))
def test_every_fact_of_the_json_is_in_each_other_format(form: str) -> None:
    found = _rich()
    (document,) = written(found, "json", Path(), full=True)
    said = _plain("\n".join(written(found, form, Path(), full=True)))

    facts = list(_facts(json.loads(document)))
    assert len(facts) > 40
    assert [fact for fact in facts if _plain(fact).strip() not in said] == []
