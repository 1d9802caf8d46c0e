"""Teams whose file is gone from users/, and that are still there."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from kuberoster.model.objects import TEAM_LABEL
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.operations.cluster import Cluster, from_one_moment
from kuberoster.operations.inventory import labels_of
from kuberoster.operations.kinds import collection
from kuberoster.operations.terraform.leftover import teams_with_state


@dataclass(frozen=True, kw_only=True, slots=True)
class Departed:
    """What is left of one team; `str` of it is the error to show."""

    name: str
    namespaces: dict[str, int]
    """Each namespace with the team's label, and how many ServiceAccounts it has but `default`."""
    has_state: bool
    """Whether Terraform's state of it has resources; False where it can't be seen."""

    def __str__(self) -> str:
        """Two lines: what is still there; then how to mend it."""
        there = [
            f"namespace {namespace} with {count} ServiceAccount{'' if count == 1 else 's'}"
            for namespace, count in self.namespaces.items()
        ]
        there += ["Terraform's state"] if self.has_state else []
        return (
            f"team {self.name!r}: users/{self.name}.py is gone, and there is still "
            f"{' and '.join(there)}.\n"
            f"Without its file no deploy touches it. Put users/{self.name}.py back with "
            f"`USERS = []`, or retire it: kuberoster recover --retire {self.name}"
        )


def departed_teams(cluster: Cluster, roster: Roster, settings: Settings) -> list[Departed]:
    """The teams that have no file and still a namespace or a state, sorted by name.

    A namespace is found by its label. A state counts when it has resources; it is looked for
    with the backends `kubernetes` and `local` alone. Reads no other Secret than the states of
    teams without a file.
    """
    known = {entry.team.name for entry in roster.teams}
    namespaces: dict[str, dict[str, int]] = {}
    for team, namespace in from_one_moment(lambda: list(_labelled_namespaces(cluster))):
        if team not in known:
            namespaces.setdefault(team, {})[namespace] = _accounts(cluster, namespace)
    states = set(teams_with_state(cluster, settings, without=known))
    return [
        Departed(name=team, namespaces=namespaces.get(team, {}), has_state=team in states)
        for team in sorted({*namespaces, *states})
    ]


def _labelled_namespaces(cluster: Cluster) -> Iterator[tuple[str, str]]:
    for item in cluster.list_metadata(collection("Namespace"), label_selector=TEAM_LABEL):
        yield labels_of(item)[TEAM_LABEL], item["metadata"]["name"]


def _accounts(cluster: Cluster, namespace: str) -> int:
    def count() -> int:
        listed = cluster.list_metadata(collection("ServiceAccount", namespace))
        return Counter(item["metadata"]["name"] != "default" for item in listed)[True]

    return from_one_moment(count)
