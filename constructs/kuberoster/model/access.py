"""Grants: a role, for a user or a team, in namespaces or over the whole cluster."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kuberoster.model.errors import Fault
from kuberoster.model.fields import (
    as_tuple,
    checked_fields,
    unknown_field_faults,
)
from kuberoster.model.names import (
    namespace_faults,
    role_name_faults,
    shortened,
)
from kuberoster.model.place import here
from kuberoster.model.rule import Rule
from kuberoster.model.waiver import Waiver, waivers_faults


class _Grantable:
    """What ClusterRole and Role share: call one with namespaces, or say `cluster_wide()`."""

    def __call__(
        self, *namespaces: str, waivers: Sequence[Waiver] = (), **unknown: object
    ) -> "Grant":
        """Grant this role in these namespaces, by one RoleBinding in each."""
        grant = Grant(self, namespaces, waivers)  # type: ignore[arg-type]  # the two subclasses below
        object.__setattr__(grant, "_unknown_fields", tuple(unknown))  # as `checked_fields` does
        return grant

    def cluster_wide(self, *, waivers: Sequence[Waiver] = ()) -> "Grant":
        """Grant this role in every namespace and on cluster-scoped resources."""
        return Grant(self, None, waivers)  # type: ignore[arg-type]


@dataclass(frozen=True)
class ClusterRole(_Grantable):
    """A ClusterRole that the cluster has already, by name: `ClusterRole("monitor")("web")`."""

    name: str

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the reference."""
        yield from role_name_faults("ClusterRole", self.name)


@checked_fields
@dataclass(frozen=True)
class Role(_Grantable):
    """A role of the roster's own, made for each user that has it.

    `Role("deployer", rules=[Rule(["patch"], ["deployments"], api_groups=["apps"])])("web")`
    becomes a Role and a RoleBinding in `web`; with `cluster_wide()` a ClusterRole and a
    ClusterRoleBinding.
    """

    name: str
    rules: Sequence[Rule]

    def __post_init__(self) -> None:
        as_tuple(self, "rules")

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the role and its rules."""
        yield from unknown_field_faults(self)
        yield from role_name_faults("Role", self.name)
        if not isinstance(self.rules, tuple) or not self.rules:
            yield Fault(
                f"Role {shortened(self.name)} has the rules {shortened(self.rules)}",
                "A Role lists at least one Rule: Role('reader', rules=[Rule(['get'], ['pods'])]).",
            )
            return
        for rule in self.rules:
            if isinstance(rule, Rule):
                for wrong, mend in rule.faults():
                    yield Fault(f"Role {shortened(self.name)}: {wrong}", mend)
            else:
                yield Fault(
                    f"Role {shortened(self.name)} has the rule {shortened(rule)}",
                    "A rule is written Rule(['get'], ['pods']).",
                )


@dataclass(frozen=True)
class Grant:
    """A role in a scope; written by calling the role: `edit("web")`."""

    role: ClusterRole | Role
    namespaces: tuple[str, ...] | None
    """Where it counts; None for the whole cluster."""
    waivers: Sequence[Waiver] = field(default=(), compare=False, repr=False)
    """The risks that are accepted here; grants that differ in these alone give the same access."""
    place: str | None = field(default=None, init=False, compare=False, repr=False)
    """Where it is written: `users/web.py:12`; None for what no file of users/ makes."""

    def __post_init__(self) -> None:
        as_tuple(self, "waivers")
        object.__setattr__(self, "place", here())

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the grant, its role included."""
        if not isinstance(self.role, ClusterRole | Role):
            yield Fault(f"a grant has the role {shortened(self.role)}", ACCESS)
            return
        yield from self.role.faults()
        yield from waivers_faults(self.waivers)
        if unknown := getattr(self, "_unknown_fields", ()):
            yield Fault(
                f"role {shortened(self.role.name)} is granted with {', '.join(map(repr, unknown))}",
                f"A grant is written {_as_code(self.role)}('web'): nothing but waivers=[...] has a "
                "name before it.",
            )
            return
        if self.namespaces is None:
            return
        if not isinstance(self.namespaces, tuple):
            yield Fault(f"a grant has the namespaces {shortened(self.namespaces)}", ACCESS)
            return
        if not self.namespaces:
            yield Fault(
                f"role {shortened(self.role.name)} is granted nowhere",
                f"Name the namespaces, {_as_code(self.role)}('web', 'api'), "
                f"or say {_as_code(self.role)}.cluster_wide().",
            )
        for namespace in self.namespaces:
            yield from namespace_faults("namespace", namespace)
        rules = self.role.rules if isinstance(self.role, Role) else ()
        if isinstance(rules, tuple) and any(
            isinstance(rule, Rule) and rule.non_resource_urls for rule in rules
        ):
            yield Fault(
                f"Role {shortened(self.role.name)} has non_resource_urls and is granted "
                "in a namespace",
                "URLs belong to no namespace. Grant it with .cluster_wide().",
            )


ACCESS = (
    "Access is a list of grants, such as [edit('web'), view.cluster_wide(), "
    "ClusterRole('monitor')('web')]."
)

LADDER = ("view", "edit", "admin")
"""Kubernetes' own ClusterRoles for people; each includes those before it, by aggregation.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
"""

view = ClusterRole("view")
"""Kubernetes' built-in role: read most objects of a namespace, Secrets excepted."""
edit = ClusterRole("edit")
"""Kubernetes' built-in role: read and write most objects of a namespace, Secrets included."""
admin = ClusterRole("admin")
"""Kubernetes' built-in role: `edit`, and Roles and RoleBindings of the namespace."""


def is_on_ladder(role: ClusterRole | Role) -> bool:
    """Whether the role is `view`, `edit` or `admin`: there is at most one of them in a scope."""
    return isinstance(role, ClusterRole) and role.name in LADDER


def access_faults(access: object) -> Iterator[Fault]:
    """What is wrong with the `access` of a user or team, doubles included."""
    if not isinstance(access, tuple):
        yield Fault(f"access is {shortened(access)}", ACCESS)
        return
    seen: set[tuple[bool, str, str | None]] = set()
    highest: dict[str | None, str] = {}
    rules: dict[str, tuple[Rule, ...]] = {}
    for grant in access:
        if not isinstance(grant, Grant):
            yield Fault(f"access has {shortened(grant)}", _not_a_grant(grant))
            continue
        faults = list(grant.faults())
        yield from faults
        if faults:
            continue
        role = grant.role
        if isinstance(role, Role) and rules.setdefault(role.name, tuple(role.rules)) != role.rules:
            yield Fault(
                f"two different Roles are called {role.name!r}",
                "Whoever reads a plan takes them for one. Give each a name of its own.",
            )
        for namespace in grant.namespaces or (None,):
            key = (isinstance(role, Role), role.name, namespace)
            if key in seen:
                where = f"in namespace {namespace!r}" if namespace else "over the cluster"
                yield Fault(f"role {role.name!r} is granted twice {where}", "Remove one of them.")
            elif is_on_ladder(role):
                other = highest.get(namespace, role.name)
                low, high = sorted((role.name, other), key=LADDER.index)
                if low != high:
                    wrong = f"{_written(high, namespace)} includes {_written(low, namespace)}"
                    yield Fault(wrong, f"Leave {_written(low, namespace)} out.")
                highest[namespace] = high
            seen.add(key)


def _written(role: str, namespace: str | None) -> str:
    return f"{role}({namespace!r})" if namespace else f"{role}.cluster_wide()"


def _not_a_grant(value: object) -> str:
    if isinstance(value, ClusterRole | Role):
        return (
            f"A role needs a scope: {_as_code(value)}('web') or {_as_code(value)}.cluster_wide()."
        )
    if isinstance(value, str) and not any(role_name_faults("", value)):
        return f"{ACCESS} For a ClusterRole of this name: {_as_code(ClusterRole(value))}('web')."
    return ACCESS


def _as_code(role: ClusterRole | Role) -> str:
    """The role as a file may write it; another one where it has no name that is allowed."""
    if is_on_ladder(role):
        return role.name
    if any(role_name_faults("", role.name)):
        return "view"
    rules = ", rules=[Rule(['get'], ['pods'])]" if isinstance(role, Role) else ""
    return f"{type(role).__name__}({role.name!r}{rules})"
