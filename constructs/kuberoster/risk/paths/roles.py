"""Techniques to reach another identity by writing roles and bindings."""

from collections.abc import Iterable, Iterator
from itertools import chain

from kuberoster.rbac.policy import Binding, RoleKey
from kuberoster.risk.guarded import is_guarded, reached_by_writes
from kuberoster.risk.hits import names
from kuberoster.risk.paths import accounts, secrets
from kuberoster.risk.paths.edge import Accounts, Edge, Reachable, about, edge, here
from kuberoster.risk.rules.roles import (
    BIND_CLUSTER_ROLES,
    BIND_EVERYWHERE,
    BIND_ROLES,
    CHANGE_CLUSTER_ROLES,
    CHANGE_ROLES,
    ESCALATE_CLUSTER_ROLES,
    ESCALATE_ROLES,
    WRITE_BINDINGS,
    WRITE_CLUSTER_BINDINGS,
)
from kuberoster.risk.scope import Evidence, Scope, Surroundings

_OPENS = (*secrets.OPENS, *accounts.OPENS)
BINDS = "bind a role to itself that opens their tokens"
ESCALATES = "write any right into a role that it has"


def by_bindings(scope: Scope, reachable: Reachable) -> Iterator[Edge]:
    """Bind oneself to a role with more rights, where that role opens the tokens of accounts.

    Without `bind` a binding gives no right that its writer does not have.
    """
    around = reachable.surroundings
    roles = _opening(scope.evidence(BIND_ROLES), scope.namespace, around)
    cluster_roles = _opening(scope.evidence(BIND_CLUSTER_ROLES), "", around)
    bind = [*(roles if scope.namespace else []), *cluster_roles]
    if bind and (written := _reaching(scope.evidence(WRITE_BINDINGS), scope, around)):
        for namespace in reached_by_writes(scope, reachable.others):
            yield edge(BINDS, scope, Accounts(namespace), bind, written)
    if scope.namespace:
        return
    bind = _opening(scope.evidence(BIND_EVERYWHERE), "", around)
    if bind and (written := _reaching(scope.evidence(WRITE_CLUSTER_BINDINGS), scope, around)):
        yield edge(BINDS, scope, here(scope), bind, written)


def by_roles(scope: Scope, reachable: Reachable) -> Iterator[Edge]:
    """Write any right into a role that one is bound to; only `escalate` lets that pass."""
    for allow, write, of_cluster in (
        (ESCALATE_ROLES, CHANGE_ROLES, False),
        (ESCALATE_CLUSTER_ROLES, CHANGE_CLUSTER_ROLES, True),
    ):
        if not of_cluster and scope.namespace in reachable.users and is_guarded(scope):
            continue
        allowed, written = scope.evidence(allow), scope.evidence(write)
        for binding, *both in _into_own(scope, allowed, written, of_cluster):
            yield edge(ESCALATES, scope, here(scope), *both, [Evidence(binding, None)])


def _into_own(
    scope: Scope, allowed: list[Evidence], written: list[Evidence], of_cluster: bool
) -> list[tuple[Binding, list[Evidence], list[Evidence]]]:
    """The bindings to a role that one may write any right into, with the rights to do so.

    Where the binding that gives these rights is one of them, others add nothing but by name.
    """
    found = []
    for binding in scope.bindings if allowed and written else ():
        name = binding.role.name
        allow, write = about(allowed, name), about(written, name)
        if (
            allow
            and write
            and binding.namespace == scope.namespace
            and of_cluster != bool(binding.role.namespace)
        ):
            found.append((binding, allow, write))
    own = {
        right
        for binding, *both in found
        for rights in both
        if any(right.binding == binding for right in chain.from_iterable(both))
        for right in rights
    }
    return [
        each
        for each in found
        if any(right.binding == each[0] or right not in own for right in chain(*each[1:]))
    ]


def _opening(rights: Iterable[Evidence], namespace: str, around: Surroundings) -> list[Evidence]:
    """The rights to bind that include a role which opens tokens.

    ClusterRoles that open them are in every cluster; a Role has to be there.
    """
    known = [key.name for key in around.policy.roles if namespace and key.namespace == namespace]
    return [
        right
        for right in rights
        if not (namespace or names(right))
        or any(_opens(RoleKey(namespace, name), around) for name in names(right) or known)
    ]


def _opens(role: RoleKey, around: Surroundings) -> bool:
    return any(not part.resource_names for need in _OPENS for part in around.parts(role, need))


def _reaching(rights: Iterable[Evidence], scope: Scope, around: Surroundings) -> list[Evidence]:
    """The rights to write bindings, without those to bindings by name whose role opens nothing.

    A binding keeps its role for as long as it is there.
    """
    return [
        right
        for right in rights
        if not names(right) or any(_opens(role, around) for role in _bound(right, scope, around))
    ]


def _bound(right: Evidence, scope: Scope, around: Surroundings) -> Iterator[RoleKey]:
    kinds = right.rule.resources if right.rule else ()
    for binding in around.policy.bindings:
        if binding.name in names(right) and (
            binding.namespace == scope.namespace
            or (not scope.namespace and "rolebindings" in kinds)
        ):
            yield binding.role
