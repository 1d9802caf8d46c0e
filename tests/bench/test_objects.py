"""A bench counts only what is really in the cluster."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.contenders import CONTENDERS
from bench.contenders.kubectl import Kubectl
from bench.ground import Ground, new_ground
from bench.objects import manifests, wait_until_there
from bench.roster import TEAM_SIZE, Roster, write_users
from bench.run import in_turn
from kuberoster import KuberosterError
from kuberoster.cluster.kinds import collection
from kuberoster.model.objects import SERVICE_ACCOUNT_UID, USER_LABEL
from tests.project import paused_controllers


def test_the_users_are_in_teams_of_a_hundred_and_one_may_join(tmp_path: Path) -> None:
    for roster, joined in ((Roster.WITHOUT_JOINER, 0), (Roster.JOINED, 4), (Roster.ROTATED, 4)):
        write_users(tmp_path / "users", 2 * TEAM_SIZE + 50, roster)

        found = manifests(tmp_path / "users")

        assert sum(manifest["kind"] == "Namespace" for manifest in found) == 3
        assert len(found) == 3 * 3 + 250 * 4 + joined


def test_each_contender_is_the_first_of_a_round_in_turn() -> None:
    firsts = [in_turn(CONTENDERS, number)[0].name for number in range(len(CONTENDERS))]

    assert firsts == [contender.name for contender in CONTENDERS]
    assert all(set(in_turn(CONTENDERS, number)) == set(CONTENDERS) for number in range(9))


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Three users in a cluster, without Terraform."""
    with new_ground(3, tmp_path_factory.mktemp("no-provider") / "terraformrc") as own:
        Kubectl().take(own, Roster.WITHOUT_JOINER)
        own.prepare("kubectl apply --server-side -f objects.json")
        yield own


@pytest.mark.cluster
def test_what_was_applied_is_there_with_its_tokens(ground: Ground) -> None:
    expected = ground.expected(Roster.WITHOUT_JOINER)

    wait_until_there(ground.cluster, expected, ignore)

    secrets = list(ground.cluster.list_metadata(collection("Secret"), label_selector=USER_LABEL))
    assert len(secrets) == 3
    assert all(SERVICE_ACCOUNT_UID in secret["metadata"]["annotations"] for secret in secrets)


@pytest.mark.cluster
@pytest.mark.parametrize("roster", [Roster.JOINED, Roster.ROTATED])
def test_what_is_missing_is_an_error(ground: Ground, roster: Roster) -> None:
    with pytest.raises(KuberosterError, match="4 objects are missing, 0 are too many"):
        wait_until_there(ground.cluster, ground.expected(roster), ignore, within=1)


@pytest.mark.cluster
@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("ServiceAccount", "automountServiceAccountToken", True),
        ("RoleBinding", "subjects", []),
        ("RoleBinding", "metadata", {"name": "another", "namespace": "web"}),
    ],
)
def test_an_object_that_is_another_one_is_an_error(
    ground: Ground, kind: str, field: str, value: object
) -> None:
    expected = ground.expected(Roster.WITHOUT_JOINER)
    one = next(manifest for manifest in expected if manifest["kind"] == kind)
    one[field] = value

    with pytest.raises(KuberosterError, match="1 objects are missing, 1 are too many"):
        wait_until_there(ground.cluster, expected, ignore, within=1)


@pytest.mark.cluster
def test_a_token_that_is_not_made_yet_is_waited_for(ground: Ground) -> None:
    expected = ground.expected(Roster.WITHOUT_JOINER)
    ground.prepare("kubectl delete secret -A -l kuberoster.io/user=user-00001")
    with paused_controllers(ground.control_plane):
        ground.prepare("kubectl apply --server-side -f objects.json")
        with pytest.raises(KuberosterError, match="1 Secrets have no token"):
            wait_until_there(ground.cluster, expected, ignore, within=1)

    wait_until_there(ground.cluster, expected, ignore)


def ignore(_: float) -> None:
    pass
