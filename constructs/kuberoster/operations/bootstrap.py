"""What has to be in a cluster before the first deploy."""

import time
from collections.abc import Callable, Iterator, Mapping

from kuberoster.model.errors import KuberosterError
from kuberoster.model.objects import (
    MANAGED_BY,
    POD_SECURITY,
    ROSTER_LABEL,
    STATE_LABEL,
    TEAM_LABEL,
)
from kuberoster.model.roster import Roster
from kuberoster.model.settings import StateSettings
from kuberoster.operations.cluster import Cluster, Conflict, NotFound, from_one_moment
from kuberoster.operations.ending import is_ending, namespace_ending
from kuberoster.operations.inventory import labels_of
from kuberoster.operations.kinds import collection, object_path
from kuberoster.operations.manifests import quota
from kuberoster.operations.ownership import is_anothers

BOOTSTRAP_QUOTA = "no-pods-bootstrap"
"""Closes a namespace before Terraform's own quota does, and so has another name."""
_DEFAULT_ACCOUNT_SECONDS = 30


def bootstrap(
    cluster: Cluster, roster: Roster, state: StateSettings, tell: Callable[[str], None]
) -> None:
    """Make the state's namespace and take the teams' existing ones; may be run again.

    `tell` gets a line for each namespace. Raises KuberosterError where a namespace is
    somebody else's; that namespace is then as it was, or, where somebody was quicker than
    the guards, closed to pods and not taken.
    """
    if state.backend == "kubernetes":
        make_state_namespace(cluster, state.namespace, tell, roster=roster.name)
    else:
        tell(f"state: in the backend '{state.backend}', so the cluster needs no namespace for it")
    for entry in roster.teams:
        if entry.team.existing_namespace:
            owner = (TEAM_LABEL, entry.team.name)
            _guard(cluster, entry.team.namespace, owner, tell, create=False, roster=roster.name)


def make_state_namespace(
    cluster: Cluster,
    name: str,
    tell: Callable[[str], None] = lambda _: None,
    *,
    roster: str | None = None,
) -> None:
    """Make the namespace of Terraform's state, closed to pods, or close the one that is there.

    With `roster` it is that one's from then on.
    """
    _guard(cluster, name, (STATE_LABEL, "true"), tell, create=True, roster=roster)


def _guard(
    cluster: Cluster,
    name: str,
    owner: tuple[str, str],
    tell: Callable[[str], None],
    *,
    create: bool,
    roster: str | None,
) -> None:
    labels = {MANAGED_BY: "kuberoster", owner[0]: owner[1]}
    labels |= {ROSTER_LABEL: roster} if roster else {}
    path = object_path("Namespace", name)
    try:
        found = cluster.get(path)
    except NotFound:
        if not create:
            raise KuberosterError(
                f"namespace {name!r}: is not in the cluster, and its team takes an existing one.\n"
                "Create it, or leave existing_namespace out, and the deploy makes it."
            ) from None
        body = {"metadata": {"name": name, "labels": {**labels, **POD_SECURITY}}}
        cluster.create(collection("Namespace"), {"apiVersion": "v1", "kind": "Namespace", **body})
        _close(cluster, name, labels)
        tell(f"{name}: made, and closed to pods")
        return
    if is_ending(found["metadata"]):
        raise KuberosterError(f"namespace {name!r}: {namespace_ending(found)}")
    present = labels_of(found)
    ours = present.get(owner[0]) == owner[1] and not (
        roster and is_anothers(found["metadata"], roster)
    )
    if not ours:
        _refuse_others(cluster, name, present)
    closed = cluster.patch(path, {"metadata": {"labels": POD_SECURITY}})
    _close(cluster, name, labels)
    if not ours:
        # Again, now that no pod can come: whoever was quicker than the quota is seen here.
        _refuse_others(cluster, name, present)
    if not labels.items() <= present.items():
        # Of two who take it at once, one is told so.
        version = closed["metadata"]["resourceVersion"]
        cluster.patch(path, {"metadata": {"resourceVersion": version, "labels": labels}})
    tell(f"{name}: {'is there' if ours else 'was empty, and is taken'}, closed to pods")


def _close(cluster: Cluster, name: str, labels: Mapping[str, str]) -> None:
    quotas = collection("ResourceQuota", name)
    wanted = quota(BOOTSTRAP_QUOTA, name, labels)
    try:
        cluster.create(quotas, wanted)
    except Conflict:
        cluster.patch(object_path("ResourceQuota", BOOTSTRAP_QUOTA, name), {"spec": wanted["spec"]})
    default = object_path("ServiceAccount", "default", name)
    deadline = time.monotonic() + _DEFAULT_ACCOUNT_SECONDS
    while True:
        try:
            cluster.patch(default, {"automountServiceAccountToken": False})
            return
        except NotFound:
            # Kubernetes makes it a moment after the namespace.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _refuse_others(cluster: Cluster, name: str, labels: Mapping[str, str]) -> None:
    if other := labels.get(TEAM_LABEL):
        raise KuberosterError(
            f"namespace {name!r}: belongs to team {other!r}.\nChoose another namespace."
        )
    if labels.get(STATE_LABEL):
        raise KuberosterError(
            f"namespace {name!r}: holds Terraform's state.\nChoose another namespace."
        )
    others = from_one_moment(lambda: list(_others(cluster, name)))
    if others:
        shown = ", ".join(others[:10]) + (f" and {len(others) - 10} more" if others[10:] else "")
        raise KuberosterError(
            f"namespace {name!r}: holds {shown}.\n"
            "A namespace is taken only when it is empty, since whatever runs in it or may read "
            "Secrets in it could act as its users. Move them, or choose another namespace."
        )


def _others(cluster: Cluster, name: str) -> Iterator[str]:
    pods = f"{object_path('Namespace', name)}/pods"
    kinds = ("ServiceAccount", "Secret", "RoleBinding")
    for kind, path in {"Pod": pods, **{kind: collection(kind, name) for kind in kinds}}.items():
        for item in cluster.list_metadata(path):
            if (kind, item["metadata"]["name"]) != ("ServiceAccount", "default"):
                yield f"{kind} {item['metadata']['name']}"
