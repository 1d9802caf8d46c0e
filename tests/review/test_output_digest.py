"""By its digest an approved change is known again, and no other passes for it."""

import hashlib
import itertools
import json
import os
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kuberoster import ClusterRole, Role, Rule, Team, Token, User, admin, edit, view
from kuberoster.model.access import Grant
from kuberoster.model.errors import KuberosterError
from kuberoster.model.severity import Severity
from kuberoster.review.change.digest import check_digest
from kuberoster.review.change.event import changed
from kuberoster.review.change.paths import NamedPath
from kuberoster.review.change.review import Review, review
from kuberoster.risk.finding import Finding
from tests.long import sized
from tests.review.rosters import DAY, review_of, side_of

SEED = int(os.environ.get("KUBEROSTER_SEED") or random.randrange(10**9))  # noqa: S311  # of tests
ROUNDS = sized(10, long=250)
Change = tuple[Mapping[str, list[User]], Mapping[str, list[User]]]
MALFORMED = [
    "",
    "sha256:",
    "0" * 64,
    f"SHA256:{'0' * 64}",
    f"sha256:{'g' * 64}",
    f"sha256:{'0' * 64}\n",
]
GRANTS = [
    view("web"),
    edit("api"),
    admin("db"),
    ClusterRole("monitor")("web"),
    ClusterRole("cluster-admin").cluster_wide(),
    Role("reader", rules=[Rule(["get"], ["secrets"])])("api"),
]


def _user(name: str, random_: random.Random) -> User:
    return User(
        name,
        email=f"{name}@example.com",
        access=random_.sample(GRANTS, random_.randrange(3)),
        tokens=random_.sample(["a", "b", "c"], random_.randrange(1, 4)),
        note=random_.choice([None, "on call", "night shift"]),
    )


def _users(random_: random.Random, *names: str) -> list[User]:
    return [_user(name, random_) for name in names if random_.random() < 0.8]


@pytest.fixture(params=range(ROUNDS))
def change(request: pytest.FixtureRequest) -> Change:
    """A change of two teams; `KUBEROSTER_SEED` repeats it."""
    random_ = random.Random(f"{SEED}-{request.param}")  # noqa: S311  # of tests
    one, other = (
        {"out": _users(random_, "out-ann", "out-bob"), "ops": _users(random_, "out-eve")}
        for _ in range(2)
    )
    return one, other


def test_the_same_change_has_the_same_digest_on_another_day(change: Change) -> None:
    before, after = change

    later = review_of(before, after, DAY + timedelta(days=1))
    assert later.digest == review_of(before, after).digest, SEED


def test_users_of_others_whom_nothing_happens_to_make_no_difference(change: Change) -> None:
    # One is there in both: whether there is anybody else whose access can be taken is a finding.
    more = [User(f"more-{n}", email="m@example.com", access=[view("web")]) for n in range(4)]
    few_before, few_after = ({**side, "new": more[:1]} for side in change)
    many_before, many_after = (
        {**side, "ops": [more[1], *side["ops"]], "new": [more[0], *more[2:]]} for side in change
    )

    few, many = review_of(few_before, few_after), review_of(many_before, many_after)
    assert few.digest == many.digest, SEED


def test_the_order_of_users_and_what_a_review_stands_on_make_no_difference(change: Change) -> None:
    before, after = change
    turned = {team: users[::-1] for team, users in [*after.items()][::-1]}

    other = review(side_of(before), side_of(turned), DAY, "another revision")
    assert other.digest == review_of(before, after).digest, SEED


def _ann(*access: Grant, **more: Any) -> User:
    return User("out-ann", email="a@example.com", access=access, **more)


def test_no_two_changes_have_one_digest() -> None:
    afters = [
        _ann(view("web")),
        _ann(edit("web")),
        _ann(view("api")),
        _ann(view.cluster_wide()),
        _ann(edit("users-out")),
        _ann(ClusterRole("monitor")("web")),
        _ann(Role("own", rules=[Rule(["get"], ["pods"])])("web")),
        _ann(Role("own", rules=[Rule(["list"], ["pods"])])("web")),
        _ann(view("web"), tokens=["a"]),
        _ann(view("web"), tokens=["a", "b"]),
        _ann(view("web"), tokens=["b"]),
        _ann(view("web"), expires="2027-01-01"),
        _ann(view("web"), suspended="gone"),
        _ann(view("web"), tokens=[Token("a", until="2027-01-01")]),
        User("out-bob", email="a@example.com", access=[view("web")]),
        _ann(view("web"), looks_like={"out-anm": "another one"}),
        _ann(view("web"), looks_like={"out-anm": "her brother"}),
    ]
    changes: list[Change] = [*(({}, {"out": [user]}) for user in afters), ({}, {"ops": afters[:1]})]
    # What was to end some day is gone at once, like all else.
    lasting = [each for each in afters[:-2] if not (each.expires or each == afters[13])]
    changes += [({"out": [user]}, {"out": []}) for user in lasting]
    changes += [({"out": [a]}, {"out": [b]}) for a, b in itertools.permutations(afters[:4], 2)]

    digests = [review_of(before, after).digest for before, after in changes]
    assert len(set(digests)) == len(digests)


def _risky() -> Review:
    """A change with findings, a path, absences and fields in it."""
    keys = Role("keys", rules=[Rule(["list"], ["secrets"])])("users-out")
    bob = User("out-bob", email="b@example.com")
    gone = User("out-eve", email="e@example.com", suspended="on leave", note="on call")
    found = review_of({"out": [_ann(), bob]}, {"out": [_ann(keys), bob, gone]})
    assert found.users[0].new_findings
    assert found.users[0].paths.new
    assert len(found.users[1].events) == 4
    return found


def _reworded(finding: Finding) -> Finding:
    rule = replace(finding.rule, reason="x", mend="y", source="https://example.com")
    return replace(finding, rule=rule)


def _told_otherwise(path: NamedPath) -> NamedPath:
    steps = (replace(step, edge=replace(step.edge, how="x")) for step in path.steps)
    return replace(path, steps=tuple(steps))


def test_other_words_for_the_same_make_no_difference() -> None:
    found = _risky()
    users = tuple(
        replace(
            user,
            events=tuple(replace(each, label="x", detail="y") for each in user.events),
            new_findings=tuple(map(_reworded, user.new_findings)),
            paths=replace(user.paths, new=tuple(map(_told_otherwise, user.paths.new))),
        )
        for user in found.users
    )
    other = replace(found, users=users)
    assert other.document() != found.document()
    assert other.digest == found.digest


def test_another_rule_or_severity_makes_a_difference() -> None:
    found = _risky()
    ann, *others = found.users
    finding, *further = ann.new_findings
    rarer: Severity = "low" if finding.severity != "low" else "high"
    for changed_ in (
        replace(finding, severity=rarer),
        replace(finding, rule=replace(finding.rule, id="another")),
        replace(finding, evidence=()),
    ):
        users = (replace(ann, new_findings=(changed_, *further)), *others)
        assert replace(found, users=users).digest != found.digest


def test_anybody_can_compute_it_from_the_json() -> None:
    document = json.loads(json.dumps(_risky().document()))

    beside = {"words", "place", "narrower"}

    def facts(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: facts(each) for key, each in value.items() if key not in beside}
        return [facts(each) for each in value] if isinstance(value, list) else value

    approved = facts({key: document[key] for key in ("settings", "teams", "users")})
    text = json.dumps(approved, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert document["digest"] == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_what_a_team_without_users_gets_makes_a_difference() -> None:
    empty = side_of({"out": []})
    digests = {
        review(
            empty, side_of({"out": []}, team=Team(name="out", access=[grant])), DAY, "a test"
        ).digest
        for grant in GRANTS
    }
    assert len(digests) == len(GRANTS)


def test_the_digest_is_that_of_the_change_whatever_blocks_it() -> None:
    found = review_of({"out": []}, {"out": [User("out-ann", email="a@example.com")]})
    other = "sha256:" + "0" * 64

    stopped = found.if_approved(other)
    assert [block.kind for block in stopped.blocks] == ["not-approved"]
    assert stopped.digest == found.digest == found.document()["digest"]
    assert found.if_approved(found.digest) is found
    gone = review_of({"out": [User("out-ann", email="a@example.com")]}, {})
    assert gone.blocks
    assert gone.digest == replace(gone, blocks=()).digest
    assert (
        gone.digest
        != replace(gone, settings=(changed("review.block_at", "critical", None),)).digest
    )


@pytest.mark.parametrize("given", MALFORMED)
def test_what_can_not_be_a_digest_is_an_error(given: str) -> None:
    with pytest.raises(KuberosterError, match="It is the digest of a review: 'sha256:' and 64"):
        check_digest(given)
