"""Doing what was decided, in an order in which each step may be the last."""

from collections.abc import Callable

from kuberoster.model.errors import KuberosterError
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
