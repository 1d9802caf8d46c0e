"""Making the guard of a roster, or mending it, and waiting until it acts."""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from kuberoster.cluster import (
    Cluster,
    ClusterError,
    Conflict,
    Forbidden,
    NotFound,
    quote_name,
)
from kuberoster.cluster.ending import is_ending
from kuberoster.cluster.inventory import Key, Object, key_of, labels_of, shown
from kuberoster.cluster.kinds import collection
from kuberoster.model.errors import KuberosterError
from kuberoster.model.guard import RESOURCES
from kuberoster.model.manifests import Manifest
from kuberoster.model.objects import ROSTER_LABEL
from kuberoster.operations.guard.policies import USERS_NAMESPACES, guard_manifests, policy_name
from kuberoster.operations.guard.read import (
    Guard,
    all_policies,
    former_keys,
    guard_differences,
    policies_path,
    read_guard,
)
from kuberoster.operations.guard.trial import try_marks
from kuberoster.operations.ownership import is_anothers

_ACTS_WITHIN = 30.0
"""Seconds in which a policy that was made refuses; each API server reads it by itself."""


def make_guard(cluster: Cluster, roster: str, state_namespace: str) -> Guard:
    """Make each policy and binding, or make it again what it should be; what stands then.

    What the version before made under other names goes, but where a right is missing to try whether
    the API server acts on the new ones: see `Guard.untried`. May be run again, and then writes
    nothing but the mark of a trial for a moment: see `try_marks`. Where the cluster knows no
    policies, or the credential may not write them, everything is left as it is. Raises
    KuberosterError, with nothing written, where one is labelled as another roster's; and
    ClusterError, also where the policies stand and the API server does not act upon them. That no
    other roster of the cluster has the name is asked before: see `check_claim`.
    """
    wanted = {key_of(each["kind"], each): each for each in guard_manifests(roster, state_namespace)}
    live: dict[Key, Object] = {}
    written = False
    with suppress(Forbidden, NotFound):
        live = all_policies(cluster)
        _refuse_anothers(live, wanted, roster)
        for key, manifest in wanted.items():
            written |= _put(cluster, manifest, live.get(key))
    guard = read_guard(cluster, roster, state_namespace)
    if not guard.stands:
        return guard
    untried = ""
    try:
        if (namespace := _some_namespace(cluster, roster)) is None:
            untried = f"no namespace has the label {ROSTER_LABEL}={roster} yet."
        else:
            if written:
                _wait_until_it_acts(cluster, roster, namespace)
            try_marks(cluster, roster, state_namespace, namespace)
    except (Forbidden, NotFound) as error:
        return replace(guard, untried=str(error))
    # Only now, so that at no moment nothing guards.
    former = former_keys(roster, state_namespace) & live.keys() - wanted.keys()
    former = {key for key in former if labels_of(live[key]).get(ROSTER_LABEL) == roster}
    for key in former:
        with suppress(Forbidden, NotFound):
            cluster.delete(_path(live[key], key[0]), uid=live[key]["metadata"]["uid"])
    if former:
        guard = read_guard(cluster, roster, state_namespace)
    return replace(guard, untried=untried)


def _refuse_anothers(live: Mapping[Key, Object], wanted: Iterable[Key], roster: str) -> None:
    for key in wanted:
        if key in live and is_anothers(live[key]["metadata"], roster):
            other = labels_of(live[key])[ROSTER_LABEL]
            raise KuberosterError(
                f"{shown(key)}: is labelled as the roster {other!r}'s, so it is left as it is, and "
                f"the guard of {roster!r} is not made.\nWhere that label is wrong: kubectl label "
                f"{RESOURCES[key[0]]} {key[2]} {ROSTER_LABEL}={roster} --overwrite"
            )


def _path(manifest: Manifest, kind: str) -> str:
    return f"{policies_path(kind)}/{quote_name(manifest['metadata']['name'])}"


def _put(cluster: Cluster, manifest: Manifest, live: Object | None) -> bool:
    """Whether anything was written."""
    path = _path(manifest, manifest["kind"])
    if live is None:
        try:
            cluster.create(policies_path(manifest["kind"]), manifest)
        except Conflict:  # another bootstrap was quicker
            return _put(cluster, manifest, cluster.get(path))
        return True
    if not any(guard_differences(manifest, live)):
        return False
    # Whole, since a merge would leave what somebody added.
    labels = {**labels_of(live), **manifest["metadata"]["labels"]}
    metadata = {**live["metadata"], "labels": labels}
    cluster.replace(path, {**manifest, "metadata": metadata})
    return True


def _some_namespace(cluster: Cluster, roster: str) -> str | None:
    """One of the roster, if there is any yet."""
    selector = f"{ROSTER_LABEL}={roster}"
    found = cluster.list_metadata(collection("Namespace"), label_selector=selector)
    names = [each["metadata"]["name"] for each in found if not is_ending(each["metadata"])]
    return names[0] if names else None


def _wait_until_it_acts(cluster: Cluster, roster: str, namespace: str) -> None:
    """Return when a pod is refused in a namespace of the roster; by a dry run, so none is made.

    The policy that refuses it is the last that is made, and the API server reads all at once.
    """
    deadline = time.monotonic() + _ACTS_WITHIN
    while not _refuses_a_pod(cluster, namespace, f"'{policy_name(roster, USERS_NAMESPACES)}'"):
        if time.monotonic() > deadline:
            raise ClusterError(
                f"namespace {namespace!r}: the admission policies are made, and a pod there is "
                f"not refused by them after {_ACTS_WITHIN:.0f} s.\nIs the admission plugin "
                "ValidatingAdmissionPolicy switched off in the API server?"
            )
        time.sleep(0.2)


def _refuses_a_pod(cluster: Cluster, namespace: str, policy: str) -> bool:
    container = {
        "name": "main",
        "image": "example.invalid/none",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "kuberoster-tries-the-guard"},
        # As Pod Security `restricted` wants it, which is asked before the policies.
        "spec": {"automountServiceAccountToken": False, "containers": [container]},
    }
    try:
        cluster.try_create(f"/api/v1/namespaces/{namespace}/pods", pod)
    except Forbidden as error:
        if "cannot create resource" in error.said:  # RBAC, which is asked before any policy
            raise
        return policy in error.said
    return False
