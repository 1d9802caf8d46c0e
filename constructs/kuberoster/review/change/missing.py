"""What a roster speaks of and the cluster does not have."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from kuberoster.cluster.ending import is_ending, namespace_ending
from kuberoster.cluster.inventory import Object, labels_of
from kuberoster.model.access import ClusterRole, Role
from kuberoster.model.errors import Fault, Problem, RosterError
from kuberoster.model.identity import GROUP_PREFIX, USERNAME_PREFIX
from kuberoster.model.names import did_you_mean
from kuberoster.model.objects import STATE_LABEL, TEAM_LABEL, Binding, team_bindings, user_bindings
from kuberoster.model.roster import Roster, TeamRoster
from kuberoster.model.rule import Rule
from kuberoster.model.served import Api, kubernetes
from kuberoster.model.useless import useless_faults
from kuberoster.review.change.side import Side
from kuberoster.review.snapshot import LiveSnapshot

_TOKEN = "serviceaccounts/token"  # noqa: S105  # a resource's name


_CLOSED = {TEAM_LABEL, STATE_LABEL}
"""A namespace with one of these labels holds users or states."""
KINDS = ("Namespace", "ServiceAccount", "ClusterRole")
"""What has to be read of a cluster to know what is missing there."""


def refuse_all_missing(
    expected: Roster,
    objects: Mapping[str, Sequence[Object]],
    context: str | None,
    *,
    api: Api | None = None,
    beside: Iterable[Problem] = (),
) -> None:
    """Raise RosterError with everything that a roster speaks of and that is not among `objects`.

    `objects` are all of each of KINDS: a first deploy to that cluster finds nothing else there.
    `context` is kubectl's for that cluster, where it is not the current one. `api` is what it
    serves, beside Kubernetes' own; `beside` are other problems, to be said at once with these.
    """
    cluster = _Names.of(objects, expected)
    found = [*beside, *_namespaces(expected, cluster), *_roles_and_subjects(expected, cluster)]
    found += _not_served(expected, api)
    if found:
        absent = {name for entry in expected.teams for name in _absent(entry, cluster)}
        raise RosterError(
            sorted(dict.fromkeys(found), key=str), at_last=_creation(sorted(absent), context)
        )


def refuse_missing(base: Side, head: Side, snapshot: LiveSnapshot) -> None:
    """Raise RosterError with everything of the head that is missing; nothing where all is there.

    A namespace that is missing stops any deploy half-way, so it always counts. A role, subject or
    resource that is missing gives nothing and stops nothing: it counts where it is new.
    """
    cluster = _Names.of(snapshot.objects, head.roster)

    def vain(roster: Roster) -> Iterator[Problem]:
        yield from _roles_and_subjects(roster, cluster)
        yield from _not_served(roster, snapshot.api)

    before = set(vain(base.expected))
    found = [*_namespaces(head.expected, cluster)]
    found += [each for each in vain(head.expected) if each not in before]
    if found:
        raise RosterError(sorted(dict.fromkeys(found), key=str))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Names:
    """What is in the cluster, or will be by the roster's own deploy."""

    cluster_roles: frozenset[str]
    namespaces: frozenset[str]
    offered: tuple[str, ...]
    """Namespaces that may be meant: never one of users or states, whosever they are."""
    ending: Mapping[str, Object]
    """Those of `namespaces` that are being deleted, by name."""
    accounts: frozenset[tuple[str, str]]
    """ServiceAccounts by namespace and name."""

    @classmethod
    def of(cls, objects: Mapping[str, Sequence[Object]], roster: Roster) -> "_Names":
        listed = {item["metadata"]["name"]: item for item in objects["Namespace"]}
        own = {entry.team.namespace for entry in roster.teams if not entry.team.existing_namespace}
        homes = {entry.team.namespace for entry in roster.teams}
        closed = homes | {name for name, item in listed.items() if _CLOSED & labels_of(item).keys()}
        accounts = [item["metadata"] for item in objects["ServiceAccount"]]
        users = {
            (entry.team.namespace, user.name) for entry in roster.teams for user in entry.users
        }
        return cls(
            cluster_roles=frozenset(item["metadata"]["name"] for item in objects["ClusterRole"]),
            namespaces=frozenset(own.union(listed)),
            offered=tuple(sorted(listed.keys() - closed)),
            ending={name: item for name, item in listed.items() if is_ending(item["metadata"])},
            accounts=frozenset(users.union((each["namespace"], each["name"]) for each in accounts)),
        )


def _grants(roster: Roster) -> Iterator[tuple[str, str, Binding]]:
    """File, subject of an error, and binding of everything that is granted."""
    for entry in roster.teams:
        file = f"users/{entry.team.name}.py"
        for binding in team_bindings(entry.team):
            yield file, f"team {entry.team.name!r}", binding
        for user in entry.users:
            for binding in user_bindings(user, entry.team):
                yield file, f"user {user.name!r}", binding


def _namespaces(roster: Roster, cluster: _Names) -> Iterator[Problem]:
    """One problem for a team of all that is not there, and one of each that is being deleted."""
    for entry in roster.teams:
        file, who = f"users/{entry.team.name}.py", f"team {entry.team.name!r}"
        for name in _needed(entry):
            if name in cluster.ending:
                why, _, mend = namespace_ending(cluster.ending[name]).partition("\n")
                fault = Fault(f"namespace {name!r}: {why.rstrip('.')}", mend)
                yield Problem(file=file, subject=who, fault=fault)
        if absent := _absent(entry, cluster):
            yield Problem(file=file, subject=who, fault=_no_namespaces(absent, cluster))


def _needed(entry: TeamRoster) -> dict[str, list[str]]:
    """Each namespace that has to be there for a team, with the users who need it.

    The team itself needs those that name no user.
    """
    needed: dict[str, list[str]] = {entry.team.namespace: []}
    for binding in team_bindings(entry.team):
        if binding.namespace:
            needed.setdefault(binding.namespace, [])
    for user in entry.users:
        for name in {each.namespace for each in user_bindings(user, entry.team)}:
            if name:
                needed.setdefault(name, []).append(user.name)
    return needed


def _absent(entry: TeamRoster, cluster: _Names) -> dict[str, list[str]]:
    needed = sorted(_needed(entry).items())
    return {name: users for name, users in needed if name not in cluster.namespaces}


def _no_namespaces(absent: Mapping[str, Sequence[str]], cluster: _Names) -> Fault:
    shown = ", ".join(f"{name!r}{_for(users)}" for name, users in absent.items())
    if len(absent) == 1:
        (name,) = absent
        return Fault(
            f"namespace {shown} is not in the cluster",
            "A deploy would stop there half-way. Create it first, or name another."
            + _hint(name, cluster.offered),
        )
    hints = "".join(
        f" {name!r}:{hint}" for name in absent if (hint := _hint(name, cluster.offered))
    )
    return Fault(
        f"{len(absent)} namespaces are not in the cluster: {shown}",
        f"A deploy would stop there half-way. Create them first, or name others.{hints}",
    )


def _for(users: Sequence[str]) -> str:
    if not users:
        return ""
    more = f" and {len(users) - 3} more" if users[3:] else ""
    return f" (for {', '.join(users[:3])}{more})"


def _creation(names: Sequence[str], context: str | None) -> str:
    """What creates namespaces when it is pasted; kubectl takes one name at a time."""
    if not names:
        return ""
    kubectl = f"kubectl --context {shlex.quote(context)}" if context else "kubectl"
    command = (
        f"{kubectl} create namespace {names[0]}"
        if len(names) == 1
        else f'for name in {" ".join(names)}; do {kubectl} create namespace "$name"; done'
    )
    return f"Where the names are right, this creates what is missing:\n{command}"


def _roles_and_subjects(roster: Roster, cluster: _Names) -> Iterator[Problem]:
    for file, who, binding in _grants(roster):
        for fault in _faults(binding, cluster):
            yield Problem(file=file, subject=who, fault=fault)


def _not_served(roster: Roster, api: Api | None) -> Iterator[Problem]:
    """What the roster's own roles name in API groups that the cluster serves and it does not."""
    if api is None or api is kubernetes():
        return  # what Kubernetes itself does not have was an error before
    for entry in roster.teams:
        file = f"users/{entry.team.name}.py"
        given = [(f"team {entry.team.name!r}", entry.team.access)]
        given += [(f"user {user.name!r}", user.access) for user in entry.users]
        for subject, access in given:
            for fault in useless_faults(access, api):
                yield Problem(file=file, subject=subject, fault=fault)


def _faults(binding: Binding, cluster: _Names) -> Iterator[Fault]:
    role = binding.role
    if isinstance(role, Role):
        for rule in role.rules:
            for account in _accounts_named(rule, binding.namespace):
                yield from _account_faults(role, account, cluster)
    elif role.name not in cluster.cluster_roles:
        yield _no_role(role, cluster)


def _no_role(role: ClusterRole, cluster: _Names) -> Fault:
    known = sorted(name for name in cluster.cluster_roles if not name.startswith("system:"))
    return Fault(
        f"ClusterRole {role.name!r} is not in the cluster",
        "Who makes a role of that name later decides what it allows. Name another, or declare a "
        "Role in users/." + _hint(role.name, tuple(known)),
    )


def _accounts_named(rule: Rule, namespace: str | None) -> Iterator[tuple[str | None, str | None]]:
    """The ServiceAccounts that a rule lets somebody act as, by namespace and name.

    Without a name it is the group of a namespace; without a namespace, any of that name. Users
    and groups of other kinds are known to whoever authenticates them, and not to the cluster.
    """
    acts = any(verb == "*" or verb.startswith("impersonate") for verb in rule.verbs)
    asks = any(verb in ("*", "create") for verb in rule.verbs)
    for name in rule.resource_names:
        if (acts and "serviceaccounts" in rule.resources) or (asks and _TOKEN in rule.resources):
            yield namespace, name
        if acts and "users" in rule.resources and name.startswith(USERNAME_PREFIX):
            place, _, account = name.removeprefix(USERNAME_PREFIX).partition(":")
            yield place, account
        if acts and "groups" in rule.resources and name.startswith(GROUP_PREFIX):
            yield name.removeprefix(GROUP_PREFIX), None


def _account_faults(
    role: Role, account: tuple[str | None, str | None], cluster: _Names
) -> Iterator[Fault]:
    namespace, name = account
    if name is None:
        assert namespace is not None  # noqa: S101  # as _accounts_named has it
        if namespace not in cluster.namespaces:
            yield Fault(
                f"Role {role.name!r} names the ServiceAccounts of namespace {namespace!r}, which "
                "is not in the cluster",
                "Create it first, or name another." + _hint(namespace, cluster.offered),
            )
        return
    there = sorted({each for place, each in cluster.accounts if namespace in (place, None)})
    if name not in there:
        where = f" {namespace}/" if namespace else " "
        yield Fault(
            f"Role {role.name!r} names the ServiceAccount{where}{name}, which is neither in the "
            "cluster nor in users/",
            "Who makes one of that name later is whom the user can act as. Create it first, or "
            "name another." + _hint(name, tuple(there)),
        )


@cache
def _hint(name: str, known: Sequence[str]) -> str:
    return did_you_mean(name, known)
