"""Who can come to act as whom."""

from collections.abc import Iterator

from kuberoster.review.access import EffectiveAccess, effective_access
from kuberoster.review.paths.accounts import by_accounts, by_impersonation
from kuberoster.review.paths.cluster import (
    by_admission,
    by_certificates,
    by_control_plane,
    by_pods,
    by_state,
)
from kuberoster.review.paths.edge import Edge, Way
from kuberoster.review.paths.ground import Ground
from kuberoster.review.paths.path import Path, Step
from kuberoster.review.paths.roles import by_bindings, by_roles
from kuberoster.review.paths.secrets import by_secrets
from kuberoster.review.paths.target import Accounts, Target, wider
from kuberoster.review.policy import Identity, RoleKey, service_account
from kuberoster.review.rbac import PolicyRule
from kuberoster.review.scope import scopes

WAYS: tuple[Way, ...] = (
    by_secrets,
    by_accounts,
    by_impersonation,
    by_pods,
    by_bindings,
    by_roles,
    by_certificates,
    by_admission,
    by_control_plane,
    by_state,
)
"""In the order in which one of several of the same length is told."""

_ESCALATING = {"escalate", "*"}


class Graph:
    """Every identity that has a way to another one, worked out as it is asked for."""

    def __init__(self, ground: Ground) -> None:
        """Take what the ways depend on."""
        self.ground = ground
        self._namespaces = ground.namespaces
        self._edges: dict[Target, tuple[Edge, ...]] = {}
        self._dead_ends: set[frozenset[tuple[str, int]]] = set()
        self._kinds: dict[RoleKey, int] = {}
        self._kinds_of_rules: dict[tuple[PolicyRule, ...], int] = {}
        self._actors: dict[str, tuple[Accounts, ...]] = {}

    def edges(self, actor: Accounts | Identity) -> tuple[Edge, ...]:
        """What an identity can take in one step, the widest first."""
        known = self._edges.get(actor)
        if known is None:
            known = self._edges[actor] = tuple(self._found(actor))
        return known

    def actors(self, target: Target) -> tuple[Accounts | Identity, ...]:
        """Those of the reached from whom a way goes on."""
        if isinstance(target, Identity) or target.name:
            return (target,) if self.edges(target) else ()
        known = self._actors.get(target.namespace)
        if known is None:
            every = self.ground.accounts(target.namespace)
            known = self._actors[target.namespace] = tuple(
                each for each in every if self.edges(each)
            )
        return known

    def paths(self, thief: Accounts) -> Iterator[Path]:
        """The paths of one user, the shortest first; to each victim there is one."""
        level: list[tuple[Accounts | Identity, tuple[Step, ...]]] = [(thief, ())]
        reached: set[Target] = {thief}
        visited: set[Target] = {thief}
        while level and Accounts() not in reached:
            following = []
            for actor, steps in level:
                for taken in self.edges(actor):
                    target = taken.target
                    if not reached.isdisjoint(_including(target)):
                        continue
                    reached.add(target)
                    if isinstance(target, Accounts) and self.has_victims(target, thief):
                        last = Step(actor=actor, edge=taken, becomes=target)
                        yield Path(thief=thief, victims=target, steps=(*steps, last))
                    for other in self.actors(target):
                        if other not in visited:
                            visited.add(other)
                            step = Step(actor=actor, edge=taken, becomes=other)
                            following.append((other, (*steps, step)))
            level = following

    def first_steps(self, thief: Accounts) -> Iterator[Edge]:
        """The edges of a user that lead to another one, at once or further on."""
        for taken in self.edges(thief):
            target = taken.target
            if (isinstance(target, Accounts) and self.has_victims(target, thief)) or any(
                self._leads(other, thief) for other in self.actors(target) if other != thief
            ):
                yield taken

    def has_victims(self, target: Accounts, thief: Accounts) -> bool:
        """Whether another user of the roster is among some accounts."""
        users = self.ground.users
        if target.name:
            return target != thief and target.name in users.get(target.namespace, ())
        homes = [target.namespace] if target.namespace else users
        return any((home, name) != thief for home in homes for name in users.get(home, ())[:2])

    def _leads(self, actor: Accounts | Identity, thief: Accounts) -> bool:
        """Whether somebody beside the thief can be reached from an identity."""
        level, visited = [actor], {actor, thief}
        while level:
            for target in (taken.target for each in level for taken in self.edges(each)):
                if isinstance(target, Accounts) and self.has_victims(target, thief):
                    return True
            following = {
                other
                for each in level
                for taken in self.edges(each)
                for other in self.actors(taken.target)
            }
            level = list(following - visited)
            visited |= following
        return False

    def _found(self, actor: Accounts | Identity) -> list[Edge]:
        identity = actor if isinstance(actor, Identity) else service_account(*actor)
        around = self.ground.surroundings
        access = effective_access(around.policy, identity)
        shape = self._shape(access)
        if shape in self._dead_ends:
            return []
        subject = identity.subjects[0]
        found = [
            each
            for scope in scopes(subject, access, around)
            if scope.namespace in self._namespaces
            for way in WAYS
            for each in way(scope, self.ground)
            if any(right.binding.namespace == scope.namespace for right in each.evidence)
        ]
        if shape and not found:
            self._dead_ends.add(shape)
        return sorted((each for each in found if each.target != actor), key=_width)

    def _shape(self, access: EffectiveAccess) -> frozenset[tuple[str, int]]:
        """What is the same for all who have roles of the same rules in the same places.

        Empty for who may write more rights into a role, since then its name counts too.
        """
        roles = access.policy.roles
        found = set()
        for binding in access.bindings:
            kind = self._kinds.get(binding.role)
            if kind is None:
                role = roles.get(binding.role)
                rules = role.rules if role else ()
                kind = self._kinds_of_rules.setdefault(rules, len(self._kinds_of_rules) + 1)
                if any(_ESCALATING & {*rule.verbs} for rule in rules):
                    kind = 0
                self._kinds[binding.role] = kind
            if not kind:
                return frozenset()
            found.add((binding.namespace, kind))
        return frozenset(found)


def _including(target: Target) -> tuple[Target, ...]:
    return wider(target) if isinstance(target, Accounts) else (target,)


def _width(taken: Edge) -> int:
    """All accounts before those of a namespace, and single identities last."""
    target = taken.target
    return bool(target.namespace) + bool(target.name) if isinstance(target, Accounts) else 3
