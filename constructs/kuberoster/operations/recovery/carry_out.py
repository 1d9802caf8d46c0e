"""Doing what was decided, in an order in which each step may be the last."""

from collections.abc import Callable

from kuberoster.operations.cluster import Cluster, NotFound
from kuberoster.operations.inventory import Key, Metadata
from kuberoster.operations.kinds import object_path
from kuberoster.operations.recovery.prepare import Prepared

_ORDER = ("ServiceAccount", "Secret", "RoleBinding", "ClusterRoleBinding", "Role", "ClusterRole")


def carry_out(prepared: Prepared, cluster: Cluster, tell: Callable[[str], None]) -> None:
    """Release the lock, then delete, forget, import and adopt, in this order.

    `tell` gets what a plan does that could not be made before. Whatever ends it half-way,
    preparing again finds what is left. Raises KuberosterError where something else has
    changed meanwhile.
    """
    terraform, recovery = prepared.terraform, prepared.recovery
    if prepared.unreadable is not None:
        prepared.unreadable.rename(f"{prepared.unreadable}.unreadable")
        terraform.init()
    if prepared.lock is not None:
        terraform.release(prepared.lock)
    delete_all(cluster, recovery.delete)
    if recovery.forget:
        terraform.push(terraform.pull().without(recovery.forget))
    if recovery.imports:
        if not prepared.planned:
            for line in terraform.plan_imports(recovery.imports):
                tell(line)
        terraform.apply_plan()
    if recovery.adopt:
        terraform.push(terraform.pull().with_secrets(recovery.adopt))


def delete_all(cluster: Cluster, objects: dict[Key, Metadata]) -> None:
    """Delete these very objects, credentials first; what is gone already is fine.

    Raises Conflict where another object has taken a name meanwhile.
    """
    for kind, namespace, name in sorted(objects, key=_place):
        path = object_path(kind, name, namespace)
        try:
            cluster.delete(path, uid=objects[kind, namespace, name]["uid"])
        except NotFound:
            continue


def _place(key: Key) -> tuple[int, Key]:
    kind = key[0]
    return (_ORDER.index(kind) if kind in _ORDER else len(_ORDER)), key
