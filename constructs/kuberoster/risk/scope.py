"""One user's rights scope by scope: over the whole cluster, and in each namespace."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kuberoster.model.identity import username
from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.model.token import GENERATED, Token, secret_prefix
from kuberoster.rbac.actions import Action, actions
from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.rbac.defaults import load_defaults
from kuberoster.rbac.effective import EffectiveAccess
from kuberoster.rbac.policy import Binding, Policy, RoleKey, Subject, reference, service_account

SYSTEM_NAMESPACE = "kube-system"
"""Where the cluster's own ServiceAccounts live, some of which may do anything."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A part of a rule, and the binding by which a user has it."""

    binding: Binding
    rule: PolicyRule | None
    """None where it is the role itself that counts, known or not."""
    needs: tuple["Need", ...] = field(default=(), compare=False, repr=False)
    """What is found to be met by it."""

    def __str__(self) -> str:
        part = f": {self.rule}" if self.rule else ""
        return f"{self.binding} -> {self.binding.role}{part}"

    def document(self) -> dict[str, Any]:
        """The right as JSON has it."""
        return {
            "binding": reference(self.binding),
            "role": reference(self.binding.role),
            "rule": self.rule.written() if self.rule else None,
        }


def as_numbers(version: str) -> tuple[int, ...]:
    """A version of Kubernetes as it is compared: (1, 36)."""
    return tuple(map(int, version.split(".")))


def together(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each right once, with all that it meets, in a stable order."""
    found: dict[Evidence, Evidence] = {}
    for each in evidence:
        known = found.get(each)
        needs = dict.fromkeys((*known.needs, *each.needs)) if known else each.needs
        found[each] = replace(each, needs=tuple(needs)) if known else each
    return tuple(sorted(found.values(), key=str))


KUBERNETES = as_numbers(load_defaults().version)
"""The version by which rights are judged, that of the default roles."""
Roles = tuple[tuple[RoleKey, bool], ...]
"""Of several bindings, each with whether the binding counts in a namespace alone."""
Shape = tuple[str, Roles, tuple[RoleKey, ...]]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Need(ABC):
    """Something that a rule of a role may allow."""

    clustered: bool = False
    """Whether it belongs to no namespace, so that a RoleBinding can't give it."""
    until: str = ""
    """The last version of Kubernetes in which it counts; empty where it always does."""

    @property
    def is_over(self) -> bool:
        """Whether the version by which rights are judged lets do nothing by it."""
        return bool(self.until) and as_numbers(self.until) < KUBERNETES

    @abstractmethod
    def part(self, rule: PolicyRule) -> PolicyRule | None:
        """The part of a rule that allows it; None when no part does."""

    @abstractmethod
    def actions(self, part: PolicyRule) -> frozenset[Action]:
        """What of such a part it is about: less than the part allows by its wildcards."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Form(Need):
    """What shows in how a rule is written, such as a wildcard."""

    find: Callable[[PolicyRule], PolicyRule | None]
    about: Callable[[PolicyRule], PolicyRule] | None = None
    """What of the part it is about; None for all of it."""

    def part(self, rule: PolicyRule) -> PolicyRule | None:
        """The part of a rule that is written so; None when no part is."""
        return self.find(rule)

    def actions(self, part: PolicyRule) -> frozenset[Action]:
        """What of the part of a rule it is about."""
        return actions((self.about(part) if self.about else part,))


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a risk depends on beside the rights of the one who has them."""

    policy: Policy
    users_namespaces: frozenset[str]
    """The namespaces of the roster's teams."""
    state_namespace: str | None
    """Where Terraform's state lies; None when it is not in the cluster."""
    roster: str
    """The roster's name."""
    guarded: bool
    """Whether the roster's admission policies stand."""
    users: frozenset[Subject]
    """The roster's users, and the groups that its teams' access is bound to."""
    token_owners: Mapping[str, tuple[tuple[str, str], ...]]
    """By what the names of token Secrets begin with, the users whose they are."""
    needed: Mapping[tuple[str, str], Mapping[str, set[Subject]]]
    """By namespace (empty for all) and kind, the roles and bindings that give them access."""
    first_steps: Mapping[tuple[Subject, str], list[Evidence]] = field(default_factory=dict)
    """By user and namespace, the rights by which the user comes to act as another one."""
    _parts: dict[RoleKey, dict[Need, list[PolicyRule]]] = field(default_factory=dict)
    _alike: dict[tuple[PolicyRule, ...], dict[Need, list[PolicyRule]]] = field(default_factory=dict)
    _unmet: dict[Roles, set[Need]] = field(default_factory=dict)

    def with_first_steps(
        self, first_steps: Mapping[tuple[Subject, str], list[Evidence]]
    ) -> "Surroundings":
        """The same, once it is known who can come to act as whom."""
        return replace(self, first_steps=first_steps)

    def parts(self, role: RoleKey, need: Need) -> list[PolicyRule]:
        """The parts of a role's rules that meet a need.

        They are worked out once for all roles of the same rules, since many users have the like.
        """
        known = self._parts.get(role)
        if known is None:
            known = self._parts[role] = self._alike.setdefault(self._rules(role), {})
        found = known.get(need)
        if found is None:
            parts = map(need.part, self._rules(role))
            found = known[need] = [part for part in parts if part]
        return found

    def owners(self, namespace: str, secret: str) -> list[tuple[str, str]]:
        """The users, by namespace and name, who have a token in a Secret of this name."""
        found = self.token_owners.get(secret[:-GENERATED], ())
        return [each for each in found if namespace in ("", each[0])]

    def is_user(self, namespace: str, name: str) -> bool:
        """Whether a ServiceAccount of this name is a user of the roster; empty for anywhere."""
        homes = [namespace] if namespace else self.users_namespaces
        return any(Subject("User", username(home, name)) in self.users for home in homes)

    def unmet(self, roles: Roles) -> set[Need]:
        """The needs that were found not to be met by bindings of these roles.

        Most are not, and many users have the same roles, so that none is looked for twice.
        """
        return self._unmet.setdefault(roles, set())

    def _rules(self, role: RoleKey) -> tuple[PolicyRule, ...]:
        known = self.policy.roles.get(role)
        return known.rules if known else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What bindings let do in a namespace, those to the whole cluster included."""

    namespace: str
    """Empty for the whole cluster: then only what counts everywhere is in it."""
    bindings: tuple[Binding, ...]
    elsewhere: tuple[Binding, ...]
    """The bindings in other namespaces of whoever has these."""
    surroundings: Surroundings
    roles: Roles
    """Those of `bindings`."""
    unmet: set[Need]
    """The needs of which it is known that nothing meets them here."""

    @property
    def is_system(self) -> bool:
        """Whether a right here reaches what runs the cluster."""
        return self.namespace in ("", SYSTEM_NAMESPACE)

    @property
    def is_home(self) -> bool:
        """Whether it is a namespace of the roster's users."""
        return self.namespace in self.surroundings.users_namespaces

    @property
    def has_users(self) -> bool:
        """Whether a right here reaches a namespace of the roster's users."""
        return not self.namespace or self.is_home

    @property
    def has_state(self) -> bool:
        """Whether a right here reaches the namespace of Terraform's state."""
        state = self.surroundings.state_namespace
        return state is not None and self.namespace in ("", state)

    def evidence(self, need: Need) -> list[Evidence]:
        """All that meets a need here."""
        if need in self.unmet or need.is_over:
            return []
        found = [
            Evidence(binding, part, (need,))
            for binding in self.bindings
            if not (need.clustered and binding.namespace)
            for part in self.surroundings.parts(binding.role, need)
        ]
        if not found:
            self.unmet.add(need)
        return found

    def evidence_anywhere(self, need: Need) -> list[Evidence]:
        """All that meets a need here or in any other namespace."""
        return self.evidence(need) + [
            Evidence(binding, part, (need,))
            for binding in self.elsewhere
            if not need.clustered
            for part in self.surroundings.parts(binding.role, need)
        ]

    @property
    def shape(self) -> Shape:
        """What two scopes have alike in which the same rights lie, by whatever bindings."""
        return self.namespace, self.roles, tuple(each.role for each in self.elsewhere)


@dataclass(frozen=True, kw_only=True, slots=True)
class UserScope(Scope):
    """What one user may do in a namespace, and who that is."""

    user: Subject

    def first_steps(self) -> list[Evidence]:
        """The rights here by which the user comes to act as another one."""
        return self.surroundings.first_steps.get((self.user, self.namespace), [])

    def others_need(self, kind: str, names: tuple[str, ...]) -> bool:
        """Whether another user's access hangs on an object here of this kind, and of these names.

        Empty `names` stand for all names.
        """
        needed = self.surroundings.needed.get((self.namespace, kind), {})
        return any(
            subject != self.user for name in (names or needed) for subject in needed.get(name, ())
        )


def scopes(
    user: Subject, access: EffectiveAccess, surroundings: Surroundings
) -> Iterator[UserScope]:
    """The whole cluster, then each namespace in which the user is bound."""
    for namespace in sorted({"", *(binding.namespace for binding in access.bindings)}):
        yield scope_of(user, namespace, access, surroundings)


def scope_of(
    user: Subject, namespace: str, access: EffectiveAccess, surroundings: Surroundings
) -> UserScope:
    """The whole cluster, or one namespace."""
    here = tuple(each for each in access.bindings if each.counts_in(namespace))
    elsewhere = tuple(each for each in access.bindings if not each.counts_in(namespace))
    roles = tuple((each.role, bool(each.namespace)) for each in here)
    return UserScope(
        user=user,
        namespace=namespace,
        bindings=here,
        elsewhere=elsewhere,
        surroundings=surroundings,
        roles=roles,
        unmet=surroundings.unmet(roles),
    )


def surroundings(
    policy: Policy, roster: Roster, settings: Settings, *, guarded: bool
) -> Surroundings:
    """What the risks of a roster's users depend on; `guarded` is whether the guard stands."""
    teams = [entry.team for entry in roster.teams]
    named = (
        service_account(entry.team.namespace, user.name).subjects[0]
        for entry in roster.teams
        for user in entry.users
    )
    users = frozenset([*named, *(Subject("Group", team.group) for team in teams)])
    owners: defaultdict[str, tuple[tuple[str, str], ...]] = defaultdict(tuple)
    for entry in roster.teams:
        for user in entry.users:
            for token in user.tokens:
                label = token.label if isinstance(token, Token) else token
                owners[secret_prefix(user.name, label)] += ((entry.team.namespace, user.name),)
    state = settings.state
    return Surroundings(
        policy=policy,
        users_namespaces=frozenset(team.namespace for team in teams),
        state_namespace=state.namespace if state.backend == "kubernetes" else None,
        roster=settings.roster,
        guarded=guarded,
        users=users,
        token_owners=dict(owners),
        needed=_needed(policy, users),
    )


def _needed(
    policy: Policy, users: frozenset[Subject]
) -> dict[tuple[str, str], dict[str, set[Subject]]]:
    needed: defaultdict[tuple[str, str], defaultdict[str, set[Subject]]]
    needed = defaultdict(lambda: defaultdict(set))
    for binding in policy.bindings:
        if named := users.intersection(binding.subjects):
            for namespace in {"", binding.namespace}:
                for thing in (binding, binding.role):
                    needed[namespace, thing.kind][thing.name] |= named
    return {key: dict(names) for key, names in needed.items()}
