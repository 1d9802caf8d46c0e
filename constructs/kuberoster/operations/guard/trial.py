"""Whether the API server acts on what is marked now, tried by a dry run.

Policies that stand do not say it: once every policy with ConfigMaps as parameters was gone for a
moment, an API server reads no ConfigMap for policies any more until it starts again, and goes by
what it read before (k8s.io/apiserver 0.36, policy_source.go: a shared informer that was stopped is
not started again). Each API server does so by itself; the one that answers is tried.
"""

import re
import secrets
import time

from kuberoster.cluster import Cluster, ClusterError, Forbidden
from kuberoster.cluster.kinds import collection
from kuberoster.operations.guard.policies import REVOKED_SUBJECT, policy_name
from kuberoster.operations.revoked_users import change_mark, read_marks

_NAME = re.compile(r"guard-[0-9a-f]{8}\.kuberoster\.io")
_TRIAL = "{}"
"""The text of a trial's mark; that of a user has more."""
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

    Takes away what a trial that was killed has left. Raises ClusterError where the name never is
    refused.
    """
    _remove_leftovers(cluster, state_namespace)
    name = f"guard-{secrets.token_hex(4)}.kuberoster.io"
    deadline = time.monotonic() + _SEES_WITHIN
    try:
        while True:
            # Each time, since another bootstrap may take it for a leftover.
            change_mark(cluster, state_namespace, name, lambda _: _TRIAL)
            if refuses_marked(cluster, roster, namespace, name):
                return
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"guard: {DOES_NOT_SEE}.\nStart each kube-apiserver again, one after the "
                    "other, and run kuberoster bootstrap. Until then a plan that was made before "
                    "a revocation brings the user back."
                )
            time.sleep(0.2)
    finally:
        _remove(cluster, state_namespace, name)


def _remove_leftovers(cluster: Cluster, state_namespace: str) -> None:
    for name, text in read_marks(cluster, state_namespace).items():
        if _NAME.fullmatch(name) and text == _TRIAL:
            _remove(cluster, state_namespace, name)


def _remove(cluster: Cluster, state_namespace: str, name: str) -> None:
    """The ConfigMap stays, since others mark in it."""
    change_mark(cluster, state_namespace, name, lambda text: None if text == _TRIAL else text)
