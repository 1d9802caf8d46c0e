"""Whether the guard of a roster stands in a cluster, whole and as it should."""

import json
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from kuberoster.cluster import Cluster, Forbidden, NotFound, from_one_moment
from kuberoster.cluster.inventory import (
    Key,
    Metadata,
    Object,
    key_of,
    labels_in,
    labels_of,
    shown,
)
from kuberoster.model.guard import ADMISSION, RESOURCES, Guarding
from kuberoster.model.objects import MANAGED_BY, ROSTER_LABEL, TEAM_LABEL
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.operations.guard.policies import former_name, guard_manifests

PLURALS = ",".join(RESOURCES.values())
"""Both, as kubectl takes them."""
_LONGEST = 80
"""Characters of a field's value that is still shown."""

GuardState = Literal["whole", "weakened", "absent", "unseen", "unsupported"]


@dataclass(frozen=True, order=True, kw_only=True, slots=True)
class GuardFault:
    """One policy or binding that is not as it should be."""

    object: str
    """Kind and name: `ValidatingAdmissionPolicy kuberoster-state-main`."""
    state: Literal["missing", "changed", "undeclared"]
    what: str
    """What differs, in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """What stands of a roster's guard in a cluster at this moment.

    It guards the namespace of the state, and each namespace that carries the roster's label.
    """

    state: GuardState
    """`whole`: each policy and binding is there, just as `kuberoster bootstrap` makes it.
    `weakened`: some of it is missing or changed, see `faults`. `absent`: nothing of it is there.
    `unseen`: the credential may not read policies, so nothing is known. `unsupported`: the
    cluster has no such policies (before Kubernetes 1.30)."""
    faults: tuple[GuardFault, ...] = ()
    left: tuple[GuardFault, ...] = ()
    """What is there besides: of a version before, or of the roster under a name that it had. It
    makes nothing weaker, and refuses what it did before."""
    untried: str = ""
    """Why `make_guard` could not try whether the API server acts on the policies, in whole
    sentences; empty where it did. `read_guard` tries nothing, and leaves it empty."""

    @property
    def stands(self) -> bool:
        """Whether all policies are known to be there; False also where they could not be seen."""
        return self.state == "whole"

    @property
    def why_not(self) -> str:
        """Why it is not known to stand, as a part of a sentence; empty where it is."""
        if self.state == "weakened":
            return f"{self.faults[0].object}: {self.faults[0].what}"
        return _WHY_NOT.get(self.state, "")


_WHY_NOT: dict[GuardState, str] = {
    "absent": "nothing of it is there",
    "unseen": "this credential may not list admission policies (403)",
    "unsupported": "the cluster knows no admission policies, which came with Kubernetes 1.30",
}


def outside_guard(namespaces: Iterable[Metadata], homes: Container[str], roster: str) -> list[str]:
    """Those of `homes` that lack the roster's label, so that nothing is refused there."""
    return sorted(
        each["name"]
        for each in namespaces
        if each["name"] in homes and labels_in(each).get(ROSTER_LABEL) != roster
    )


def of_no_roster(namespaces: Iterable[Metadata]) -> list[str]:
    """Those of a team, as a version before the roster's label has made them, and of no roster."""
    return [
        each["name"]
        for each in namespaces
        if TEAM_LABEL in labels_in(each) and ROSTER_LABEL not in labels_in(each)
    ]


def policies_path(kind: str) -> str:
    """Where the API keeps policies or bindings; neither is of a namespace."""
    return f"/apis/{ADMISSION}/v1/{RESOURCES[kind]}"


def read_guard(cluster: Cluster, roster: str, state_namespace: str) -> Guard:
    """Look at each policy and binding of a roster's guard: two LISTs, nothing is tried.

    `roster` and `state_namespace` are `settings.roster` and `settings.state.namespace`, whatever
    the backend is. Raises ClusterError, but for what `GuardState` names.
    """
    wanted = {key_of(each["kind"], each): each for each in guard_manifests(roster, state_namespace)}
    try:
        live = all_policies(cluster)
    except Forbidden:
        return Guard(state="unseen")
    except NotFound:
        return Guard(state="unsupported")
    faults: list[GuardFault] = []
    for key, manifest in wanted.items():
        name = shown(key)
        if key not in live:
            faults.append(GuardFault(object=name, state="missing", what="is not in the cluster"))
            continue
        for what in guard_differences(manifest, live[key]):
            faults.append(GuardFault(object=name, state="changed", what=what))
    besides = {key: item for key, item in live.items() if key not in wanted}
    state: GuardState = "weakened" if wanted.keys() & live.keys() else "absent"
    return Guard(
        state=state if faults else "whole",
        faults=tuple(faults),
        left=tuple(_left(besides, roster, state_namespace)),
    )


def all_policies(cluster: Cluster) -> dict[Key, Object]:
    """Each policy and binding of a cluster, whoever made it. Raises ClusterError."""
    return {
        key_of(kind, item): item
        for kind in RESOURCES
        for item in from_one_moment(partial(_listed, cluster, kind))
    }


def guarded_states(cluster: Cluster, roster: str) -> set[str]:
    """The namespaces of states by which the guards of a roster's name go; none that can't be seen.

    Two rosters of one name would have one guard. Raises ClusterError.
    """
    try:
        live = all_policies(cluster)
    except (Forbidden, NotFound):
        return set()
    own = (item for item in live.values() if labels_of(item).get(ROSTER_LABEL) == roster)
    return {state for item in own for state in states_of(item)}


def _listed(cluster: Cluster, kind: str) -> list[Object]:
    return list(cluster.list(policies_path(kind)))


def former_keys(roster: str, state_namespace: str) -> set[Key]:
    """By what the version before knew the policies and bindings of a roster."""
    return {
        (each["kind"], "", former_name(roster, each["metadata"]["name"]))
        for each in guard_manifests(roster, state_namespace)
    }


def _left(besides: dict[Key, Object], roster: str, state_namespace: str) -> Iterator[GuardFault]:
    former = former_keys(roster, state_namespace)
    # A state is one roster's, so whoever else guards it is that roster under an earlier name.
    names = {_roster_of(item) for item in besides.values() if state_namespace in states_of(item)}
    for key, item in sorted(besides.items()):
        name = _roster_of(item)
        if name == roster and key in former:
            what = "is of a version before, which named it otherwise: run kuberoster bootstrap"
        elif name == roster:
            what = "has the label of this roster, and kuberoster bootstrap does not make it"
        elif name and name in names:
            what = (
                f"is of the roster {name!r} and guards the state of this one, so this one had "
                f"that name. Remove it: kubectl delete {PLURALS} -l {ROSTER_LABEL}={name}"
            )
        else:
            continue
        yield GuardFault(object=shown(key), state="undeclared", what=what)


def _roster_of(item: Object) -> str | None:
    labels = labels_of(item)
    return labels.get(ROSTER_LABEL) if labels.get(MANAGED_BY) == "kuberoster" else None


def states_of(item: Object) -> Iterator[str]:
    """The namespaces of states by which a binding of a guard goes."""
    if (reference := item["spec"].get("paramRef")) and "namespace" in reference:
        yield reference["namespace"]


def guard_differences(manifest: Object, live: Object) -> Iterator[str]:
    """What of a policy or binding is not as it should be, in words: any field counts."""
    says, has = manifest["spec"], live.get("spec") or {}
    for field in sorted(says.keys() | has.keys()):
        if says.get(field) != has.get(field):
            yield f"{field} is {_brief(has.get(field))} and not {_brief(says.get(field))}"
    for label, value in labels_of(manifest).items():
        if (there := labels_of(live).get(label)) != value:
            yield f"label {label} is {there!r} and not {value!r}"


def _brief(value: Any) -> str:
    """A field's value, or its kind where it is longer than a line."""
    text = "left out" if value is None else json.dumps(value, ensure_ascii=True)
    return text if len(text) <= _LONGEST else f"another value ({len(text)} characters)"


def as_found(
    guard: Guard, settings: Settings, roster: Roster, namespaces: Iterable[Object]
) -> Guarding:
    """What a cluster has; of these namespaces, those of the roster have to carry its label."""
    homes = {entry.team.namespace for entry in roster.teams}
    bare = outside_guard((each["metadata"] for each in namespaces), homes, settings.roster)
    if guard.stands and not bare:
        return Guarding(stands=True, words="; the guard's policies stand")
    if guard.state in ("absent", "unsupported") and not settings.guard:
        return Guarding(stands=False)
    bare_ones = f"namespaces without the roster's label: {', '.join(bare)}"
    why = bare_ones if guard.stands else guard.why_not
    if guard.state == "unseen":
        said = "whether the guard stands is not known"
    elif settings.guard:
        said = "cdktf.json says that the guard stands, and it does not"
    else:
        said = "the guard does not stand whole"
    return Guarding(stands=False, words=f"; {said} ({why}), so all is judged without it")
