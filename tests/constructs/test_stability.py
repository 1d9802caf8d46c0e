"""One user's change touches nobody else's resources."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kuberoster import Grant, Team, User, Waiver, edit, view
from kuberoster.constructs import TeamStack
from kuberoster.constructs._cdktf import App
from kuberoster.model.settings import ClusterSettings, StateSettings

Resources = dict[tuple[str, str], Any]


def resources_of(
    users: list[User], outdir: Path, access: Sequence[Grant] = (view("web"),)
) -> Resources:
    """Each resource of a team with these users, by type and address, CDKTF's metadata included."""
    app = App(outdir=str(outdir))
    TeamStack(
        app,
        "web",
        team=Team(name="web", access=access),
        users=users,
        cluster=ClusterSettings(),
        state=StateSettings(),
    )
    app.synth()
    stack = json.loads((outdir / "stacks" / "web" / "cdk.tf.json").read_text())
    return {
        (kind, address): made
        for kind, resources in stack["resource"].items()
        for address, made in resources.items()
    }


def user_of(made: dict[str, Any]) -> str | None:
    name: str | None = made["metadata"].get("labels", {}).get("kuberoster.io/user")
    return name


@pytest.fixture(scope="session")
def users(random_users: Callable[[int, int], list[User]]) -> list[User]:
    return random_users(4, 25)


@pytest.fixture(scope="session")
def before(users: list[User], tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return resources_of(users, tmp_path_factory.mktemp("before"))


@pytest.mark.parametrize("position", [0, 12, 24])
def test_removing_a_user_removes_that_users_resources_and_no_other(
    before: Resources, users: list[User], position: int, tmp_path: Path
) -> None:
    left = users[:position] + users[position + 1 :]

    after = resources_of(left, tmp_path)

    name = users[position].name
    assert after == {at: made for at, made in before.items() if user_of(made) != name}
    assert len(after) < len(before)


@pytest.mark.parametrize("position", [0, 12, 25])
def test_adding_a_user_changes_no_other_users_resources(
    before: Resources, users: list[User], position: int, tmp_path: Path
) -> None:
    new = User("new.one", email="new@example.com", access=[edit("web")])

    after = resources_of([*users[:position], new, *users[position:]], tmp_path)

    assert {at: made for at, made in after.items() if user_of(made) != "new.one"} == before
    assert len(after) == len(before) + 3


def test_the_order_of_users_does_not_count(
    before: Resources, users: list[User], tmp_path: Path
) -> None:
    shuffled = random.Random(5).sample(users, len(users))  # noqa: S311

    assert resources_of(shuffled, tmp_path) == before


def test_a_new_token_label_leaves_the_old_tokens_secret_as_it_is(tmp_path: Path) -> None:
    def with_tokens(*labels: str) -> Resources:
        user = User("ann", email="ann@example.com", tokens=labels)
        return resources_of([user], tmp_path / "-".join(labels))

    one, two = with_tokens("2026q4"), with_tokens("2027q1", "2026q4")

    assert set(two) - set(one) == {("kubernetes_secret_v1", "ann_2027q1")}
    assert {at: two[at] for at in one} == one


def test_waivers_change_no_resource(before: Resources, users: list[User], tmp_path: Path) -> None:
    accepted = [Waiver("read-secrets", owner="a@example.com", reason="x", expires="2027-03-31")]

    def waived(access: Sequence[Grant]) -> list[Grant]:
        return [replace(grant, waivers=accepted) for grant in access]

    everyone = [replace(user, access=waived(user.access)) for user in users]

    assert resources_of(everyone, tmp_path, waived([view("web")])) == before
