"""The ConfigMap `revoked-users`: a text for each name that is marked, changed one at a time.

Many may write at once, and none may lose what another has written. So a change tests what it
takes the place of, of its own name alone; a condition on the whole object would let each writer
of another name get in its way.
"""

import random
import re
import time
from collections.abc import Callable

from kuberoster.cluster import Cluster, Conflict, NotFound
from kuberoster.cluster.inventory import Object
from kuberoster.model.objects import MANAGED_BY, REVOKED_USERS

_WITHIN = 30.0
"""Seconds in which a change is tried again, where others write at the same moment."""
_LONGEST_PAUSE = 1.0
_PLAIN = re.compile(r"[ -%'-;=?-~]*")
"""Text that the API server writes into JSON as Python does. A JSON Patch tests what is written,
byte for byte (evanphx/json-patch v4), and Go writes '<' as an escape, and 'é' as it is."""


def read_marks(cluster: Cluster, namespace: str) -> dict[str, str]:
    """The text of each mark; `namespace` is the state's. Raises ClusterError."""
    return _data(_found(cluster, namespace))


def change_mark(
    cluster: Cluster, namespace: str, name: str, change: Callable[[str | None], str | None]
) -> None:
    """Put what `change` makes of a name's text in its place; None stands for no mark.

    Every other mark stays. Where somebody writes this one at the same moment, `change` is asked
    again, with what is there then. Makes the ConfigMap where it is missing, and raises NotFound
    where its namespace is; ClusterError else.
    """
    deadline = time.monotonic() + _WITHIN
    pause = 0.05
    while True:
        found = _found(cluster, namespace)
        marks = _data(found)
        before = marks.get(name)
        after = change(before)
        if before == after:
            return
        try:
            if found is None:
                metadata = {"name": REVOKED_USERS, "labels": {MANAGED_BY: "kuberoster"}}
                body = {"metadata": metadata, "data": {name: after}}
                cluster.create(_configmaps(namespace), body)
            elif not marks:  # the API server leaves `data` out then
                cluster.swap(_path(namespace), ["data"], None, {name: after})
            elif before is None or _PLAIN.fullmatch(before):
                cluster.swap(_path(namespace), ["data", name], before, after)
            else:
                version = found["metadata"]["resourceVersion"]
                body = {"metadata": {"resourceVersion": version}, "data": {name: after}}
                cluster.patch(_path(namespace), body)
        except Conflict:
            if time.monotonic() > deadline:
                raise
        except NotFound:
            if found is None:
                raise
        else:
            return
        time.sleep(random.uniform(0, pause))  # noqa: S311  # so that those who met do not again
        pause = min(2 * pause, _LONGEST_PAUSE)


def _found(cluster: Cluster, namespace: str) -> Object | None:
    try:
        return cluster.get(_path(namespace))
    except NotFound:
        return None


def _data(found: Object | None) -> dict[str, str]:
    return (found or {}).get("data") or {}


def _path(namespace: str) -> str:
    return f"{_configmaps(namespace)}/{REVOKED_USERS}"


def _configmaps(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/configmaps"
