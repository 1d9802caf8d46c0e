"""What a cluster has of its own, whatever a roster says: the snapshot of a review that asks it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date

from kuberoster.cluster import Cluster
from kuberoster.cluster.discovery import served_api
from kuberoster.cluster.inventory import Key, Object, all_of, key_of, labels_of, shown
from kuberoster.model.guard import Guarding
from kuberoster.model.manifests import Manifest, team_manifests
from kuberoster.model.objects import TEAM_LABEL
from kuberoster.model.roster import Roster
from kuberoster.model.served import Api, kubernetes
from kuberoster.model.settings import Settings
from kuberoster.model.useless import unknown_groups
from kuberoster.operations.guard import Guard, as_found, read_guard
from kuberoster.operations.ownership import is_of_team
from kuberoster.rbac.aggregation import with_aggregated_rules
from kuberoster.rbac.policy import Policy
from kuberoster.rbac.source import RBAC, Source

_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_NAMED = 3
"""Of more objects that are left out than these only the first are named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveSnapshot:
    """The roles and bindings of a cluster, and the namespaces and ServiceAccounts there."""

    name: str
    """What it is, in words."""
    objects: Mapping[str, Sequence[Object]]
    """By kind, as the API server has them."""
    guard: Guard
    """What stands of the guard."""
    api: Api = field(default_factory=kubernetes)
    """What is served of all that the roster's own roles name."""

    def guarding(self, settings: Settings, roster: Roster) -> Guarding:
        """Whether the guard stands before a roster."""
        return as_found(self.guard, settings, roster, self.objects["Namespace"])

    @property
    def policy_objects(self) -> list[Object]:
        """All roles and bindings."""
        return [item for kind in RBAC for item in self.objects[kind]]

    def without(self, rosters: Sequence[Roster], found: Sequence[Key] = ()) -> "LiveSnapshot":
        """What none of these rosters makes, or would remove; nor what plans found by key.

        A binding with the labels of one of their teams that none of them declares is left out
        too: the next deploy removes it, or, where no state knows it, drift shows it. Labels can
        be put on by anybody, so `name` names what was left out by them, and a role with them
        stays: another's binding may refer to it.
        """
        declared = {
            key_of(manifest["kind"], manifest)
            for roster in rosters
            for manifest in _declared(roster)
        }.union(found)
        teams: defaultdict[str, set[str]] = defaultdict(set)
        for entry in (entry for roster in rosters for entry in roster.teams):
            teams[entry.team.name].add(entry.team.roster)
        others: dict[str, list[Object]] = {}
        left: list[Key] = []
        for kind in RBAC:
            others[kind] = []
            for item in self.objects[kind]:
                key = key_of(kind, item)
                if key in declared:
                    continue
                if kind in _BINDINGS and _is_labelled(item, teams):
                    left.append(key)
                else:
                    others[kind].append(item)
        return replace(
            self, name=f"{self.name}{_left_out(left)}", objects={**self.objects, **others}
        )

    def policy(self, objects: Iterable[Manifest]) -> Policy:
        """The snapshot with these roles and bindings."""
        return Policy(with_aggregated_rules([*self.policy_objects, *objects]))

    def source(self, roster: Roster, day: date) -> Source:
        """The snapshot and what a roster declares: the cluster as it would be after a deploy."""
        policy = self.policy(each for each in _declared(roster) if each["kind"] in RBAC)
        return Source(
            policy=policy,
            expected=policy,
            day=day,
            absence=lambda _, user: user.absence(day),
            is_live=True,
            name=self.name,
        )


def read_ground(cluster: Cluster, settings: Settings, roster: Roster) -> LiveSnapshot:
    """Ask a cluster, by one LIST of each kind, and for its admission policies.

    Of a roster with roles for API groups that are not Kubernetes' own, it is asked for those too.
    Raises ClusterError, such as Forbidden for who may not list one of them.
    """
    return LiveSnapshot(
        name=f"live: users/, and the roles and bindings of {cluster.context} at {cluster.server} "
        "that are not the roster's own",
        objects=all_of(cluster, ("Namespace", "ServiceAccount", *RBAC)),
        guard=read_guard(cluster, settings.roster, settings.state.namespace),
        api=served_api(cluster, unknown_groups(roster.grants)),
    )


def _declared(roster: Roster) -> list[Manifest]:
    return [manifest for entry in roster.teams for manifest in team_manifests(entry)]


def _is_labelled(item: Object, teams: Mapping[str, Set[str]]) -> bool:
    team = labels_of(item).get(TEAM_LABEL, "")
    return any(is_of_team(item["metadata"], team, roster) for roster in teams.get(team, ()))


def _left_out(keys: Sequence[Key]) -> str:
    if not keys:
        return ""
    named = ", ".join(map(shown, keys[:_NAMED]))
    more = f" and {len(keys) - _NAMED:,} more" if len(keys) > _NAMED else ""
    return (
        f"; left out, with the roster's labels and in neither revision: {named}{more} "
        "(see kuberoster drift)"
    )
