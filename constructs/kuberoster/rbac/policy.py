"""Roles and bindings, and whom they reach."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from kuberoster.model.identity import USERNAME_PREFIX, groups, username
from kuberoster.rbac.authorizer import PolicyRule


class Subject(NamedTuple):
    """Whom a binding names: a `User` or a `Group`.

    A ServiceAccount is the User of its full name, which is how the authorizer compares it.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        if self.kind == "User" and self.name.startswith(USERNAME_PREFIX):
            namespace, _, name = self.name.removeprefix(USERNAME_PREFIX).partition(":")
            return f"ServiceAccount {namespace}/{name}"
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who asks: what the API server makes of a credential."""

    username: str
    groups: tuple[str, ...]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """The subjects that reach this identity."""
        return Subject("User", self.username), *(Subject("Group", name) for name in self.groups)


def service_account(namespace: str, name: str) -> Identity:
    """The identity of a ServiceAccount, with the three groups that each of them has."""
    return Identity(username=username(namespace, name), groups=groups(namespace))


class RoleKey(NamedTuple):
    """By what a Role or, without a namespace, a ClusterRole is known."""

    namespace: str
    name: str

    @property
    def kind(self) -> str:
        """`Role` or `ClusterRole`."""
        return "Role" if self.namespace else "ClusterRole"

    def __str__(self) -> str:
        return f"{self.kind} {_path(self.namespace, self.name)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A Role or ClusterRole with its rules."""

    key: RoleKey
    rules: tuple[PolicyRule, ...]
    aggregated: bool
    """Whether it also takes up the rules of ClusterRoles that are added later."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """A RoleBinding or, without a namespace, a ClusterRoleBinding."""

    namespace: str
    """Where it counts; empty for everywhere."""
    name: str
    role: RoleKey
    subjects: tuple[Subject, ...]

    @property
    def kind(self) -> str:
        """`RoleBinding` or `ClusterRoleBinding`."""
        return "RoleBinding" if self.namespace else "ClusterRoleBinding"

    def counts_in(self, namespace: str) -> bool:
        """Whether it counts for a request in this namespace, or in none when empty."""
        return self.namespace in ("", namespace)

    def __str__(self) -> str:
        return f"{self.kind} {_path(self.namespace, self.name)}"


class Policy:
    """All roles and bindings of a cluster, or as many of them as are known."""

    def __init__(
        self, objects: Iterable[Mapping[str, Any]], *, known_groups: frozenset[str] | None = None
    ) -> None:
        """Read roles and bindings, as Kubernetes writes them; other kinds are left out.

        `known_groups` is None when this is all that a cluster has. Else a ClusterRole that is not
        here may exist all the same, and an aggregated one may have rules for API groups that
        `known_groups` does not name.
        """
        self.known_groups = known_groups
        self.roles: dict[RoleKey, Role] = {}
        self.bindings: list[Binding] = []
        self._by_subject: defaultdict[Subject, list[Binding]] = defaultdict(list)
        for item in objects:
            if item["kind"] in ("Role", "ClusterRole"):
                role = _role(item)
                self.roles[role.key] = role
            elif item["kind"] in ("RoleBinding", "ClusterRoleBinding"):
                self._add(_binding(item))

    def _add(self, binding: Binding) -> None:
        self.bindings.append(binding)
        for subject in dict.fromkeys(binding.subjects):
            self._by_subject[subject].append(binding)

    def plus(self, objects: Iterable[Mapping[str, Any]]) -> "Policy":
        """The same policy, with what these roles and bindings give beyond it.

        A role of one name has the rules of both then; a binding of one name and role is added
        for those subjects alone that it has not yet. The bindings that are here stay the same
        objects, so that `in` tells them from what is added.
        """
        more = Policy(objects)
        both = Policy((), known_groups=self.known_groups)
        both.roles = dict(self.roles)
        for key, role in more.roles.items():
            known = both.roles.get(key)
            both.roles[key] = _with_rules(known, role) if known else role
        bound: defaultdict[tuple[str, str, RoleKey], set[Subject]] = defaultdict(set)
        for binding in self.bindings:
            both._add(binding)
            bound[binding.namespace, binding.name, binding.role].update(binding.subjects)
        for binding in more.bindings:
            known_subjects = bound[binding.namespace, binding.name, binding.role]
            if new := tuple(each for each in binding.subjects if each not in known_subjects):
                both._add(replace(binding, subjects=new))
        return both

    def subjects(self) -> list[tuple[Subject, tuple[Binding, ...]]]:
        """Every subject that a binding names, with the bindings that name it."""
        return [(subject, tuple(bindings)) for subject, bindings in self._by_subject.items()]

    def bindings_to(self, subject: Subject) -> Sequence[Binding]:
        """The bindings that name a subject."""
        return self._by_subject.get(subject, ())

    def bindings_of(self, identity: Identity) -> list[Binding]:
        """The bindings that reach an identity, each once, in the order of its subjects."""
        reaching = (self._by_subject.get(subject, ()) for subject in identity.subjects)
        return list({id(binding): binding for each in reaching for binding in each}.values())


def reference(thing: Binding | RoleKey) -> dict[str, str]:
    """A binding or role as JSON names it."""
    place = {"namespace": thing.namespace} if thing.namespace else {}
    return {"kind": thing.kind, **place, "name": thing.name}


def _path(namespace: str, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def _role(item: Mapping[str, Any]) -> Role:
    metadata = item["metadata"]
    return Role(
        key=RoleKey(metadata.get("namespace", ""), metadata["name"]),
        rules=tuple(map(PolicyRule.read, item.get("rules") or ())),
        aggregated="aggregationRule" in item,
    )


def _with_rules(role: Role, more: Role) -> Role:
    known = {rule.plain for rule in role.rules}
    new = tuple(rule for rule in more.rules if rule.plain not in known)
    return replace(role, rules=(*role.rules, *new)) if new else role


def _binding(item: Mapping[str, Any]) -> Binding:
    metadata, role = item["metadata"], item["roleRef"]
    namespace = metadata.get("namespace", "")
    return Binding(
        namespace=namespace,
        name=metadata["name"],
        role=RoleKey(namespace if role["kind"] == "Role" else "", role["name"]),
        subjects=tuple(_subject(each, namespace) for each in item.get("subjects") or ()),
    )


def _subject(subject: Mapping[str, Any], binding_namespace: str) -> Subject:
    if subject["kind"] != "ServiceAccount":
        return Subject(subject["kind"], subject["name"])
    # In a RoleBinding the namespace may be left out; it is then the binding's own.
    namespace = subject.get("namespace") or binding_namespace
    return Subject("User", username(namespace, subject["name"]))
