"""Who can come to act as whom, over rosters that need no cluster."""

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from kuberoster import Grant, Role, Rule, Team, User, edit, view
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.rbac.effective import effective_access
from kuberoster.rbac.policy import Identity, Policy, service_account
from kuberoster.rbac.source import offline
from kuberoster.risk.paths import Accounts, Paths, paths
from tests.rbac.random_policy import ACCOUNTS, NAMESPACES, random_objects
from tests.risk.rules.cases import CASES, can, cluster, home, within
from tests.risk.rules.test_rules import DAY, SETTINGS

Access = dict[str, Iterable[Grant]]


def roster_of(access: Access, team: Iterable[Grant] = ()) -> Roster:
    """Ann and Bob in web, Carl and Dan in api, with this access."""
    return Roster(
        tuple(
            TeamRoster(
                team=Team(name=name, access=list(team) if name == "web" else []),
                users=tuple(
                    User(user, email="x@example.com", access=list(access.get(user, ())))
                    for user in users
                ),
            )
            for name, users in (("api", ("carl", "dan")), ("web", ("ann", "bob")))
        )
    )


def found(access: Access, team: Iterable[Grant] = ()) -> Paths:
    roster = roster_of(access, team)
    return paths(offline(roster, DAY).policy, roster, SETTINGS, guarded=False)


def told(given: Paths, user: str, team: str = "web") -> list[tuple[str, str]]:
    """The paths of a user: the victims, and who acts on the way."""
    return [
        (
            f"{path.victims.namespace}/{path.victims.name}",
            " ".join(step.document()["as"] for step in path.steps),
        )
        for path in given.by(f"users-{team}", user)
    ]


def pairs(given: Paths) -> set[tuple[Accounts, Accounts]]:
    """Each attacker and each victim by name."""
    return {
        (path.attacker, Accounts(namespace, user))
        for path in given
        for namespace, users in given.users.items()
        for user in users
        if path.victims.covers(namespace, user) and path.attacker != (namespace, user)
    }


def account(name: str, verbs: str = "create", kind: str = "serviceaccounts/token") -> Rule:
    return can(verbs, kind, names=name)


def test_what_most_people_have_is_no_path() -> None:
    given = found({"ann": [edit("web"), view("api")], "carl": [view("users-web", "users-api")]})

    assert list(given) == []
    assert given.edges() == []


def test_a_right_of_the_whole_team_is_a_path_for_each_of_it() -> None:
    given = found({}, team=[*home("watch", "secrets"), within("users-api", can("get", "secrets"))])

    for user in ("ann", "bob"):
        assert told(given, user) == [("users-api/", user), ("users-web/", user)]


def test_the_shortest_path_is_told_and_goes_by_way_of_other_users() -> None:
    given = found(
        {
            "ann": [within("users-web", account("bob"))],
            "bob": [within("users-api", account("carl"))],
            "carl": [within("users-api", account("dan"))],
            "dan": [within("users-web", can("list", "secrets"))],
        }
    )

    assert told(given, "ann") == [
        ("users-web/bob", "ann"),
        ("users-api/carl", "ann bob"),
        ("users-api/dan", "ann bob carl"),
        ("users-web/", "ann bob carl dan"),
    ]
    assert told(given, "dan", "api") == [("users-web/", "dan"), ("users-api/carl", "dan bob")]


def test_a_service_account_of_the_cluster_is_a_step_on_the_way() -> None:
    name = "clusterrole-aggregation-controller"
    given = found({"ann": [within("kube-system", account(name))]})

    assert told(given, "ann") == [("/", f"ann {name}")]


def test_everybody_is_one_path_however_many_they_are() -> None:
    many = [User(f"u{number}", email="x@example.com") for number in range(500)]
    roster = roster_of({"ann": [edit.cluster_wide()]})
    roster = Roster(tuple(replace(each, users=(*each.users, *many)) for each in roster.teams))
    given = paths(offline(roster, DAY).policy, roster, SETTINGS, guarded=False)

    (path,) = given
    assert (path.attacker, path.victims) == (Accounts("users-web", "ann"), Accounts())
    assert list(given.to("users-api", "u7")) == [path]
    assert given.edges() == [(path.attacker, path.victims)]


def test_who_is_alone_steals_from_nobody() -> None:
    roster = roster_of({"ann": home("list", "secrets")})
    alone = Roster(tuple(replace(each, users=each.users[:1]) for each in roster.teams))

    assert list(paths(offline(alone, DAY).policy, alone, SETTINGS, guarded=False)) == []
    assert list(paths(offline(roster, DAY).policy, roster, SETTINGS, guarded=False)) != []


def test_two_users_whose_secrets_begin_alike_are_both_reached_by_name() -> None:
    roster = Roster(
        (
            TeamRoster(
                team=Team(name="web"),
                users=(
                    User(
                        "ann",
                        email="x@example.com",
                        access=home("get", "secrets", names="b-c-main-x7k2p b-main-x7k2p"),
                    ),
                    User("b.c", email="x@example.com"),
                    User("b-c", email="x@example.com"),
                    User("b", email="x@example.com", tokens=["other"]),
                ),
            ),
        )
    )
    given = paths(offline(roster, DAY).policy, roster, SETTINGS, guarded=False)

    assert {path.victims.name for path in given} == {"b.c", "b-c"}


@pytest.mark.parametrize("seed", range(10))
def test_more_rights_never_take_a_path_away(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # no secret depends on it
    parts = [
        grant
        for cases in CASES.values()
        for case in cases
        for grant in case.hit
        if isinstance(grant.role, Role)
    ]
    access: dict[str, list[Grant]] = {"ann": [], "bob": [], "carl": []}
    before: set[tuple[Accounts, Accounts]] = set()
    for grant in [*chance.sample(parts, 12), *home("list", "secrets")]:
        chance.choice(list(access.values())).append(grant)
        after = pairs(found({**access}))
        assert before <= after
        before = after
    assert before


def _random(seed: int) -> tuple[list[dict[str, object]], Roster]:
    users = {
        home: tuple(User(name, email="x@example.com") for each, name in ACCOUNTS if each == home)
        for home in NAMESPACES
    }
    teams = (
        TeamRoster(team=Team(name=f"team-{home}", namespace=home), users=users[home])
        for home in NAMESPACES
    )
    return list(random_objects(random.Random(seed))), Roster(tuple(teams))  # noqa: S311


@pytest.mark.parametrize("seed", range(12))
def test_more_bindings_never_take_a_path_away_and_their_order_does_not_matter(seed: int) -> None:
    objects, roster = _random(seed)
    bindings = [each for each in objects if str(each["kind"]).endswith("Binding")]
    roles = [each for each in objects if each not in bindings]

    fewer = pairs(paths(Policy(roles + bindings[::2]), roster, SETTINGS, guarded=False))
    more = pairs(paths(Policy(objects), roster, SETTINGS, guarded=False))
    turned = Roster(tuple(replace(each, users=each.users[::-1]) for each in roster.teams[::-1]))

    assert fewer <= more
    assert more == pairs(paths(Policy(objects[::-1]), turned, SETTINGS, guarded=False))


@pytest.mark.parametrize("seed", range(12))
def test_each_step_is_the_actors_own_right_and_follows_on_the_one_before(seed: int) -> None:
    objects, roster = _random(seed)
    policy = Policy(objects)
    lengths = set()
    for path in paths(policy, roster, SETTINGS, guarded=False):
        actor: Accounts | Identity = path.attacker
        lengths.add(len(path.steps))
        for step in path.steps:
            assert step.actor == actor
            identity = actor if isinstance(actor, Identity) else service_account(*actor)
            own = effective_access(policy, identity).bindings
            assert step.edge.evidence
            assert {each.binding.name for each in step.edge.evidence} <= {one.name for one in own}
            assert (
                not isinstance(step.edge.target, Accounts)
                or not isinstance(step.becomes, Accounts)
                or step.edge.target.covers(*step.becomes)
            )
            actor = step.becomes
        assert actor == path.victims


def test_a_wide_right_and_impersonation_agree_with_each_other() -> None:
    wide = pairs(found({"ann": [edit.cluster_wide()]}))

    assert pairs(found({"ann": cluster("impersonate", "serviceaccounts")})) == wide
    assert len(wide) == 3
