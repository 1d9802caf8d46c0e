"""A review as a comment: what it says, what it never does, and what it leaves out for room."""

import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from kuberoster import ClusterRole, Token, User, edit, view
from kuberoster.model.access import Grant
from kuberoster.review.change.blocks import Block
from kuberoster.review.change.review import Review
from kuberoster.review.output.markdown import LIMIT, as_markdown, literal, size
from tests.review.comment import read
from tests.review.rosters import HOSTILE, numbered, review_of

ROOT = ClusterRole("cluster-admin").cluster_wide()


def _person(name: str, *access: Grant, **more: Any) -> User:
    return User(name, email=f"{name}@example.com", access=access, **more)


def _widened(number: int, **more: Any) -> Review:
    """So many users who may edit, each in a namespace of its own."""
    before = numbered(number, lambda one: _person(f"out-{one}", view("web")))
    after = numbered(number, lambda one: _person(f"out-{one}", edit(f"app-{one}"), **more))
    return review_of(before, after)


def test_the_first_line_has_the_digest_by_which_a_workflow_finds_its_comment() -> None:
    review = _widened(1)

    first, *_ = as_markdown(review).splitlines()
    assert first == f"<!-- kuberoster review {review.digest} -->"


def test_a_comment_says_what_is_blocked_changed_issued_risky_and_due() -> None:
    tokens = [Token("a", until="2026-12-01"), "b"]
    review = review_of(
        {"out": [_person("out-ann", view("web"))]},
        {"out": [_person("out-ann", ROOT, tokens=tokens)]},
    )
    lines = as_markdown(review).splitlines()

    assert lines[2].startswith("**blocked: 1 thing must not pass unseen**; 1 user with changes, ")
    for start in (
        "- **finding**: out-ann gets 1 risk in the whole cluster: cluster-admin (critical, ",
        "### out-ann (out)",
        "- token a is issued",
        r"- \+ can now, over the whole cluster: do anything",
        "+ ClusterRoleBinding out:out-ann:cluster-admin -> ClusterRole cluster-admin",
        "- critical risk in the whole cluster: cluster-admin (implies ",
        "- cluster-admin: may do anything there",
        "### Due soon",
        "as of 2026-11-24; a test",
        f"digest `{review.digest}`",
    ):
        assert any(line.startswith(start) for line in lines), start


def test_the_comment_of_no_change_says_so() -> None:
    users = {"out": [_person("out-ann", view("web"))]}

    assert "\n**nothing changes**; 0 users with changes, 1 without" in as_markdown(
        review_of(users, users)
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_does_nothing(text: str) -> None:
    before = {"out": [_person("out-ann", view("web"))]}
    after = {"out": [_person("out-ann", view("web"), note=text, suspended=text, owner=text)]}

    comment = read(as_markdown(review_of(before, after)))

    assert comment.faults() == []
    shown = "".join(f"{comment.text}{comment.code}".split())
    assert all(letter in shown for letter in text if letter.isalnum())


@pytest.mark.parametrize("name", ["www.evil", "gh-12", "deadbeef", "1.", "2024", "a-b.c", "x"])
def test_a_name_is_no_link_and_no_numbering(name: str) -> None:
    review = review_of({"out": []}, {"out": [_person(name, ROOT)]})

    assert read(as_markdown(review)).faults() == []


def test_words_stay_words_and_all_else_is_code() -> None:
    assert literal("note: none -> ask @bob, see #12. It can't wait (x.apps, ...)") == (
        "note: none \N{RIGHTWARDS ARROW} ask `@bob`, see `#12`. It can't wait (x.apps, ...)"
    )
    assert literal("a\nb") == "`a\\nb`"
    assert literal("`` x") == "``` `` ``` x"


def test_what_a_fence_shows_can_not_end_it() -> None:
    role = ClusterRole("```` </details> @ann")
    review = review_of({"out": []}, {"out": [_person("out-ann", role("web"), view("api"))]})

    comment = read(as_markdown(review, full=True))

    assert comment.faults() == []
    assert "```` </details> @ann" in comment.code


def test_the_same_block_of_many_users_is_told_once() -> None:
    after = numbered(30, lambda one: _person(f"out-{one:02}", ROOT))
    body = as_markdown(review_of(numbered(0, lambda one: _person("x")), after))

    assert body.count("- **finding**: ") == 1
    assert "out-07 and 22 more: each gets 1 risk" in body
    assert "**blocked: 30 things must not pass unseen**" in body


LEFT_OUT = {
    30: None,
    50: "exact RBAC",
    400: "what each user's access is",
}


@pytest.mark.parametrize(("number", "left_out"), LEFT_OUT.items())
def test_what_does_not_fit_is_summarised_and_said_to_be_left_out(
    number: int, left_out: str | None
) -> None:
    body = as_markdown(_widened(number))

    assert size(body) <= LIMIT
    assert read(body).faults() == []
    if left_out:
        assert f"\nLeft out to fit into a comment: {left_out}. `kuberoster review " in body
    else:
        assert "Left out" not in body
    assert f"{number} users with changes, 0 without" in body


def test_a_thousand_users_of_whom_each_changes_otherwise_are_counted_by_team() -> None:
    before, after = (numbered(1000, partial(_ending, day)) for day in ("2027-01-01", "2027-01-02"))
    body = as_markdown(review_of(before, after))

    assert size(body) <= LIMIT
    assert "\nLeft out to fit into a comment: what changes for each user. " in body
    assert body.count(": 100 users with changes\n") == 10


def _ending(day: str, one: int) -> User:
    return _person(f"out-{one}", tokens=[Token(f"a-label-that-is-quite-long-{one}", until=day)])


def test_blocks_do_not_vanish_where_nothing_else_fits() -> None:
    after = numbered(1000, lambda one: _person(f"out-{one}", edit(f"users-out{one % 10}")))
    review = review_of({}, after)
    body = as_markdown(review)

    assert size(body) <= LIMIT
    assert f"blocked: {len(review.blocks):,} things" in body
    assert body.count("- **finding**: ") >= 10


def test_no_block_hides_behind_a_thousand_of_another_kind() -> None:
    root = ClusterRole("cluster-admin")
    users = numbered(1000, lambda one: _person(f"out-{one}", root(f"app-{one}")))
    found = review_of({}, users)
    rare = Block(kind="rare", what="a Secret is imported", mend="Leave it out.")

    body = as_markdown(replace(found, blocks=(*found.blocks, rare)))

    assert size(body) <= LIMIT
    assert "blocked: 1,001 things" in body
    assert re.search(r"^- \*\*finding\*\*: \d+ more$", body, re.MULTILINE)
    assert "- **rare**: a Secret is imported\n" in body


def test_a_limit_holds_in_bytes_whatever_a_site_counts() -> None:
    poo = "\N{PILE OF POO}" * 200
    body = as_markdown(_widened(300, note=poo))

    assert len(body) <= size(body) <= LIMIT
    assert len(body.encode("utf-16-le")) // 2 <= LIMIT
