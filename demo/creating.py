"""What the demo creates itself: namespaces to grant access to, and objects without Terraform."""

import contextlib
from collections.abc import Iterator

from kuberoster.cluster import Cluster, Conflict
from kuberoster.cluster.kinds import collection
from kuberoster.model.manifests import Manifest, team_manifests
from kuberoster.model.objects import Binding, team_bindings, user_bindings
from kuberoster.model.roster import Roster
from kuberoster.operations.bootstrap import switch_automount_off


def _bindings(roster: Roster) -> Iterator[Binding]:
    for entry in roster.teams:
        yield from team_bindings(entry.team)
        for user in entry.users:
            yield from user_bindings(user, entry.team)


def namespaces(roster: Roster) -> list[str]:
    """The namespaces that the roster grants something in; the demo's cluster has none yet."""
    own = {entry.team.namespace for entry in roster.teams if not entry.team.existing_namespace}
    taken = {entry.team.namespace for entry in roster.teams if entry.team.existing_namespace}
    granted = {binding.namespace for binding in _bindings(roster) if binding.namespace}
    return sorted(granted - own | taken)


def create_from_manifests(cluster: Cluster, roster: Roster) -> None:
    """Create the objects of a deploy where Terraform can't; those that are there stay."""
    print("\ncreating the objects of `kuberoster manifests`, which is no deploy", flush=True)
    for entry in roster.teams:
        for manifest in team_manifests(entry):
            if not _has_token(cluster, manifest):
                create(cluster, manifest)
        switch_automount_off(cluster, entry.team.namespace)


def _has_token(cluster: Cluster, manifest: Manifest) -> bool:
    """Whether a Secret like this one is there; its generated name would not conflict."""
    if manifest["kind"] != "Secret":
        return False
    metadata = manifest["metadata"]
    labels = ",".join(f"{key}={value}" for key, value in metadata["labels"].items())
    path = collection("Secret", metadata["namespace"])
    return any(cluster.list_metadata(path, label_selector=labels))


def create(cluster: Cluster, manifest: Manifest) -> None:
    """Create one object unless it is there."""
    path = collection(manifest["kind"], manifest["metadata"].get("namespace"))
    with contextlib.suppress(Conflict):
        cluster.create(path, manifest)
