"""Where answers come from: the roster and Kubernetes' defaults, or a live cluster."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from kuberoster.cluster import Cluster
from kuberoster.cluster.kinds import collection
from kuberoster.model.guard import Guarding
from kuberoster.model.manifests import Manifest, team_manifests
from kuberoster.model.names import did_you_mean
from kuberoster.model.roster import Roster
from kuberoster.model.team import Team
from kuberoster.model.user import Absence, User
from kuberoster.rbac.aggregation import with_aggregated_rules
from kuberoster.rbac.defaults import load_defaults
from kuberoster.rbac.effective import Right
from kuberoster.rbac.policy import Binding, Policy

RBAC = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A policy, and who of the roster can make use of it."""

    policy: Policy
    """What counts now; offline all that the roster declares, whenever it starts to count."""
    expected: Policy
    """The same with what the roster declares and the cluster has not yet.

    What a live answer adds to the roster's it adds to this one: nobody looks again before a
    user's first day, or before the next deploy.
    """
    day: date
    absence: Callable[[Team, User], Absence | None]
    """Why a user has no credential; None for who has one."""
    is_live: bool
    name: str
    """What the answers stand on, in words."""
    guarded: bool = False
    """Whether the guard is known to stand: see `under`."""
    namespaces: frozenset[str] = frozenset()
    """Those that users/ speaks of; live also those of the cluster."""
    unlisted: tuple[str, ...] = ()
    """ServiceAccounts of users' namespaces that the roster does not name, `default` left out."""

    def under(self, guarding: Guarding) -> "Source":
        """The same with what is known of the guard."""
        return replace(self, guarded=guarding.stands, name=f"{self.name}{guarding.words}")

    def doubt(self, namespace: str) -> str | None:
        """Why another namespace may be meant than the one that was named; None where it is known.

        Offline many are not known, so that one is doubted only where another is much like it.
        """
        hint = did_you_mean(namespace, sorted(self.namespaces))
        if not namespace or namespace in self.namespaces or not (hint or self.is_live):
            return None
        knows = "neither users/ nor the cluster has" if self.is_live else "users/ speaks of no"
        return f"{knows} {'a ' if self.is_live else ''}namespace {namespace!r}.{hint}"

    def is_there(self, right: Right) -> bool:
        """Whether a right counts now, and not only once the roster is deployed."""
        if self.policy is self.expected:
            return True
        role = self.policy.roles.get(right.role.key)
        return self.has(right.binding) and role is not None and right.rule in role.rules

    def has(self, binding: Binding) -> bool:
        """Whether a binding of `expected` counts now."""
        return any(binding is each for each in self.policy.bindings_to(binding.subjects[0]))


def offline(roster: Roster, day: date) -> Source:
    """What the roster declares, with the roles and bindings that Kubernetes brings.

    Users who are not active are in it with their bindings, and have no credential.
    """
    policy = offline_policy(chain.from_iterable(map(team_manifests, roster.teams)))
    return Source(
        policy=policy,
        expected=policy,
        day=day,
        absence=lambda _, user: user.absence(day),
        is_live=False,
        namespaces=_spoken_of(roster),
        name=f"offline: users/ and the default roles and bindings of Kubernetes "
        f"{load_defaults().version}; what else a cluster has is not known",
    )


def offline_policy(objects: Iterable[Manifest]) -> Policy:
    """These roles and bindings, with those that Kubernetes brings."""
    defaults = load_defaults()
    return Policy(
        with_aggregated_rules([*defaults.objects, *objects]),
        known_groups=frozenset(each["group"] for each in defaults.resources),
    )


def live(cluster: Cluster, roster: Roster, day: date) -> Source:
    """All roles and bindings of a cluster, by one LIST of each kind, and what a roster adds.

    A user has a credential as long as the ServiceAccount is there, whatever the roster says.
    Raises ClusterError, such as Forbidden for who may not list them.
    """
    accounts = {
        (item["metadata"]["namespace"], item["metadata"]["name"])
        for item in cluster.list_metadata(collection("ServiceAccount"))
    }
    objects = [{**item, "kind": kind} for kind in RBAC for item in cluster.list(collection(kind))]
    return of_cluster(objects, accounts, roster, day, f"{cluster.context} at {cluster.server}")


def of_cluster(
    objects: Sequence[Manifest],
    accounts: Set[tuple[str, str]],
    roster: Roster,
    day: date,
    cluster: str,
) -> Source:
    """What these roles and bindings of a cluster, of this name, say of a roster.

    `accounts` are its ServiceAccounts by namespace and name.
    """

    def absence(team: Team, user: User) -> Absence | None:
        if (team.namespace, user.name) in accounts:
            return None
        return user.absence(day) or Absence("not deployed")

    policy = Policy(objects)
    named = {(entry.team.namespace, user.name) for entry in roster.teams for user in entry.users}
    homes = {entry.team.namespace for entry in roster.teams}
    return Source(
        policy=policy,
        expected=policy.plus(_declared(objects, roster)),
        day=day,
        absence=absence,
        is_live=True,
        # Each namespace has a ServiceAccount: Kubernetes makes `default`.
        namespaces=_spoken_of(roster).union(place for place, _ in accounts),
        name=f"live: all roles and bindings of {cluster}, and what users/ gives that is not "
        "there yet",
        unlisted=tuple(
            f"{home}/{name}"
            for home, name in sorted(accounts - named)
            if home in homes and name != "default"
        ),
    )


def _spoken_of(roster: Roster) -> frozenset[str]:
    """The namespaces of users/: where users live, and where they are granted something."""
    return frozenset(entry.team.namespace for entry in roster.teams).union(
        *(grant.namespaces or () for grant in roster.grants)
    )


def _declared(objects: Sequence[Manifest], roster: Roster) -> list[Manifest]:
    """The roles and bindings of a roster, and what its ClusterRoles add to aggregated ones."""
    declared = [
        manifest
        for entry in roster.teams
        for manifest in team_manifests(entry)
        if manifest["kind"] in RBAC
    ]
    there = [item for item in objects if item["kind"] == "ClusterRole"]
    names = {item["metadata"]["name"] for item in there}
    new = [
        each
        for each in declared
        if each["kind"] == "ClusterRole" and each["metadata"]["name"] not in names
    ]
    return [*(with_aggregated_rules([*there, *new]) if new else ()), *declared]
