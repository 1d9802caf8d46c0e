"""Where answers come from: the roster and Kubernetes' defaults, or a live cluster."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain

from kuberoster.model.roster import Roster
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.operations.cluster import Cluster
from kuberoster.operations.kinds import collection
from kuberoster.operations.manifests import Manifest, team_manifests
from kuberoster.review.aggregation import with_aggregated_rules
from kuberoster.review.defaults import load_defaults
from kuberoster.review.policy import Policy

RBAC = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A policy, and who of the roster can make use of it."""

    policy: Policy
    absence: Callable[[Team, User], str | None]
    """Why a user has no credential; None for who has one."""
    is_live: bool
    name: str
    """What the answers stand on, in words."""


def offline(roster: Roster, day: date) -> Source:
    """What the roster declares, with the roles and bindings that Kubernetes brings.

    Users who are not active are in it with their bindings, and have no credential.
    """
    return Source(
        policy=offline_policy(chain.from_iterable(map(team_manifests, roster.teams))),
        absence=lambda _, user: user.absence(day),
        is_live=False,
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


def live(cluster: Cluster, day: date) -> Source:
    """All roles and bindings of a cluster, by one LIST of each kind.

    A user has a credential as long as the ServiceAccount is there, whatever the roster says.
    Raises ClusterError, such as Forbidden for who may not list them.
    """
    accounts = {
        (item["metadata"]["namespace"], item["metadata"]["name"])
        for item in cluster.list_metadata(collection("ServiceAccount"))
    }

    def absence(team: Team, user: User) -> str | None:
        if (team.namespace, user.name) in accounts:
            return None
        return user.absence(day) or "not deployed"

    return Source(
        policy=Policy(
            {**item, "kind": kind} for kind in RBAC for item in cluster.list(collection(kind))
        ),
        absence=absence,
        is_live=True,
        name=f"live: all roles and bindings of {cluster.context} at {cluster.server}",
    )
