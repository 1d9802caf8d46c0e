"""What one user gains and loses, scope by scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from kuberoster.cluster.reach import KUBERNETES_OWN
from kuberoster.model.team import Team
from kuberoster.rbac.actions import Action, actions, as_rules, beyond
from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.rbac.effective import EffectiveAccess, effective_access
from kuberoster.rbac.policy import Binding, RoleKey, reference, service_account
from kuberoster.review.change.side import Side


@dataclass(frozen=True, kw_only=True, slots=True)
class ScopeChange:
    """What changes for a user in one namespace, or over the whole cluster.

    What a right over the whole cluster covers is neither gained nor lost in a namespace.
    """

    namespace: str
    """Empty for the whole cluster."""
    gained: frozenset[Action]
    lost: frozenset[Action]
    bound: tuple[Binding, ...]
    """The bindings that are new to the user."""
    unbound: tuple[Binding, ...]
    """The bindings that the user no longer has."""
    edited: tuple[Binding, ...]
    """The bindings that stay, to a role whose rules change."""
    unknown: tuple[Binding, ...]
    """Those of `bound` and `unbound` whose role is not known."""
    whole: bool
    """Whether nothing but whole roles is gained or lost, each by its binding."""

    @property
    def where(self) -> str:
        """The scope in words."""
        return f"in namespace {self.namespace}" if self.namespace else "over the whole cluster"

    def document(self) -> dict[str, Any]:
        """The change as JSON has it, as exact RBAC."""
        return {
            "namespace": self.namespace or None,
            "gained": [rule.written() for rule in as_rules(self.gained)],
            "lost": [rule.written() for rule in as_rules(self.lost)],
            "bound": [_written(binding) for binding in self.bound],
            "unbound": [_written(binding) for binding in self.unbound],
            "edited": [_written(binding) for binding in self.edited],
            "unknown_roles": sorted({binding.role.name for binding in self.unknown}),
        }


def access_change(
    user: str, before: tuple[Side, Team] | None, after: tuple[Side, Team] | None
) -> tuple[ScopeChange, ...]:
    """What a user gains and loses between two sides; None is where the user is not active."""
    base, head = _access(user, before), _access(user, after)
    if _shape(base) == _shape(head):
        return ()
    scopes = {binding.namespace for each in (base, head) if each for binding in each.bindings}
    found = (_in_scope(scope, base, head) for scope in sorted(scopes))
    return tuple(change for change in found if change)


def _access(user: str, place: tuple[Side, Team] | None) -> EffectiveAccess | None:
    if place is None:
        return None
    side, team = place
    policy = side.source.policy
    access = effective_access(policy, service_account(team.namespace, user))
    own = (each for each in access.bindings if not is_everyones(each))
    return EffectiveAccess(policy, tuple(own))


def is_everyones(binding: Binding) -> bool:
    """Whether Kubernetes lets every credential ask for its version and rights by it.

    Nobody gains or loses anything by these that a reviewer should look at.
    """
    everywhere = RoleKey("", binding.name)
    return binding.name in KUBERNETES_OWN and (binding.namespace, binding.role) == ("", everywhere)


def _shape(access: EffectiveAccess | None) -> frozenset[object]:
    """Of two that are equal nothing needs to be compared."""
    if access is None:
        return frozenset()
    return frozenset(_identity(access, binding) for binding in access.bindings)


def _identity(access: EffectiveAccess, binding: Binding) -> object:
    role = access.policy.roles.get(binding.role)
    return binding.namespace, binding.name, binding.role, role.rules if role else None


def _in_scope(
    scope: str, base: EffectiveAccess | None, head: EffectiveAccess | None
) -> ScopeChange | None:
    before, after = _bindings(base, scope), _bindings(head, scope)
    bound = tuple(each for key, each in after.items() if key not in before)
    unbound = tuple(each for key, each in before.items() if key not in after)
    gained = beyond(_actions(head, scope, exactly=True), _actions(base, scope))
    lost = beyond(_actions(base, scope, exactly=True), _actions(head, scope))
    edited = tuple(
        after[key]
        for key in after.keys() & before.keys()
        if base and head and _identity(base, before[key]) != _identity(head, after[key])
    )
    if not (gained or lost or bound or unbound or edited):
        return None
    return ScopeChange(
        namespace=scope,
        gained=gained,
        lost=lost,
        bound=bound,
        unbound=unbound,
        edited=tuple(sorted(edited, key=str)),
        whole=not edited
        and gained in (frozenset(), _actions_by(head, bound))
        and lost in (frozenset(), _actions_by(base, unbound)),
        unknown=tuple(
            binding
            for access, bindings in ((head, bound), (base, unbound))
            for binding in bindings
            if access and binding.role not in access.policy.roles
        ),
    )


def _bindings(access: EffectiveAccess | None, scope: str) -> dict[object, Binding]:
    if access is None:
        return {}
    here = sorted((each for each in access.bindings if each.namespace == scope), key=str)
    return {(each.name, each.role): each for each in here}


def _actions(
    access: EffectiveAccess | None, scope: str, *, exactly: bool = False
) -> frozenset[Action]:
    """What is allowed in a scope; with `exactly`, by bindings of that scope alone."""
    places = {scope} if exactly else {scope, ""}
    bindings = access.bindings if access else ()
    return _actions_by(access, (each for each in bindings if each.namespace in places))


def _actions_by(access: EffectiveAccess | None, bindings: Iterable[Binding]) -> frozenset[Action]:
    """What is allowed by some bindings."""
    if access is None:
        return frozenset()
    known = filter(None, map(access.policy.roles.get, {binding.role for binding in bindings}))
    return frozenset().union(*(_of_role(role.rules) for role in known))


@cache
def _of_role(rules: tuple[PolicyRule, ...]) -> frozenset[Action]:
    """The actions of a role's rules; many users have the like."""
    return actions(rules)


def _written(binding: Binding) -> dict[str, Any]:
    return {**reference(binding), "role": reference(binding.role)}
