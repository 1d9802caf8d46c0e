"""What the cluster has of some teams: the metadata of every object that may be theirs."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial

from kuberoster.cluster import Cluster, NotFound, from_one_moment
from kuberoster.cluster.ending import is_ending
from kuberoster.cluster.held_token import claims_of, token_in
from kuberoster.cluster.inventory import (
    Key,
    Metadata,
    Object,
    annotations_in,
    key_of,
    labels_in,
    metadata_of_all,
    other_secrets,
)
from kuberoster.cluster.kinds import KINDS, object_path
from kuberoster.model.identity import username
from kuberoster.model.objects import SERVICE_ACCOUNT_NAME, TEAM_LABEL


@dataclass(frozen=True, slots=True)
class Live:
    """Objects by kind, namespace and name; those that are being deleted count as gone."""

    objects: dict[Key, Metadata] = field(default_factory=dict)
    ending: dict[Key, Metadata] = field(default_factory=dict)
    """What is being deleted and is still there."""
    holders: dict[Key, str | None] = field(default_factory=dict)
    """The Secrets among users that are of another type than a token's: the ServiceAccount of their
    namespace whose token they hold all the same; None for no token of one."""

    def account_of(self, secret: Key) -> str | None:
        """The name of the ServiceAccount whose token a Secret holds, or is to hold."""
        if secret in self.holders:
            return self.holders[secret]
        metadata = self.objects.get(secret) or self.ending[secret]
        return annotations_in(metadata).get(SERVICE_ACCOUNT_NAME)


def look(cluster: Cluster, namespaces: Collection[str], declared: Collection[Key]) -> Live:
    """List each kind once: what has our labels, is declared, or could hold a user's token.

    Of Secrets those that hold a ServiceAccount's token are listed, never with their data. In
    these users' namespaces, those of other types are read, to know whether they hold one.
    """
    live = Live()

    def wanted(key: Key, metadata: Metadata) -> bool:
        ours = TEAM_LABEL in labels_in(metadata) or key in declared
        return ours or (key[0] == "Secret" and key[1] in namespaces)

    for kind in KINDS:
        for key, metadata in metadata_of_all(cluster, kind, wanted).items():
            (live.ending if is_ending(metadata) else live.objects)[key] = metadata
    for namespace in sorted(namespaces):
        for item in from_one_moment(partial(_others, cluster, namespace)):
            key, metadata = key_of("Secret", item), item["metadata"]
            live.holders[key] = _holds(cluster, key)
            (live.ending if is_ending(metadata) else live.objects)[key] = metadata
    return live


def _holds(cluster: Cluster, secret: Key) -> str | None:
    _, namespace, name = secret
    try:
        token = token_in(cluster.get(object_path("Secret", name, namespace)))
    except NotFound:
        return None
    subject, whose = claims_of(token or "").get("sub"), username(namespace, "")
    if isinstance(subject, str) and subject.startswith(whose):
        return subject.removeprefix(whose)
    return None


def _others(cluster: Cluster, namespace: str) -> list[Object]:
    return list(other_secrets(cluster, namespace))
