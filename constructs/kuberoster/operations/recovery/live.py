"""What the cluster has of some teams: the metadata of every object that may be theirs."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial

from kuberoster.model.objects import TEAM_LABEL, TOKEN_SECRET_TYPE
from kuberoster.operations.cluster import Cluster, from_one_moment
from kuberoster.operations.inventory import Key, Metadata, key_of, labels_in
from kuberoster.operations.kinds import KINDS, collection
from kuberoster.operations.ownership import is_of_team


@dataclass(frozen=True, slots=True)
class Live:
    """Objects by kind, namespace and name; those that are being deleted count as gone."""

    objects: dict[Key, Metadata] = field(default_factory=dict)
    ending: set[str] = field(default_factory=set)
    """Namespaces that are being deleted."""

    def of_team(self, team: str, roster: str) -> dict[Key, Metadata]:
        """The objects with kuberoster's labels for this team of the roster."""
        return {key: item for key, item in self.objects.items() if is_of_team(item, team, roster)}


def look(cluster: Cluster, namespaces: Collection[str], declared: Collection[Key]) -> Live:
    """List each kind once: what has our labels, is declared, or could hold a user's token.

    Of Secrets only those that hold a ServiceAccount's token are listed, and never their data.
    """
    live = Live()

    def wanted(key: Key, metadata: Metadata) -> bool:
        ours = TEAM_LABEL in labels_in(metadata) or key in declared
        return ours or (key[0] == "Secret" and key[1] in namespaces)

    for kind in KINDS:
        objects = from_one_moment(partial(_metadata, cluster, kind, wanted))
        ending = {key for key, metadata in objects.items() if "deletionTimestamp" in metadata}
        live.ending.update(name for kind, _, name in ending if kind == "Namespace")
        live.objects.update((key, objects[key]) for key in objects.keys() - ending)
    return live


def _metadata(
    cluster: Cluster, kind: str, wanted: Callable[[Key, Metadata], bool]
) -> dict[Key, Metadata]:
    selector = f"type={TOKEN_SECRET_TYPE}" if kind == "Secret" else None
    return {
        key: item["metadata"]
        for item in cluster.list_metadata(collection(kind), field_selector=selector)
        if wanted(key := key_of(kind, item), item["metadata"])
    }
