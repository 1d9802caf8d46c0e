"""Where a backend keeps the state of a team, seen without Terraform."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from kuberoster.cluster import Cluster, NotFound
from kuberoster.cluster.inventory import Metadata, annotations_of
from kuberoster.cluster.kinds import collection
from kuberoster.model.errors import KuberosterError
from kuberoster.model.settings import LOCAL_STATE, TEAM_PLACEHOLDER, Settings, state_suffix
from kuberoster.terraform.seen import SeenState, see_file, see_state

_LOCK_INFO = "app.terraform.io/lock-info"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredState:
    """A team's state in the backend `kubernetes` or `local`."""

    shown: str
    """What a person would call it."""
    seen: SeenState
    objects: dict[str, tuple[str, str]] = field(default_factory=dict)
    """API paths with UIDs and resourceVersions: the Secrets that hold the state, and the Lease
    that is its lock."""
    file: Path | None = None

    def remove(self, cluster: Cluster) -> None:
        """Delete the state; a file is only renamed, to `<name>.retired`.

        Raises Conflict where a deploy has written it meanwhile.
        """
        for path, (uid, version) in self.objects.items():
            try:
                cluster.delete(path, uid, version=version)
            except NotFound:
                continue
        if self.file is not None:
            self.file.rename(f"{self.file}.retired")


def stored_state(cluster: Cluster, settings: Settings, team: str) -> StoredState | None:
    """The state of a team; None when there is none, or in a backend that has its own tools.

    Raises KuberosterError while somebody holds its lock.
    """
    if settings.state.backend == "local":
        file = state_file(settings, team)
        if not file.exists():
            return None
        return StoredState(shown=str(file), seen=see_file(file), file=file)
    if settings.state.backend != "kubernetes":
        return None
    secrets = collection("Secret", settings.state.namespace)
    selector = f"tfstate=true,tfstateSecretSuffix={state_suffix(team)}"
    objects = {
        f"{secrets}/{item['metadata']['name']}": _version(item["metadata"])
        for item in cluster.list_metadata(secrets, label_selector=selector)
    }
    if not objects:
        return None
    seen = see_state(cluster, settings, team, state_file(settings, team))
    shown = f"in {settings.state.namespace}"
    lease = (
        f"/apis/coordination.k8s.io/v1/namespaces/{settings.state.namespace}/leases/"
        f"lock-tfstate-default-{state_suffix(team)}"
    )
    try:
        lock = cluster.get(lease)
    except NotFound:
        return StoredState(shown=shown, seen=seen, objects=objects)
    if lock.get("spec", {}).get("holderIdentity"):
        info = json.loads(annotations_of(lock).get(_LOCK_INFO, "{}"))
        raise KuberosterError(
            f"team {team!r}: the lock of its state is held by {info.get('Who', 'somebody')} since "
            f"{info.get('Created', 'an unknown time')}.\n"
            "Wait until that deploy has ended; nothing was changed."
        )
    objects[lease] = _version(lock["metadata"])
    return StoredState(shown=shown, seen=seen, objects=objects)


def _version(metadata: Metadata) -> tuple[str, str]:
    return metadata["uid"], metadata["resourceVersion"]


def cut_file(settings: Settings, team: str) -> Path | None:
    """The file of the backend `local`, if it breaks off in the middle, as after a full disk.

    No command of Terraform gets past such a file, and nothing else could read it. An empty file
    is no state, and fine. Any other one is for Terraform to judge.
    """
    file = state_file(settings, team)
    return file if settings.state.backend == "local" and see_file(file).cut else None


def why_unreadable(cluster: Cluster, settings: Settings, team: str) -> str | None:
    """What keeps a state from being read, in a sentence; None where nothing is seen to."""
    seen = see_state(cluster, settings, team, state_file(settings, team))
    if seen.unreadable is None:
        return None
    where = settings.state.namespace
    shown = str(state_file(settings, team)) if settings.state.backend == "local" else f"in {where}"
    return f"The state of {team} ({shown}) {seen.unreadable}."


def state_file(settings: Settings, team: str) -> Path:
    """The file of the backend `local`; Terraform reads the path from the stack's folder."""
    path = str(settings.state.settings.get("path", LOCAL_STATE))
    stack = settings.folder.absolute() / settings.output / "stacks" / team
    return Path(os.path.normpath(stack / path.replace(TEAM_PLACEHOLDER, team)))
