"""Who can come to act as whom."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.rbac.effective import EffectiveAccess, effective_access
from kuberoster.rbac.policy import Identity, RoleKey, Subject, service_account
from kuberoster.risk.paths.accounts import by_accounts, by_impersonation
from kuberoster.risk.paths.cluster import (
    by_admission,
    by_certificates,
    by_control_plane,
    by_pods,
    by_state,
)
from kuberoster.risk.paths.edge import (
    Accounts,
    Edge,
    Path,
    Reachable,
    Step,
    Target,
    Technique,
    wider,
)
from kuberoster.risk.paths.roles import by_bindings, by_roles
from kuberoster.risk.paths.secrets import by_secrets
from kuberoster.risk.scope import scopes

WAYS: tuple[Technique, ...] = (
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

    def __init__(self, reachable: Reachable) -> None:
        """Take what the ways depend on."""
        self.reachable = reachable
        self._namespaces = reachable.namespaces
        self._edges: dict[Target, tuple[Edge, ...]] = {}
        self._dead_ends: set[frozenset[tuple[str, int]]] = set()
        self._kinds: dict[RoleKey, int] = {}
        self._kinds_of_rules: dict[tuple[PolicyRule, ...], int] = {}
        self._onward: dict[Target, tuple[tuple[Accounts | Identity, Edge], ...]] = {}

    def edges(self, actor: Accounts | Identity) -> tuple[Edge, ...]:
        """What an identity can take in one step, the widest first."""
        known = self._edges.get(actor)
        if known is None:
            known = self._edges[actor] = tuple(self._found(actor))
        return known

    def edges_by(self, access: EffectiveAccess, user: Subject) -> Iterator[Edge]:
        """What somebody could take in one step by this access."""
        for scope in scopes(user, access, self.reachable.surroundings):
            if scope.namespace in self._namespaces:
                for way in WAYS:
                    for each in way(scope, self.reachable):
                        if any(one.binding.namespace == scope.namespace for one in each.evidence):
                            yield each

    def onward(self, target: Target) -> tuple[tuple[Accounts | Identity, Edge], ...]:
        """The edges that go on from the reached, one to each target, with who takes it.

        A hundred users of a namespace have a few targets between them.
        """
        known = self._onward.get(target)
        if known is None:
            found: dict[Target, tuple[Accounts | Identity, Edge]] = {}
            for actor in self._actors(target):
                for taken in self.edges(actor):
                    found.setdefault(taken.target, (actor, taken))
            widest_first = sorted(found.values(), key=lambda each: _width(each[1]))
            known = self._onward[target] = tuple(widest_first)
        return known

    def paths(self, attacker: Accounts) -> Iterator[Path]:
        """The paths of one user, the shortest first; to each victim there is one."""
        level: list[tuple[Target, tuple[Step, ...]]] = [(attacker, ())]
        reached: set[Target] = {attacker}
        while level and Accounts() not in reached:
            following = []
            for here, steps in level:
                for actor, taken in self.onward(here):
                    target = taken.target
                    if not reached.isdisjoint(_including(target)):
                        continue
                    reached.add(target)
                    before = (*steps[:-1], replace(steps[-1], becomes=actor)) if steps else ()
                    taking = (*before, Step(actor=actor, edge=taken, becomes=target))
                    if isinstance(target, Accounts) and self.has_victims(target, attacker):
                        yield Path(attacker=attacker, victims=target, steps=taking)
                    following.append((target, taking))
            level = following

    def first_steps(self, attacker: Accounts) -> Iterator[Edge]:
        """The edges of a user that lead to another one, at once or further on."""
        for taken in self.edges(attacker):
            target = taken.target
            if (isinstance(target, Accounts) and self.has_victims(target, attacker)) or any(
                self._leads(actor, attacker)
                for actor, _ in self.onward(target)
                if actor != attacker
            ):
                yield taken

    def has_victims(self, target: Accounts, attacker: Accounts) -> bool:
        """Whether another user of the roster is among some accounts."""
        users = self.reachable.users
        if target.name:
            return target != attacker and target.name in users.get(target.namespace, ())
        homes = [target.namespace] if target.namespace else users
        return any((home, name) != attacker for home in homes for name in users.get(home, ())[:2])

    def _leads(self, actor: Accounts | Identity, attacker: Accounts) -> bool:
        """Whether somebody beside the attacker can be reached from an identity."""
        level: list[Target] = [actor]
        seen: set[Target] = {actor, attacker}
        while level:
            targets = {taken.target for each in level for _, taken in self.onward(each)}
            if any(
                isinstance(target, Accounts) and self.has_victims(target, attacker)
                for target in targets
            ):
                return True
            level = list(targets - seen)
            seen |= targets
        return False

    def _actors(self, target: Target) -> Sequence[Accounts | Identity]:
        if isinstance(target, Identity) or target.name:
            return (target,)
        return self.reachable.accounts(target.namespace)

    def _found(self, actor: Accounts | Identity) -> list[Edge]:
        identity = actor if isinstance(actor, Identity) else service_account(*actor)
        around = self.reachable.surroundings
        access = effective_access(around.policy, identity)
        shape = self._shape(access)
        if shape in self._dead_ends:
            return []
        found = list(self.edges_by(access, identity.subjects[0]))
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
