"""Teams whose file is gone from users/, and that are still there."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from kuberoster.cluster import Cluster, from_one_moment
from kuberoster.cluster.inventory import Metadata, labels_in
from kuberoster.cluster.kinds import collection
from kuberoster.model.counted import counted
from kuberoster.model.objects import TEAM_LABEL
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.operations.ownership import is_claimed
from kuberoster.terraform import SeenState
from kuberoster.terraform.leftover import teams_with_state

ANOTHERS = (
    "If that was never in this folder, the team may be another roster's, whose cdktf.json this one "
    "was made from: then retire nothing, and give this roster a name and a state of its own."
)
"""What to say before a team is retired, since a copy of cdktf.json has all that a roster has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Departed:
    """What is left of one team; `str` of it is the error to show."""

    name: str
    namespaces: dict[str, int]
    """Each namespace with the labels of the roster and the team, and how many ServiceAccounts it
    has but `default`."""
    state: SeenState | None
    """Terraform's state of it, if that has resources or can't be read; None where none is seen."""

    def __str__(self) -> str:
        """Two lines: what is still there; then how to mend it."""
        there = [
            f"namespace {namespace} with {counted(count, 'ServiceAccount')}"
            for namespace, count in self.namespaces.items()
        ]
        if self.state is not None:
            why = self.state.unreadable
            there.append(f"Terraform's state, which {why}" if why else "Terraform's state")
        return (
            f"team {self.name!r}: there is no users/{self.name}.py, and there is still "
            f"{' and '.join(there)}.\n"
            f"Without its file no deploy touches it. {ANOTHERS} If it was, put it back with "
            f"`USERS = []`, or retire it: kuberoster recover --retire {self.name}"
        )


def departed_teams(cluster: Cluster, roster: Roster, settings: Settings) -> list[Departed]:
    """The teams that have no file and still a namespace or a state, sorted by name.

    A namespace is found by its labels; one that an earlier version made has no roster's name, and
    counts where the roster's state knows its team. A state counts when it has resources; it is
    looked for with the backends `kubernetes` and `local` alone. Reads no other Secret than the
    states of teams without a file.
    """
    known = {entry.team.name for entry in roster.teams}
    states = dict(teams_with_state(cluster, settings, without=known))
    namespaces: dict[str, dict[str, int]] = {}
    for metadata in from_one_moment(lambda: list(_labelled_namespaces(cluster))):
        team, namespace = labels_in(metadata)[TEAM_LABEL], metadata["name"]
        if team not in known and is_claimed(metadata, settings.roster, states):
            namespaces.setdefault(team, {})[namespace] = _accounts(cluster, namespace)
    return [
        Departed(name=team, namespaces=namespaces.get(team, {}), state=states.get(team))
        for team in sorted({*namespaces, *states})
    ]


def _labelled_namespaces(cluster: Cluster) -> Iterator[Metadata]:
    for item in cluster.list_metadata(collection("Namespace"), label_selector=TEAM_LABEL):
        yield item["metadata"]


def _accounts(cluster: Cluster, namespace: str) -> int:
    def count() -> int:
        listed = cluster.list_metadata(collection("ServiceAccount", namespace))
        return Counter(item["metadata"]["name"] != "default" for item in listed)[True]

    return from_one_moment(count)
