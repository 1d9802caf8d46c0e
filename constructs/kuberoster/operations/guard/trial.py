"""Whether the API server acts on what is marked now, tried by a dry run.

Policies that stand do not say it: once every policy with ConfigMaps as parameters was gone for a
moment, an API server reads no ConfigMap for policies any more until it starts again, and goes by
what it read before (k8s.io/apiserver 0.36, policy_source.go: a shared informer that was stopped is
not started again). Each API server does so by itself; the one that answers is tried.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kuberoster.cluster import Cluster, ClusterError, Conflict, Forbidden, NotFound
from kuberoster.cluster.kinds import collection
from kuberoster.model.objects import MANAGED_BY, REVOKED_USERS
from kuberoster.operations.guard.policies import REVOKED_SUBJECT, policy_name

_SEES_WITHIN = 10.0
"""Seconds in which a mark counts; it is moments where it ever does."""

DOES_NOT_SEE = (
    "the admission policies are there, and the API server does not see who is marked now: it does "
    "so after all policies with ConfigMaps as parameters were deleted, until it is started again"
)


def refuses_marked(cluster: Cluster, roster: str, namespace: str, name: str) -> bool:
    """Whether the guard refuses to make this ServiceAccount, by a dry run; ClusterError else.

    Forbidden where it is refused for another reason, such as a right that is missing.
    """
    body = {"metadata": {"name": name}, "automountServiceAccountToken": False}
    try:
        cluster.try_create(collection("ServiceAccount", namespace), body)
    except Forbidden as error:
        if f"'{policy_name(roster, REVOKED_SUBJECT)}'" in error.said:
            return True
        raise
    return False


def try_marks(cluster: Cluster, roster: str, state_namespace: str, namespace: str) -> None:
    """Mark a name that nobody has, and return when it is refused in a namespace of the roster.

    Raises ClusterError where it never is.
    """
    name = f"guard-{secrets.token_hex(4)}.kuberoster.io"
    deadline = time.monotonic() + _SEES_WITHIN
    with _marked(cluster, state_namespace, name):
        while not refuses_marked(cluster, roster, namespace, name):
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"guard: {DOES_NOT_SEE}.\nStart each kube-apiserver again, one after the "
                    "other, and run kuberoster bootstrap. Until then a plan that was made before "
                    "a revocation brings the user back."
                )
            time.sleep(0.2)


@contextmanager
def _marked(cluster: Cluster, state_namespace: str, name: str) -> Iterator[None]:
    """A mark of a name for as long as it takes; the ConfigMap stays, since others mark in it."""
    path = f"/api/v1/namespaces/{state_namespace}/configmaps"
    mark = {"data": {name: "{}"}}
    try:
        cluster.patch(f"{path}/{REVOKED_USERS}", mark)
    except NotFound:
        metadata = {"name": REVOKED_USERS, "labels": {MANAGED_BY: "kuberoster"}}
        try:
            cluster.create(path, {"metadata": metadata, **mark})
        except Conflict:  # a revoke was quicker
            cluster.patch(f"{path}/{REVOKED_USERS}", mark)
    try:
        yield
    finally:
        cluster.patch(f"{path}/{REVOKED_USERS}", {"data": {name: None}})
