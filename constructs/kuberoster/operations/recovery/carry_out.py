"""Doing what was decided, in an order in which each step may be the last."""

import time
from collections.abc import Callable
from contextlib import suppress

from kuberoster.cluster import Cluster, NotFound
from kuberoster.cluster.ending import is_there, kept_by, way_on
from kuberoster.cluster.inventory import Key, Metadata, shown
from kuberoster.cluster.kinds import object_path
from kuberoster.model.errors import KuberosterError
from kuberoster.operations.recovery.prepare import Prepared

_ORDER = ("ServiceAccount", "Secret", "RoleBinding", "ClusterRoleBinding", "Role", "ClusterRole")

KEPT_SECONDS = 10
"""How long whoever set a finalizer may take to let an object go."""


def carry_out(prepared: Prepared, cluster: Cluster, tell: Callable[[str], None]) -> None:
    """Release the lock, then delete, forget, import and adopt, in this order.

    `tell` gets what a plan does that could not be made before. Whatever ends it half-way,
    preparing again finds what is left. Raises KuberosterError where something else has
    changed meanwhile.
    """
    terraform, recovery, state = prepared.terraform, prepared.recovery, prepared.state
    if prepared.cut is not None:
        prepared.cut.rename(f"{prepared.cut}.unreadable")
        terraform.init()
    elif terraform.pull().version != state.version:
        raise _deployed_meanwhile(terraform.team, "nothing was done")
    if prepared.lock is not None:
        terraform.release(prepared.lock)
    delete_all(cluster, recovery.delete)
    if recovery.forget:
        # Made from the state that was looked at, so that Terraform refuses it for a later one.
        terraform.push(state.without(recovery.forget))
    if recovery.imports:
        if not prepared.planned:
            for line in terraform.plan_imports(recovery.imports):
                tell(line)
        terraform.apply_plan()
    if recovery.adopt:
        state = terraform.pull()
        tracked = {address for address, _ in state.tracked()}
        if not tracked.isdisjoint(resource.address for resource, _ in recovery.adopt):
            raise _deployed_meanwhile(terraform.team, "no Secret was adopted")
        terraform.push(state.with_secrets(recovery.adopt))


def _deployed_meanwhile(team: str, so: str) -> KuberosterError:
    return KuberosterError(
        f"team {team!r}: somebody has deployed it meanwhile, so {so}.\nRun this again."
    )


def delete_all(cluster: Cluster, objects: dict[Key, Metadata]) -> None:
    """Delete these very objects, credentials first; what is gone already is fine.

    Raises Conflict where another object has taken a name meanwhile, and in the end KuberosterError
    for what finalizers keep for longer than `KEPT_SECONDS`; a Namespace takes the time it takes.
    """
    kept = {}
    for key in sorted(objects, key=_place):
        kind, namespace, name = key
        with suppress(NotFound):
            left = cluster.delete(object_path(kind, name, namespace), uid=objects[key]["uid"])
            if left is not None and kind != "Namespace":
                kept[key] = left
    deadline = time.monotonic() + KEPT_SECONDS
    while kept := {key: left for key, left in kept.items() if is_there(cluster, key[0], left)}:
        if time.monotonic() > deadline:
            (key, left), *_ = kept.items()
            others = f" and {len(kept) - 1} more" if len(kept) > 1 else ""
            raise KuberosterError(
                f"{shown(key)}{others}: is being deleted, and kept by {kept_by(left)}.\n"
                f"{way_on(key[0], left)}\nThen run this again."
            )
        time.sleep(1)


def _place(key: Key) -> tuple[int, Key]:
    kind = key[0]
    return (_ORDER.index(kind) if kind in _ORDER else len(_ORDER)), key
