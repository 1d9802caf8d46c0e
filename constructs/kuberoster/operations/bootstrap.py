"""What has to be in a cluster before the first deploy."""

import time
from collections.abc import Callable, Iterator, Mapping

from kuberoster.cluster import Cluster, Conflict, NotFound, from_one_moment
from kuberoster.cluster.ending import is_ending, namespace_ending
from kuberoster.cluster.inventory import labels_in, labels_of
from kuberoster.cluster.kinds import collection, object_path
from kuberoster.model.errors import KuberosterError
from kuberoster.model.manifests import namespace, quota
from kuberoster.model.objects import (
    POD_SECURITY,
    ROSTER_LABEL,
    STATE_LABEL,
    TEAM_LABEL,
    state_labels,
    team_labels,
)
from kuberoster.model.roster import Roster
from kuberoster.model.settings import StateSettings
from kuberoster.model.team import Team
from kuberoster.operations.ownership import is_anothers, is_of_team

BOOTSTRAP_QUOTA = "no-pods-bootstrap"
"""Closes a namespace before Terraform's own quota does, and so has another name."""
_OWNERS = {TEAM_LABEL, STATE_LABEL}
"""Labels of which a namespace has one, by what it is for."""
_DEFAULT_ACCOUNT_SECONDS = 30


def bootstrap(
    cluster: Cluster, roster: Roster, state: StateSettings, tell: Callable[[str], None]
) -> None:
    """Make the state's namespace, which holds the marks of revocations whatever the backend is,
    and take the teams' existing ones; may be run again.

    Namespaces of teams that a version before the roster's label has made get that label, since the
    guard goes by it.

    `tell` gets a line for each namespace. Raises KuberosterError where a namespace is
    somebody else's; that namespace is then as it was, or, where somebody was quicker than
    the guards, closed to pods and not taken.
    """
    make_state_namespace(cluster, state.namespace, tell, roster=roster.name)
    if state.backend != "kubernetes":
        tell(f"state: in the backend '{state.backend}'; {state.namespace} is for revocations alone")
    for entry in roster.teams:
        if entry.team.existing_namespace:
            labels = team_labels(entry.team)
            _guard(cluster, entry.team.namespace, labels, tell, create=False)
        else:
            _name_roster(cluster, entry.team, roster.name, tell)


def make_state_namespace(
    cluster: Cluster,
    name: str,
    tell: Callable[[str], None] = lambda _: None,
    *,
    roster: str | None = None,
) -> None:
    """Make the namespace of Terraform's state and of the marks, or close the one that is there.

    With `roster` it is that one's from then on.
    """
    _guard(cluster, name, state_labels(roster), tell, create=True)


def _guard(
    cluster: Cluster,
    name: str,
    labels: dict[str, str],
    tell: Callable[[str], None],
    *,
    create: bool,
) -> None:
    roster = labels.get(ROSTER_LABEL)
    owner = {key: labels[key] for key in _OWNERS & labels.keys()}
    path = object_path("Namespace", name)
    try:
        found = cluster.get(path)
    except NotFound:
        if not create:
            raise KuberosterError(
                f"namespace {name!r}: is not in the cluster, and its team takes an existing one.\n"
                "Create it, or leave existing_namespace out, and the deploy makes it."
            ) from None
        cluster.create(collection("Namespace"), namespace(name, labels))
        _close(cluster, name, labels)
        tell(f"{name}: made, and closed to pods")
        return
    if is_ending(found["metadata"]):
        raise KuberosterError(f"namespace {name!r}: {namespace_ending(found)}")
    present = labels_of(found)
    # The roster's name alone is enough, where somebody took the other label.
    whose = owner.items() <= present.items() or (
        roster is not None and present.get(ROSTER_LABEL) == roster and not present.keys() & _OWNERS
    )
    ours = whose and not (roster and is_anothers(found["metadata"], roster))
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


def _name_roster(cluster: Cluster, team: Team, roster: str, tell: Callable[[str], None]) -> None:
    path = object_path("Namespace", team.namespace)
    try:
        found = cluster.get(path)["metadata"]
    except NotFound:
        return
    if ROSTER_LABEL in labels_in(found) or not is_of_team(found, team.name, roster):
        return
    version = found["resourceVersion"]
    labels = {ROSTER_LABEL: roster}
    cluster.patch(path, {"metadata": {"resourceVersion": version, "labels": labels}})
    tell(f"{team.namespace}: gets the label {ROSTER_LABEL}={roster}, as the next deploy would")


def _close(cluster: Cluster, name: str, labels: Mapping[str, str]) -> None:
    quotas = collection("ResourceQuota", name)
    wanted = quota(BOOTSTRAP_QUOTA, name, labels)
    try:
        cluster.create(quotas, wanted)
    except Conflict:
        cluster.patch(object_path("ResourceQuota", BOOTSTRAP_QUOTA, name), {"spec": wanted["spec"]})
    switch_automount_off(cluster, name)


def switch_automount_off(cluster: Cluster, namespace: str) -> None:
    """Let no pod get the token of the namespace's `default` ServiceAccount by itself."""
    default = object_path("ServiceAccount", "default", namespace)
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
