"""Where a cluster's own roles and bindings give more than Kubernetes' defaults do.

A ClusterRole with a label such as `rbac.authorization.k8s.io/aggregate-to-view` adds its rules to
`view`, so that each grant of `view` grows, and no object of the roster changes.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from kuberoster.cluster import Cluster, from_one_moment
from kuberoster.cluster.inventory import Object
from kuberoster.cluster.kinds import collection
from kuberoster.cluster.reach import KUBERNETES_OWN
from kuberoster.model.manifests import team_manifests
from kuberoster.model.roster import Roster
from kuberoster.operations.drift import NOT_COMPARED, Difference
from kuberoster.rbac.actions import actions, as_rules, beyond
from kuberoster.rbac.aggregation import selects, with_aggregated_rules
from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.rbac.defaults import load_defaults

_USER_FACING = {"view", "edit", "admin", "cluster-admin"}
"""https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles"""


def find_widened(cluster: Cluster, roster: Roster) -> list[Difference]:
    """What roster users have by default roles beyond the defaults; two LISTs.

    Looked at are the user-facing roles, those that everyone is bound to, and every other default
    role that the roster grants. Who has less than the defaults is not told.
    """
    roles = from_one_moment(partial(_listed, cluster, "ClusterRole"))
    bindings = from_one_moment(partial(_listed, cluster, "ClusterRoleBinding"))
    granted = _granted(roster)
    return sorted([*widened_roles(roles, _USER_FACING | granted), *widened_bindings(bindings)])


def not_compared(roster: Roster) -> list[Difference]:
    """The ClusterRoles that a roster grants and nothing says what they should allow.

    They are neither declared in users/ nor Kubernetes' own: whoever may change them decides what
    the roster's users may do.
    """
    known = {
        item["metadata"]["name"]
        for item in (*load_defaults().objects, *_manifests(roster))
        if item["kind"] == "ClusterRole"
    }
    what = "is granted, and neither in users/ nor Kubernetes' own: what it allows is not known here"
    return [
        Difference(f"ClusterRole {name}", NOT_COMPARED, what)
        for name in sorted(_granted(roster) - known)
    ]


def _granted(roster: Roster) -> set[str]:
    """The ClusterRoles of all bindings of a roster."""
    return {
        manifest["roleRef"]["name"]
        for manifest in _manifests(roster)
        if manifest["kind"] in ("RoleBinding", "ClusterRoleBinding")
        and manifest["roleRef"]["kind"] == "ClusterRole"
    }


def _manifests(roster: Roster) -> Iterator[Object]:
    for entry in roster.teams:
        yield from team_manifests(entry)


def widened_roles(live: Mapping[str, Object], names: set[str]) -> Iterator[Difference]:
    """Of the default roles of these names, and of those for everyone, what is beyond the default.

    `live` has all ClusterRoles of a cluster by name.
    """
    version = load_defaults().version
    defaults = {
        item["metadata"]["name"]: item
        for item in with_aggregated_rules(load_defaults().objects)
        if item["kind"] == "ClusterRole"
    }
    for name in sorted((names | KUBERNETES_OWN) & defaults.keys() & live.keys()):
        known = _rules(defaults[name])
        more = set(beyond(actions(_rules(live[name])), actions(known)))
        for source in _added_to(live[name], live):
            added = beyond(actions(_rules(live[source])), actions(known))
            if added:
                more -= added
                yield _wider(f"ClusterRole {name}", f"takes up ClusterRole {source}, which", added)
        if more:
            yield _wider(f"ClusterRole {name}", f"beyond Kubernetes {version}", frozenset(more))


def widened_bindings(live: Mapping[str, Object]) -> Iterator[Difference]:
    """Of the bindings for everyone, those with another role or more subjects than by default."""
    for item in load_defaults().objects:
        name = item["metadata"]["name"]
        there = live.get(name)
        if item["kind"] != "ClusterRoleBinding" or name not in KUBERNETES_OWN or there is None:
            continue
        says, has = item["roleRef"]["name"], there["roleRef"]["name"]
        if says != has:
            what = f"gives the ClusterRole {has} and not {says}"
            yield Difference(f"ClusterRoleBinding {name}", "wider", what)
        known = {_subject(each) for each in item.get("subjects") or ()}
        more = {_subject(each) for each in there.get("subjects") or ()} - known
        if more:
            what = f"reaches {', '.join(sorted(more))} too"
            yield Difference(f"ClusterRoleBinding {name}", "wider", what)


def _listed(cluster: Cluster, kind: str) -> dict[str, Object]:
    return {
        item["metadata"]["name"]: {**item, "kind": kind} for item in cluster.list(collection(kind))
    }


def _rules(role: Mapping[str, Any]) -> tuple[PolicyRule, ...]:
    return tuple(map(PolicyRule.read, role.get("rules") or ()))


def _added_to(role: Object, live: Mapping[str, Object]) -> list[str]:
    """The ClusterRoles whose rules a role takes up, those that pass on others' included."""
    selectors = (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or ()
    own = role["metadata"]["name"]
    return sorted(
        name
        for name, other in live.items()
        if name != own
        and any(selects(each, other["metadata"].get("labels") or {}) for each in selectors)
    )


def _wider(name: str, start: str, added: Any) -> Difference:
    rules = "; ".join(map(str, as_rules(added)))
    return Difference(name, "wider", f"{start} allows: {rules}")


def _subject(subject: Mapping[str, Any]) -> str:
    place = f"{subject['namespace']}/" if subject.get("namespace") else ""
    return f"{subject['kind']} {place}{subject['name']}"
