"""Taking a team whose file is gone out of the cluster, and its state with it."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from kuberoster.cluster import Cluster, NotFound, from_one_moment
from kuberoster.cluster.ending import namespace_ending
from kuberoster.cluster.inventory import Key, Metadata, Object, labels_in
from kuberoster.cluster.kinds import collection, object_path
from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import reserved_namespace_faults
from kuberoster.model.objects import (
    MANAGED_BY,
    ROSTER_LABEL,
    TEAM_LABEL,
)
from kuberoster.model.settings import Settings
from kuberoster.operations.bootstrap import BOOTSTRAP_QUOTA
from kuberoster.operations.ownership import doubt_of, is_of_team
from kuberoster.operations.recovery.carry_out import delete_all
from kuberoster.operations.recovery.live import look
from kuberoster.terraform import SeenState, StoredState, stored_state

_RBAC = ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
NAMESPACE_SECONDS = 120
"""How long a namespace may take to go; it has nothing in it that needs longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Retirement:
    """What is left of a team, to be deleted."""

    team: str
    objects: dict[Key, Metadata] = field(default_factory=dict)
    """Everything with the team's labels, and the tokens of its ServiceAccounts."""
    given_back: list[str] = field(default_factory=list)
    """Namespaces that were there before the team; they stay, closed to pods."""
    left: list[Key] = field(default_factory=list)
    """Secrets in these that hold no token of the team's, and stay too."""
    doubtful: dict[str, str] = field(default_factory=dict)
    """Namespaces that are left alone, and why they may be somebody else's."""
    state: StoredState | None = None

    def __bool__(self) -> bool:
        return bool(self.objects or self.given_back or self.state)


def find_left_behind(
    cluster: Cluster, settings: Settings, team: str, theirs: Collection[str] = ()
) -> Retirement:
    """What the cluster and the state's backend have of a team.

    Labels are only a claim: a namespace counts where the roster's state has it, or where `theirs`
    names it; what lies elsewhere counts when it is named like the team's. Raises KuberosterError
    while somebody holds the lock of the state, and where a namespace with the team's label is no
    users' namespace.
    """
    path, mine, roster = collection("Namespace"), f"{TEAM_LABEL}={team}", settings.roster
    state = stored_state(cluster, settings, team)
    seen = state.seen if state else SeenState()
    namespaces, doubtful = set(), {}
    for item in from_one_moment(lambda: list(cluster.list_metadata(path, label_selector=mine))):
        metadata = item["metadata"]
        name = metadata["name"]
        if not is_of_team(metadata, team, roster):
            continue
        doubt = doubt_of(metadata, team, roster, seen)
        if doubt and name not in theirs:
            doubtful[name] = doubt
        else:
            _refuse_others(cluster, name, settings)
            namespaces.add(name)
    live = look(cluster, namespaces, ())
    # What is on its way out is left too, until it is gone.
    there, tracked = live.objects | live.ending, seen.tracked()
    ours = {
        key
        for key, metadata in there.items()
        if is_of_team(metadata, team, roster)
        and _is_in_place(key, team, namespaces)
        # An earlier version's carries no roster's name, and neither may that of another app.
        and (
            ROSTER_LABEL in labels_in(metadata)
            or seen.unreadable
            or key in tracked
            or _home(key) in namespaces
        )
    }
    # Bootstrap leaves this one where it takes a namespace that was there before.
    before = {key[1] for key in ours if key[2] == BOOTSTRAP_QUOTA}
    objects = {
        key: metadata
        for key, metadata in there.items()
        if (key in ours and key[2] != BOOTSTRAP_QUOTA and key not in _kept(before))
        or (key[0] == "Secret" and ("ServiceAccount", key[1], live.account_of(key)) in ours)
    }
    return Retirement(
        team=team,
        objects=objects,
        given_back=sorted(before),
        left=sorted(key for key in live.holders if key[1] in before and key not in objects),
        doubtful=doubtful,
        state=state,
    )


def _is_in_place(key: Key, team: str, namespaces: Collection[str]) -> bool:
    """Whether an object with the team's labels lies where the team's do, or is named so."""
    kind, _, name = key
    if kind in _RBAC and name.startswith(f"{team}:"):
        return True
    if (kind, name) == ("ServiceAccount", "default"):
        return False
    return _home(key) in namespaces


def _home(key: Key) -> str:
    kind, namespace, name = key
    return name if kind == "Namespace" else namespace


def _kept(namespaces: Collection[str]) -> set[Key]:
    return {("Namespace", "", namespace) for namespace in namespaces}


def retire(cluster: Cluster, found: Retirement, waiting: Callable[[str], None]) -> None:
    """Delete all of it, credentials first and the state last; may be run again.

    `waiting` is called while a namespace is on its way out. Raises KuberosterError when it
    does not go.
    """
    delete_all(cluster, found.objects)
    unlabelled = {"metadata": {"labels": dict.fromkeys((MANAGED_BY, ROSTER_LABEL, TEAM_LABEL))}}
    for namespace in found.given_back:
        for path in (
            object_path("ServiceAccount", "default", namespace),
            object_path("ResourceQuota", BOOTSTRAP_QUOTA, namespace),
            object_path("Namespace", namespace),
        ):
            cluster.patch(path, unlabelled)
    for kind, _, name in found.objects:
        if kind == "Namespace":
            _wait_until_gone(cluster, name, waiting)
    if found.state is not None:
        found.state.remove(cluster)


def _refuse_others(cluster: Cluster, name: str, settings: Settings) -> None:
    """Raise KuberosterError where pods run, or where a team's users can't live."""
    reserved = any(reserved_namespace_faults(name, settings.state.namespace))
    if reserved or any(cluster.list_metadata(f"{object_path('Namespace', name)}/pods")):
        raise KuberosterError(
            f"namespace {name!r}: has a team's label, and {'is reserved' if reserved else 'pods'}, "
            "so no users live in it.\n"
            f"Find out who put the label there, and take it away: "
            f"kubectl label namespace {name} {TEAM_LABEL}-"
        )


def _wait_until_gone(cluster: Cluster, name: str, waiting: Callable[[str], None]) -> None:
    started = time.monotonic()
    namespace: Object = {}
    while time.monotonic() - started < NAMESPACE_SECONDS:
        try:
            namespace = cluster.get(object_path("Namespace", name))
        except NotFound:
            return
        waiting(f"waiting for namespace {name} to go")
        time.sleep(0.5)
    raise KuberosterError(
        f"namespace {name!r}: after {NAMESPACE_SECONDS} s it {namespace_ending(namespace)} "
        "Then run this again."
    )
