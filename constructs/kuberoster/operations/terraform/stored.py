"""Where a backend keeps the state of a team, seen without Terraform."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from kuberoster.model.errors import KuberosterError
from kuberoster.model.settings import LOCAL_STATE, TEAM_PLACEHOLDER, Settings, state_suffix
from kuberoster.operations.cluster import Cluster, NotFound
from kuberoster.operations.inventory import annotations_of
from kuberoster.operations.kinds import collection

_LOCK_INFO = "app.terraform.io/lock-info"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredState:
    """A team's state in the backend `kubernetes` or `local`."""

    shown: str
    """What a person would call it."""
    objects: dict[str, str] = field(default_factory=dict)
    """API paths with UIDs: the Secrets that hold the state, and the Lease that is its lock."""
    file: Path | None = None

    def remove(self, cluster: Cluster) -> None:
        """Delete the state; a file is only renamed, to `<name>.retired`."""
        for path, uid in self.objects.items():
            try:
                cluster.delete(path, uid=uid)
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
        return StoredState(shown=str(file), file=file) if file.exists() else None
    if settings.state.backend != "kubernetes":
        return None
    secrets = collection("Secret", settings.state.namespace)
    selector = f"tfstate=true,tfstateSecretSuffix={state_suffix(team)}"
    objects = {
        f"{secrets}/{item['metadata']['name']}": item["metadata"]["uid"]
        for item in cluster.list_metadata(secrets, label_selector=selector)
    }
    if not objects:
        return None
    lease = (
        f"/apis/coordination.k8s.io/v1/namespaces/{settings.state.namespace}/leases/"
        f"lock-tfstate-default-{state_suffix(team)}"
    )
    try:
        lock = cluster.get(lease)
    except NotFound:
        return StoredState(shown=f"in {settings.state.namespace}", objects=objects)
    if lock.get("spec", {}).get("holderIdentity"):
        info = json.loads(annotations_of(lock).get(_LOCK_INFO, "{}"))
        raise KuberosterError(
            f"team {team!r}: the lock of its state is held by {info.get('Who', 'somebody')} since "
            f"{info.get('Created', 'an unknown time')}.\n"
            "Wait until that deploy has ended; nothing was changed."
        )
    objects[lease] = lock["metadata"]["uid"]
    return StoredState(shown=f"in {settings.state.namespace}", objects=objects)


def unreadable_file(settings: Settings, team: str) -> Path | None:
    """The file of the backend `local`, if it breaks off in the middle, as after a full disk.

    No command of Terraform gets past such a file. An empty one is no state, and fine.
    """
    file = state_file(settings, team)
    if settings.state.backend != "local" or not file.is_file():
        return None
    content = file.read_bytes()
    try:
        readable = not content or "version" in json.loads(content)
    except (ValueError, TypeError):
        readable = False
    return None if readable else file


def state_file(settings: Settings, team: str) -> Path:
    """The file of the backend `local`; Terraform reads the path from the stack's folder."""
    path = str(settings.state.settings.get("path", LOCAL_STATE))
    stack = settings.folder.absolute() / settings.output / "stacks" / team
    return Path(os.path.normpath(stack / path.replace(TEAM_PLACEHOLDER, team)))
