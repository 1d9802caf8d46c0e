"""Who can be reached, by which rights in one step, and by which steps."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kuberoster.model.identity import GROUP_PREFIX, USERNAME_PREFIX
from kuberoster.model.roster import Roster
from kuberoster.rbac.policy import Identity, Subject
from kuberoster.risk.hits import names
from kuberoster.risk.scope import SYSTEM_NAMESPACE, Evidence, Scope, Surroundings, together


class Accounts(NamedTuple):
    """ServiceAccounts: one, all of a namespace, or all that there are.

    Most rights reach a whole namespace, so a thousand victims are one value and not a thousand.
    """

    namespace: str = ""
    """Empty for all namespaces."""
    name: str = ""
    """Empty for all of the namespace."""

    def covers(self, namespace: str, name: str) -> bool:
        """Whether one ServiceAccount is among these."""
        return self.namespace in ("", namespace) and self.name in ("", name)


Target = Accounts | Identity
"""Roster users are ServiceAccounts; another user or group is a step on the way to them."""


def wider(accounts: Accounts) -> tuple[Accounts, Accounts, Accounts]:
    """All that include these accounts, themselves last."""
    return Accounts(), Accounts(accounts.namespace), accounts


@dataclass(frozen=True, kw_only=True, slots=True)
class Reachable:
    """What the ways from one identity to another depend on."""

    surroundings: Surroundings
    users: Mapping[str, tuple[str, ...]]
    """The roster's users by namespace."""
    others: Mapping[str, tuple[str, ...]]
    """Other ServiceAccounts that a binding names, by namespace.

    `default` stands for all that are in a group of their namespace that a binding names.
    """
    people: tuple[str, ...]
    """Users of other kinds that a binding names, such as system:kube-controller-manager."""

    @property
    def namespaces(self) -> set[str]:
        """Where a right can lead to somebody; empty for the whole cluster."""
        state = self.surroundings.state_namespace
        return {"", SYSTEM_NAMESPACE, *self.users, *self.others, *([state] if state else [])}

    def accounts(self, namespace: str) -> list[Accounts]:
        """Every known account of a namespace, or of all."""
        homes = [namespace] if namespace else sorted({*self.users, *self.others})
        return [
            Accounts(home, name)
            for home in homes
            for known in (self.users, self.others)
            for name in known.get(home, ())
        ]

    def named(self, namespace: str, name: str) -> list[Accounts]:
        """The accounts of a name; in a namespace also one that is not known but for its groups."""
        if namespace:
            return [Accounts(namespace, name)]
        return [each for each in self.accounts("") if each.name == name]

    def owners(self, namespace: str, secret: str) -> list[Accounts]:
        """The users who have a token in a Secret of this name."""
        return [Accounts(*each) for each in self.surroundings.owners(namespace, secret)]


def reachable(roster: Roster, surroundings: Surroundings) -> Reachable:
    """Who there is in a roster and in the bindings of a policy."""
    users: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for entry in roster.teams:
        home = entry.team.namespace
        users[home] = tuple(sorted(user.name for user in entry.users))
    others: defaultdict[str, set[str]] = defaultdict(set)
    people = set()
    for subject, _ in surroundings.policy.subjects():
        if subject.kind == "Group" and subject.name.startswith(GROUP_PREFIX):
            others[subject.name.removeprefix(GROUP_PREFIX)].add("default")
        elif subject.kind == "User" and subject.name.startswith(USERNAME_PREFIX):
            home, _, name = subject.name.removeprefix(USERNAME_PREFIX).partition(":")
            if subject not in surroundings.users:
                others[home].add(name)
        elif subject.kind == "User":
            people.add(subject.name)
    return Reachable(
        surroundings=surroundings,
        users=dict(users),
        others={home: tuple(sorted(names)) for home, names in others.items()},
        people=tuple(sorted(people)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """What an identity can take in one step."""

    how: str
    """What it does for that, as in `ann can ...`."""
    target: Target
    evidence: tuple[Evidence, ...]
    """The rights that it takes, and every other one that does the same."""
    scope: str
    """The namespace in which they count; empty for the whole cluster."""


Technique = Callable[[Scope, Reachable], Iterator[Edge]]
"""The edges of one kind that an identity has in a scope."""


def edge(how: str, scope: Scope, target: Target, *evidence: Iterable[Evidence]) -> Edge:
    """An edge by all of this evidence, in a stable order."""
    return Edge(
        how=how,
        target=target,
        evidence=together(each for some in evidence for each in some),
        scope=scope.namespace,
    )


def here(scope: Scope) -> Accounts:
    """All accounts that a right without names reaches in a scope."""
    return Accounts(scope.namespace)


def unnamed(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The rights that are about all objects."""
    return [each for each in evidence if not names(each)]


def about(evidence: Iterable[Evidence], name: str) -> list[Evidence]:
    """The rights that reach an object of this name."""
    return [each for each in evidence if not names(each) or name in names(each)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a path."""

    actor: Accounts | Identity
    """Who takes it: the attacker, or whom the attacker acts as by then."""
    edge: Edge
    """What the actor does, and the rights that allow it."""
    becomes: Target
    """As whom the attacker acts then."""

    def document(self) -> dict[str, Any]:
        """The step as JSON has it."""
        return {
            "as": name_of(self.actor),
            "how": self.edge.how,
            "rights": [each.document() for each in self.edge.evidence],
            "becomes": name_of(self.becomes),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """The shortest way, or one of them, by which a roster user comes to act as others."""

    attacker: Accounts
    victims: Accounts
    """One user, every user of a namespace, or every user of the roster; the attacker left out."""
    steps: tuple[Step, ...]


def in_words(steps: Sequence[Step]) -> str:
    """What somebody does: `request tokens for them, then as bob read their tokens in Secrets`."""
    first, *further = steps
    return ", then ".join(
        [first.edge.how, *(f"as {name_of(each.actor)} {each.edge.how}" for each in further)]
    )


def name_of(who: Target) -> str:
    """Whom a step speaks of; a ServiceAccount by its name alone."""
    if isinstance(who, Accounts):
        if who.name:
            return who.name
        return f"every user of {who.namespace}" if who.namespace else "every user"
    if not who.username:
        return " and ".join(f"Group {name}" for name in who.groups[:-1])
    return str(Subject("User", who.username))
