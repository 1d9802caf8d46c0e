"""What a change of the roster means: a table of changes, each with the review that it gets.

`pytest tests/review --update-reviews` writes the golden reviews anew; then read `git diff`.
"""

import itertools
import os
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kuberoster.model.roster import load_roster
from kuberoster.model.settings import ReviewSettings, load_settings
from kuberoster.rbac.actions import Action
from kuberoster.rbac.authorizer import ResourceAttributes
from kuberoster.rbac.effective import effective_access
from kuberoster.rbac.policy import service_account
from kuberoster.review.change.paths import NamedPath
from kuberoster.review.change.review import Review, review
from kuberoster.review.change.side import Side, side
from kuberoster.review.change.user_change import UserChange
from kuberoster.review.output.content import content
from kuberoster.review.output.text import as_text
from kuberoster.risk.finding import Finding
from tests.long import sized

GOLDEN = Path(__file__).parent / "golden"
DAY = date(2026, 11, 24)
IMPORTS = """
from kuberoster import ClusterRole, Role, Rule, Team, Token, User, Waiver, admin, edit, view
def waiver(rule, expires="2027-03-31", reason="until the vault is there"):
    return [Waiver(rule, owner="ops@example.com", reason=reason, expires=expires)]
reader = Role("reader", rules=[Rule(["get"], ["secrets"], resource_names=["tls"])])
"""
WEB = """
TEAM = Team(access=[view("shared")])
USERS = [
    User("ann", email="ann@example.com", access=[edit("web"), reader("api")]),
    User("bob", email="bob@example.com", access=[view("web")], expires="2026-12-01"),
    User("ci-deploy", owner="ann", access=[edit("web")], tokens=["2026q4"]),
]
"""
Roster = Mapping[str, str]

CHANGES: dict[str, tuple[Roster, Roster]] = {
    "a user is added": (
        {},
        {"USERS = [": 'USERS = [User("eve", owner="ann", access=[view("db")]),'},
    ),
    "a user is added who starts later": (
        {},
        {
            "USERS = [": 'USERS = [User("eve", owner="ann", access=[admin("db")], '
            'starts="2026-12-24"),'
        },
    ),
    "a user is removed": ({}, {'    User("bob"': '    # User("bob"'}),
    "a token is rotated": ({}, {'["2026q4"]': '[Token("2026q4", until="2026-12-01"), "2027q1"]'}),
    "access is widened": ({}, {'view("web")': 'admin("web")'}),
    "access is narrowed": ({}, {'[edit("web"), reader("api")]': '[view("web")]'}),
    "access becomes cluster-wide": ({}, {'view("web")]': "view.cluster_wide()]"}),
    "the whole team gets more": ({}, {'view("shared")': 'edit("shared")'}),
    "a role of the roster's own is edited": (
        {},
        {'["get"], ["secrets"], resource_names=["tls"]': '["get", "list"], ["secrets"]'},
    ),
    "a role of the cluster's own is granted": (
        {},
        {'view("web")]': 'view("web"), ClusterRole("monitor")("web")]'},
    ),
    "everything is granted": (
        {},
        {'view("web")]': 'ClusterRole("cluster-admin").cluster_wide()]'},
    ),
    "everybody of the team can be acted as": (
        {},
        {'view("web")]': 'Role("keys", rules=[Rule(["list"], ["secrets"])])("users-web")]'},
    ),
    "somebody can be acted as by way of another": (
        {
            'reader("api")': 'Role("key", rules=[Rule(["create"], ["serviceaccounts/token"], '
            'resource_names=["bob"])])("users-web")'
        },
        {
            'reader("api")': 'Role("key", rules=[Rule(["create"], ["serviceaccounts/token"], '
            'resource_names=["bob"])])("users-web")',
            'view("web")]': "edit.cluster_wide()]",
        },
    ),
    "a user is suspended": ({}, {'expires="2026-12-01"': 'suspended="on leave"'}),
    "a user's last day is put off": ({}, {"2026-12-01": "2027-12-01"}),
    "a risk is waived": (
        {},
        {'edit("web"), reader': 'edit("web", waivers=waiver("read-secrets")), reader'},
    ),
    "access comes with a waiver of its risk": (
        {},
        {'view("web")]': 'ClusterRole("cluster-admin")("web", waivers=waiver("cluster-admin"))]'},
    ),
    "a waiver is renewed": (
        {'view("web")]': 'edit("web", waivers=waiver("exec-pods"))]'},
        {'view("web")]': 'edit("web", waivers=waiver("exec-pods", "2027-09-30"))]'},
    ),
    "a waiver has expired": (
        {},
        {'view("web")]': 'edit("web", waivers=waiver("exec-pods", "2026-11-23"))]'},
    ),
    "a waiver is removed": (
        {'view("web")]': 'edit("web", waivers=waiver("exec-pods"))]'},
        {'view("web")]': 'edit("web")]'},
    ),
    "a waiver accepts nothing": (
        {},
        {'view("web")': 'view("web", waivers=waiver("exec-pods", "2026-12-01"))'},
    ),
    "the whole team gets more with a waiver": (
        {},
        {'view("shared")': 'edit("shared", waivers=waiver("exec-pods"))'},
    ),
    "a risk of the whole team is waived": (
        {'view("shared")': 'edit("shared")'},
        {'view("shared")': 'edit("shared", waivers=waiver("exec-pods"))'},
    ),
    "a change is reverted": ({'view("web")': 'admin("web")'}, {}),
}


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Roster], Side]:
    """One side of a review, from the text of each team's file."""
    numbers = itertools.count()

    def make(teams: Roster) -> Side:
        folder = tmp_path_factory.mktemp(f"roster{next(numbers)}")
        (folder / "cdktf.json").write_text("{}")
        (folder / "users").mkdir()
        for team, text in teams.items():
            (folder / "users" / f"{team}.py").write_text(text)
        return side(load_settings(folder), load_roster(folder / "users"), DAY)

    return make


Read = Callable[[Roster], Side]


def _edited(edits: Roster) -> str:
    text = IMPORTS + WEB
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    return text


def _review(base: Side, head: Side) -> Review:
    return review(base, head, DAY, "a test")


@pytest.mark.parametrize("change", CHANGES)
def test_the_review_of_a_change_is_as_written_down(
    change: str, read: Read, request: pytest.FixtureRequest
) -> None:
    base, head = (read({"web": _edited(edits)}) for edits in CHANGES[change])

    said = "\n".join([*as_text(content(_review(base, head))), ""])

    golden = GOLDEN / f"{change.replace(' ', '-').replace(chr(39), '')}.txt"
    if request.config.getoption("--update-reviews"):
        golden.write_text(said)
    assert said == golden.read_text()


def test_each_golden_review_is_of_a_change_of_the_table() -> None:
    names = {change.replace(" ", "-").replace("'", "") for change in CHANGES}

    assert {path.stem for path in GOLDEN.iterdir()} == names


def test_no_change_makes_an_empty_review(read: Read) -> None:
    found = _review(read({"web": _edited({})}), read({"web": _edited({})}))

    assert found.is_empty
    assert not found.blocks
    assert found.unchanged == 3


def test_an_edit_that_changes_nothing_for_anybody_makes_an_empty_review(read: Read) -> None:
    spread = _edited({'[edit("web"), reader("api")]': '[reader("api"), edit("web")]'})
    turned = spread.replace("USERS = [", "USERS = [][::-1] + [")

    assert _review(read({"web": _edited({})}), read({"web": turned})).is_empty


def test_a_name_that_looks_like_another_is_told(read: Read) -> None:
    meant = 'User("ann-a", email="a@example.com", looks_like={"ann.a": "her sister"})'
    other = 'User("ann.a", email="b@example.com")'
    text = "from kuberoster import *\nUSERS = [{}]"
    one, both = (read({"web": text.format(users)}) for users in (other, f"{meant}, {other}"))

    (new,) = _review(one, both).users
    assert "name meant although it looks like ann.a: her sister" in map(str, new.events)


def test_a_team_s_file_that_goes_with_its_users_blocks(read: Read) -> None:
    both = {
        "web": _edited({}),
        "ops": 'from kuberoster import *\nUSERS = [User("olaf", email="o@example.com")]',
    }
    found = _review(read(both), read({"web": both["web"]}))

    assert [block.kind for block in found.blocks] == ["team-file-gone"]
    (ops,) = (each for each in found.teams if each.team == "ops")
    assert list(map(str, ops.events)) == ["is gone: users/ops.py was removed"]


def test_a_team_s_file_that_goes_after_its_users_does_not_block(read: Read) -> None:
    both = {"web": _edited({}), "ops": "USERS = []"}

    assert not _review(read(both), read({"web": both["web"]})).blocks


def test_the_worst_of_what_blocks_comes_first(read: Read) -> None:
    start = f"{IMPORTS}\nUSERS = ["
    users = [f'User("{name}", email="x@example.com", access=[GRANT])' for name in ("al", "zoe")]
    deleter = 'Role("deleter", rules=[Rule(["delete"], ["namespaces"])]).cluster_wide()'
    given = deleter, 'ClusterRole("cluster-admin").cluster_wide()'
    after = [user.replace("GRANT", grant) for user, grant in zip(users, given, strict=True)]
    sides = [read({"web": f"{start}{', '.join(users)}]"}) for users in ([], after)]
    base, head = (
        replace(each, settings=replace(each.settings, review=ReviewSettings(block_at="high")))
        for each in sides
    )
    blocks = _review(base, head).blocks

    assert [block.user for block in blocks] == ["zoe", "al"]


def test_moving_to_another_team_replaces_every_token(read: Read) -> None:
    line = 'User("olaf", email="o@example.com", access=[view("web")], tokens=["a", "b"])'
    start = f"{IMPORTS}\nUSERS = ["
    before = {"web": f"{start}{line}]", "ops": f"{start}]"}
    after = {"web": before["ops"], "ops": before["web"]}

    (olaf,) = _review(read(before), read(after)).users

    assert list(map(str, olaf.events)) == ["moves from web to ops"]
    assert [str(token.document()) for token in olaf.tokens] == [
        "{'label': 'a', 'change': 'replaced'}",
        "{'label': 'b', 'change': 'replaced'}",
    ]
    assert not any(scope.gained or scope.lost for scope in olaf.access)


# ---- properties, over random rosters

SEED = int(os.environ.get("KUBEROSTER_SEED") or random.randrange(10**9))  # noqa: S311  # of tests
ROUNDS = sized(20, long=600)
GRANTS = [
    'view("web")',
    'edit("web")',
    'admin("api")',
    'view("api")',
    "view.cluster_wide()",
    'ClusterRole("monitor")("web")',
    'ClusterRole("cluster-admin").cluster_wide()',
    'reader("api")',
    'reader("web")',
    'edit("web", waivers=waiver("read-secrets"))',
    'edit("api", waivers=waiver("exec-pods", "2027-09-30"))',
    'edit("api", waivers=waiver("exec-pods", "2026-11-01"))',
    'reader("web", waivers=waiver("read-named-secrets"))',
    'edit("users-ops")',
    'Role("key", rules=[Rule(["get"], ["secrets"], resource_names=["ann-a-x7k2p"])])("users-web")',
    'Role("any", rules=[Rule(["*"], ["pods", "pods/log"]), Rule(["get"], ["*/status"])])("web")',
]
KINDS = ["", ', suspended="gone"', ', starts="2026-12-24"', ', expires="2026-01-01"']


def _random_teams(random_: random.Random) -> dict[str, str]:
    users: dict[str, list[str]] = {"web": [], "ops": []}
    for name in ("ann", "bob", "cleo", "dan"):
        if random_.random() < 0.2:
            continue
        grants = _unlike(random_.sample(GRANTS, random_.randrange(4)))
        tokens = random_.sample(["a", "b", "c"], random_.randrange(1, 4))
        kind = random_.choice(KINDS) if random_.random() < 0.3 else ""
        users[random_.choice(["web", "ops"])].append(
            f'User("{name}", email="x@example.com", access=[{", ".join(grants)}], '
            f"tokens={tokens}{kind})"
        )
    team = _unlike(random_.sample(GRANTS, random_.randrange(2)))
    return {
        name: f"{IMPORTS}\nTEAM = Team(access=[{', '.join(team)}])\nUSERS = [{', '.join(each)}]"
        for name, each in users.items()
    }


def _unlike(grants: list[str]) -> list[str]:
    """The grants without those that a roster refuses beside one another."""
    kept: dict[str, str] = {}
    for grant in grants:
        place = grant.partition(", waivers=")[0].rstrip(")")
        for role in ("view", "edit", "admin"):
            place = place.replace(f"{role}(", "ladder(").replace(f"{role}.", "ladder.")
        kept.setdefault(place, grant)
    return list(kept.values())


@pytest.fixture(params=range(ROUNDS))
def two_sides(request: pytest.FixtureRequest, read: Read) -> tuple[Side, Side]:
    """Two random rosters; the seed is in the name of the failing assertion."""
    random_ = random.Random(f"{SEED}-{request.param}")  # noqa: S311
    return read(_random_teams(random_)), read(_random_teams(random_))


def test_the_reviews_of_a_change_and_of_its_revert_mirror_each_other(
    two_sides: tuple[Side, Side],
) -> None:
    there, back = _review(*two_sides), _review(*reversed(two_sides))
    pairs = {"issued": "revoked", "added": "removed", "replaced": "replaced", "changed": "changed"}
    mirrored = pairs | {back: there for there, back in pairs.items()}

    assert [each.user for each in there.users] == [each.user for each in back.users], SEED
    for one, other in zip(there.users, back.users, strict=True):
        assert {
            (scope.namespace, scope.gained, scope.lost, frozenset(scope.bound))
            for scope in one.access
        } == {
            (scope.namespace, scope.lost, scope.gained, frozenset(scope.unbound))
            for scope in other.access
        }, SEED
        assert sorted((t.label, mirrored[t.change]) for t in one.tokens) == sorted(
            (t.label, t.change) for t in other.tokens
        ), SEED
        # A finding that leads to more users is new again; to fewer, it is still there.
        fresh, mended = _come(one) - _come(other), _keys(other.mended_findings)
        assert mended <= fresh, SEED
        assert {rule for rule, _ in fresh - mended} <= {"act-as-user"}, SEED
        assert _victims(one.paths.new) == _victims(other.paths.closed), SEED
        assert sorted((w.role, w.waiver.rule, mirrored[w.change]) for w in one.waivers) == sorted(
            (w.role, w.waiver.rule, w.change) for w in other.waivers
        ), SEED


def _victims(ways: tuple[NamedPath, ...]) -> list[tuple[str | None, str | None]]:
    return [(way.user, way.team) for way in ways]


def _come(user: UserChange) -> set[tuple[str, str]]:
    return _keys(user.new_findings) | _keys(user.waived_findings)


def _keys(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    return {(each.title, each.namespace) for each in findings}


def test_what_is_gained_is_allowed_after_and_not_before(two_sides: tuple[Side, Side]) -> None:
    base, head = two_sides
    for user in _review(base, head).users:
        for scope in user.access:
            for action in scope.gained:
                if not action.url and "*" not in action:
                    assert _allowed(head, user.user, scope.namespace, action), SEED
                    assert not _allowed(base, user.user, scope.namespace, action), SEED


def _allowed(side: Side, user: str, namespace: str, action: Action) -> bool:
    """As the authorizer decides it, of whose evaluation other tests hold the proof."""
    resource, _, subresource = action.resource.partition("/")
    asked = ResourceAttributes(
        verb=action.verb,
        group=action.group,
        resource=resource,
        subresource=subresource,
        name=action.name,
        namespace=namespace,
    )
    return any(
        effective_access(side.source.policy, service_account(entry.team.namespace, user)).allowing(
            asked
        )
        for entry in side.expected.teams
        if user in {each.name for each in entry.users}
    )


def test_the_order_of_teams_and_users_never_matters(read: Read) -> None:
    random_ = random.Random(SEED)  # noqa: S311
    base, head = _random_teams(random_), _random_teams(random_)
    plain = _review(read(base), read(head)).document()
    turned = {
        name: text.replace("USERS = [", "USERS = list(reversed([") + "))"
        for name, text in reversed(head.items())
    }

    assert _review(read(base), read(turned)).document() == plain, SEED
