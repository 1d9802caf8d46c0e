"""Whatever changes, the comment fits, is well-formed, and names or counts who is blocked."""

import random
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kuberoster import ClusterRole, Role, Rule, User, admin, edit, view
from kuberoster.review.change.review import Review
from kuberoster.review.output.markdown import LIMIT, as_markdown, size
from tests.long import sized
from tests.review.comment import read
from tests.review.rosters import HOSTILE, numbered, review_of

pytestmark = pytest.mark.slow

NAMES = ["out", "www.out", "gh-7", "deadbeef", "x.y", "3.4"]
SECRETS = Role("any", rules=[Rule(["*"], ["secrets", "pods/*"])])
NOTES = st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=300), max_size=3)
NUMBERS = st.one_of(st.integers(1, 20), st.integers(1, 1000))


def _any_review(number: int, notes: list[str], seed: int) -> Review:
    random_ = random.Random(seed)  # noqa: S311  # of tests
    hostile = [*HOSTILE, *notes]
    before, after = ([_user(one, random_, hostile) for one in range(number)] for _ in "ab")
    kept = [random_.random() < 0.9 for _ in range(number)]
    return review_of(
        numbered(number, lambda one: before[one]),
        numbered(number, lambda one: after[one] if kept[one] else before[one]),
    )


def _user(one: int, random_: random.Random, hostile: list[str]) -> User:
    grants = [
        edit(f"app-{random_.randrange(9)}"),
        view.cluster_wide(),
        admin(f"own-{one}"),
        SECRETS(f"app-{random_.randrange(9)}"),
        ClusterRole(random_.choice(hostile))("api"),
        ClusterRole("cluster-admin").cluster_wide(),
        edit(f"users-out{one // 100}"),
    ]
    return User(
        f"{random_.choice(NAMES)}-{one}",
        email=random_.choice(hostile),
        owner=random_.choice([None, *hostile]),
        note=random_.choice([None, *hostile]),
        suspended=random_.choice([None, None, None, *hostile[:2]]),
        expires=random_.choice([None, "2026-12-01"]),
        access=random_.sample(grants, random_.randrange(3)),
        tokens=random_.sample(["a", "b", "c"], random_.randrange(1, 4)),
    )


@settings(deadline=None, max_examples=sized(4, long=400))
@given(number=NUMBERS, notes=NOTES, seed=st.integers(0, 2**32))
@example(number=1000, notes=[], seed=1)
def test_any_review_fits_does_nothing_and_tells_of_every_block(
    number: int, notes: list[str], seed: int
) -> None:
    review = _any_review(number, notes, seed)

    body = as_markdown(review)

    assert size(body) <= LIMIT
    assert read(body).faults() == []
    assert _told(body) == len(review.blocks)


def _told(body: str) -> int:
    """How many blocks are named or counted."""
    told = 0
    for line in body.splitlines():
        if line.startswith("- **") and "**: " in line:
            title = line.partition("**: ")[2]
            counted = re.fullmatch(r"([\d,]+) more", title)
            together = re.match(r"(.+?)(?: and ([\d,]+) more)?: each gets ", title)
            if counted:
                told += int(counted[1].replace(",", ""))
            elif together:
                told += together[1].count(", ") + 1 + int((together[2] or "0").replace(",", ""))
            else:
                told += 1
    return told


@settings(deadline=None, max_examples=sized(10, long=1000))
@given(text=st.text(max_size=400))
def test_any_note_does_nothing(text: str) -> None:
    before, after = (User("out-ann", email="x", note=each) for each in ("old", text))

    assert read(as_markdown(review_of({"out": [before]}, {"out": [after]}))).faults() == []
