"""What a cluster serves in API groups that Kubernetes itself does not have."""

from collections.abc import Callable, Collection
from functools import partial
from itertools import chain
from typing import TypeVar

from kuberoster.cluster.answers import Object
from kuberoster.cluster.client import Cluster
from kuberoster.cluster.errors import ClusterError
from kuberoster.model.served import Api, Served, kubernetes

_Taken = TypeVar("_Taken")


def served_api(cluster: Cluster, groups: Collection[str]) -> Api:
    """Kubernetes' own resources, and those of these groups, as far as the cluster tells.

    Asks once, and once for each version of a group that is served; nothing where there are none.
    A group that is not served, or whose server does not answer, stays unknown.
    """
    own = kubernetes()
    wanted = set(groups) - own.groups.keys()
    if not wanted:
        return own
    listed = _read(cluster, "/apis", _listed) or {}
    found: list[Served] = []
    for group in sorted(wanted & listed.keys()):
        versions = [
            _read(cluster, f"/apis/{version}", partial(_served, group)) for version in listed[group]
        ]
        if None not in versions:
            found += chain.from_iterable(filter(None, versions))
    return own.plus(found)


def _read(cluster: Cluster, path: str, take: Callable[[Object], _Taken]) -> _Taken | None:
    """What an answer says; None where there is none, or another than was asked for."""
    try:
        return take(cluster.get(path))
    except (ClusterError, LookupError, TypeError):
        return None


def _listed(answer: Object) -> dict[str, list[str]]:
    """The versions of each group: `apps/v1`."""
    return {
        group["name"]: [each["groupVersion"] for each in group["versions"]]
        for group in answer["groups"]
    }


def _served(group: str, version: Object) -> list[Served]:
    return [
        Served(
            group=group,
            path=resource["name"],
            verbs=frozenset(resource["verbs"]),
            namespaced=resource["namespaced"],
            takes_any=True,
        )
        for resource in version["resources"]
    ]
