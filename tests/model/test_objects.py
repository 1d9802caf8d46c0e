"""What users and teams are called in Kubernetes and Terraform: no two things share a name."""

import itertools
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from kuberoster import ClusterRole, Grant, Role, Rule, Team, User, admin, edit, view
from kuberoster.model.access import LADDER
from kuberoster.model.addresses import TEAM, address
from kuberoster.model.fields import annotations
from kuberoster.model.names import user_name_faults
from kuberoster.model.objects import (
    Binding,
    Subject,
    team_bindings,
    team_labels,
    user_bindings,
    user_labels,
)
from kuberoster.model.token import secret_prefix
from tests.long import sized

RULES = [Rule(["get"], ["pods"])]
TERRAFORM_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
DNS_LABEL_PREFIX = re.compile(r"[a-z0-9][-a-z0-9]*")
LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")

thorough = settings(
    max_examples=sized(60, long=6000),
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def binding(grant: Grant) -> Binding:
    [made] = user_bindings(User("ann", access=[grant]), Team(name="web"))
    return made


def test_a_binding_reads_as_words() -> None:
    assert binding(edit("web")) == Binding(
        name="web:ann:edit",
        address="ann_web",
        role=edit,
        namespace="web",
        subject=Subject(kind="ServiceAccount", name="ann", namespace="users-web"),
        grant=edit("web"),
    )
    assert binding(view.cluster_wide()).address == "ann"
    assert binding(ClusterRole("monitor")("web")).address == "ann_monitor_web"
    assert binding(ClusterRole("monitor").cluster_wide()).address == "ann_monitor"
    assert binding(Role("x", RULES)("web")).address == "ann_role_x_web"
    assert binding(Role("x", RULES).cluster_wide()).name == "web:ann:role=x"


@pytest.mark.parametrize(
    ("grant", "kind", "name"),
    [
        (view("web"), "ClusterRole", "view"),
        (view.cluster_wide(), "ClusterRole", "view"),
        (Role("x", RULES)("web"), "Role", "web:ann:role=x"),
        (Role("x", RULES).cluster_wide(), "ClusterRole", "web:ann:role=x"),
    ],
)
def test_a_binding_refers_to_a_role_of_the_cluster_or_to_one_of_its_own(
    grant: Grant, kind: str, name: str
) -> None:
    assert (binding(grant).role_kind, binding(grant).role_name) == (kind, name)


def test_a_teams_access_is_its_groups() -> None:
    [made] = team_bindings(Team(name="web", namespace="people", access=[view("web")]))

    assert made.subject == Subject(kind="Group", name="system:serviceaccounts:people")
    assert (made.name, made.address) == ("web:TEAM:view", "TEAM_web")


@pytest.mark.parametrize("scope", [lambda role: role("web"), ClusterRole.cluster_wide])
def test_one_of_the_ladder_takes_the_others_address_and_not_its_name(
    scope: Callable[[ClusterRole], Grant],
) -> None:
    made = [binding(scope(role)) for role in (view, edit, admin)]

    assert len({one.address for one in made}) == 1
    assert len({one.name for one in made}) == 3
    own = binding(scope(Role("view", RULES)))  # type: ignore[arg-type]
    assert own.address != made[0].address


def test_labels_and_annotations_say_whose_an_object_is() -> None:
    team = Team(name="web", note="The shop")
    user = User("ann", email="ann@example.com", note="On-call")

    assert user_labels(user, team) == {**team_labels(team), "kuberoster.io/user": "ann"}
    assert team_labels(team) == {
        "app.kubernetes.io/managed-by": "kuberoster",
        "kuberoster.io/team": "web",
    }
    assert annotations(team) == {"kuberoster.io/note": "The shop"}
    assert annotations(user) == {
        "kuberoster.io/email": "ann@example.com",
        "kuberoster.io/note": "On-call",
    }


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("ann",), "ann"),
        (("ann.smith", "edit"), "ann__smith_edit"),
        (("1password", "view"), "_1password_view"),
        (("ann", "system:node"), "ann_system___node"),
        (("ann", "a_b"), "ann_a____5fb"),
        (("ann", "a.:b"), "ann_a____2e____3ab"),
    ],
)
def test_an_address_reads_as_words(names: tuple[str, ...], expected: str) -> None:
    assert address(*names) == expected


# A few letters and many marks, so that two draws nearly meet.
TEAMS = st.text("ab0-", max_size=8).map(lambda text: text.strip("-") or "a")
USERS = st.text("ab01-.", max_size=8).map(
    lambda text: re.sub(r"[-.]*\.[-.]*", ".", text).strip("-.") or "1"
)
ROLES = st.one_of(
    st.text("abT0-.:_", max_size=8).map(lambda text: text.strip("-.:_") or "a"),
    st.sampled_from(["role", "role.a", "role_a", "role-a", "role:a", "TEAM", "TEAM_role", "a_5fb"]),
    st.sampled_from([*LADDER, "view-a", "a:view"]),
)
NAMESPACES = st.one_of(TEAMS, st.sampled_from(["role", "role-a", "view"]))


class Place(NamedTuple):
    """All that tells one binding from another."""

    team: str
    who: str
    custom: bool
    role: str
    namespace: str | None

    @property
    def at(self) -> "Place":
        """The place of the address: one for all of the ladder."""
        on_ladder = not self.custom and self.role in LADDER
        return self._replace(role="view") if on_ladder else self


PLACES = st.builds(
    Place, TEAMS, st.one_of(st.just(TEAM), USERS), st.booleans(), ROLES, st.none() | NAMESPACES
)


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Place, Place]:
    """Two places whose parts, written behind one another, differ in marks alone."""
    marks = st.sampled_from([*"-.:_=", "__", "___", "____2e", "_role_", "-role-", ":role=", "5f"])
    parts = draw(st.lists(st.sampled_from(["a", "b", "0", "role", "TEAM", "5f", "2e"]), max_size=5))

    def place() -> Place:
        text = parts[0] if parts else "a"
        for part in parts[1:]:
            text += draw(marks) + part
        cut = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 3)))
        who, role, namespace = text[: cut[0]], text[cut[0] : cut[1]], text[cut[1] : cut[2]]
        return Place(
            draw(st.sampled_from(["a", "a-b"])),
            who.strip("-.:_=") or "a",
            draw(st.booleans()),
            role.strip("-.:_=") or "a",
            namespace.strip("-.:_=") or None,
        )

    return place(), place()


def binding_at(place: Place) -> Binding:
    role = Role(place.role, RULES) if place.custom else ClusterRole(place.role)
    grant = Grant(role, (place.namespace,) if place.namespace else None)
    [made] = (
        team_bindings(Team(name=place.team, access=[grant]))
        if place.who == TEAM
        else user_bindings(User(place.who, access=[grant]), Team(name=place.team))
    )
    return made


def is_valid(place: Place) -> bool:
    grant = binding_at(place).role(place.namespace or "web")
    faults = [*Team(name=place.team).faults(), *grant.faults()]
    return not faults and (place.who == TEAM or not [*user_name_faults(place.who)])


def assert_apart(one: Place, other: Place) -> None:
    """Two places never meet in an object of the cluster or a resource of a stack."""
    assume(one != other and is_valid(one) and is_valid(other))
    first, second = binding_at(one), binding_at(other)
    event("both are valid")
    same_kind = (one.namespace is None) == (other.namespace is None)
    if same_kind and one.namespace == other.namespace:
        assert first.name != second.name
        if one.custom and other.custom:
            assert first.role_name != second.role_name
    if same_kind and one.team == other.team:
        assert (first.address == second.address) == (one.at == other.at)


def test_no_two_of_all_short_names_meet_in_one_name_or_address() -> None:
    marked = ["a", "0", "aa", "role", "role:a", "role.a", "role_a", "role-a", "TEAM", "TEAM_a"]
    marked += ["view", "edit", "admin"]
    for length in [1, 2, 3]:
        marked += [f"a{''.join(marks)}a" for marks in itertools.product(".:_-", repeat=length)]
        marked += [f"0{marks[0]}a" for marks in itertools.product(".:_-", repeat=1)]
    places = [
        Place(*parts)
        for parts in itertools.product(
            ["a", "a-a", "a-a-a"],
            [TEAM, "a", "0", "a-a", "a.a", "a.a-a", "a-role", "role", "a.role.a"],
            [True, False],
            dict.fromkeys(marked),
            [None, "a", "a-a", "role", "role-a", "view"],
        )
    ]
    names, own_roles, addresses = set(), set(), set()
    for place in places:
        made = binding_at(place)
        names.add((place.namespace, made.name))
        addresses.add((place.team, place.namespace is None, made.address))
        if place.custom:
            own_roles.add((place.namespace, made.role_name))

    assert len(names) == len(places)
    assert len(addresses) == len({place.at for place in places})
    assert len(own_roles) == len(places) / 2


@thorough
@given(PLACES, PLACES)
def test_two_bindings_never_meet_in_one_name_or_address(one: Place, other: Place) -> None:
    assert_apart(one, other)


@thorough
@given(neighbours())
def test_two_bindings_that_differ_in_marks_alone_never_meet(places: tuple[Place, Place]) -> None:
    assert_apart(*places)


@thorough
@given(PLACES, st.data())
def test_a_change_in_one_part_changes_name_or_namespace_and_address(
    one: Place, data: st.DataObject
) -> None:
    part = data.draw(st.sampled_from(Place._fields[1:]))
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "who": USERS,
        "custom": st.booleans(),
        "role": ROLES,
        "namespace": NAMESPACES,
    }
    assert_apart(one, one._replace(**{part: data.draw(drawn[part])}))


@thorough
@given(USERS, ROLES, NAMESPACES)
def test_an_address_is_an_identifier_of_terraforms(user: str, role: str, namespace: str) -> None:
    for names in [(user,), (TEAM, role), (user, "role", role, namespace)]:
        assert TERRAFORM_IDENTIFIER.fullmatch(address(*names))


@thorough
@given(st.lists(st.tuples(USERS, TEAMS), min_size=2, max_size=4, unique=True))
def test_two_tokens_never_meet_in_one_address(tokens: list[tuple[str, str]]) -> None:
    made = [address(user, label) for user, label in tokens]

    assert len(set(made)) == len(made)
    assert not {address(user) for user, _ in tokens} & set(made)


@thorough
@given(st.lists(USERS, min_size=2, max_size=4, unique=True))
def test_two_users_never_meet_in_one_address(users: list[str]) -> None:
    assert len({address(user) for user in users}) == len(users)


@thorough
@given(USERS, TEAMS, TEAMS)
def test_what_a_valid_user_is_called_is_legal_in_kubernetes(
    name: str, label: str, team_name: str
) -> None:
    user, team = User(name, email="a@b.c", tokens=[label]), Team(name=team_name)
    assume(not [*user.faults(), *team.faults()])
    prefix = secret_prefix(name, label)

    assert DNS_LABEL_PREFIX.fullmatch(prefix)
    assert len(prefix) <= 58
    for value in [label, *user_labels(user, team).values()]:
        assert len(value) <= 63
        assert LABEL_VALUE.fullmatch(value)


def longest(role: Callable[[str], ClusterRole | Role]) -> Binding:
    user = User("u" * 63, email="a@b.c", tokens=["t"], access=[role("r" * 120)("n" * 63)])
    team = Team(name="t" * 57)
    assert not [*team.faults(), *user.access[0].faults()]
    [made] = user_bindings(user, team)
    return made


def test_the_longest_names_stay_below_what_kubernetes_allows() -> None:
    assert len(longest(ClusterRole).name) <= 253
    assert len(longest(lambda name: Role(name, RULES)).name) <= 253
