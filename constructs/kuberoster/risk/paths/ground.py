"""Who there is to be reached: the roster's users, and the accounts beside them that have rights."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from kuberoster.model.identity import GROUP_PREFIX, USERNAME_PREFIX
from kuberoster.model.roster import Roster
from kuberoster.risk.paths.target import Accounts
from kuberoster.risk.scope import SYSTEM_NAMESPACE, Surroundings


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
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


def ground(roster: Roster, surroundings: Surroundings) -> Ground:
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
    return Ground(
        surroundings=surroundings,
        users=dict(users),
        others={home: tuple(sorted(names)) for home, names in others.items()},
        people=tuple(sorted(people)),
    )
