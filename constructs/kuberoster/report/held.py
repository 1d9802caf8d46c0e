"""The roles that a user holds, as a reviewer calls them."""

from dataclasses import dataclass
from typing import Literal

from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.rbac.effective import effective_access
from kuberoster.rbac.policy import Binding, RoleKey, Subject, service_account
from kuberoster.rbac.source import Source
from kuberoster.review.change.access import is_everyones

By = Literal["user", "team", "group"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A role that one binding gives to one user."""

    namespace: str
    """Where it counts; empty for the whole cluster."""
    name: str
    """`edit`, or `restarter` for a role of the roster's own."""
    role: RoleKey
    by: By
    """To whom it is bound: to the user alone, to the team, or to a wider group."""
    known: bool
    """Whether it is known what the role allows."""
    there: bool
    """Whether the cluster has it as it is here; where none was asked, it is taken to."""


def held_by(source: Source, team: Team, user: User) -> tuple[Held, ...]:
    """All roles of a user, the whole cluster first; what everyone has is left out.

    Those that the roster gives and that are not there yet are among them, unless the next
    deploy takes the user's credential away.
    """
    identity = service_account(team.namespace, user.name)
    policy = source.expected if user.first_day(source.day) else source.policy
    own = [each for each in effective_access(policy, identity).bindings if not is_everyones(each)]
    return tuple(
        Held(
            namespace=binding.namespace,
            name=role_name(binding),
            role=binding.role,
            by=_by(binding, team, identity.subjects[0]),
            known=binding.role in policy.roles,
            there=source.has(binding)
            and source.policy.roles.get(binding.role) == policy.roles.get(binding.role),
        )
        for binding in sorted(own, key=lambda each: (each.namespace, each.role.name, each.name))
    )


def _by(binding: Binding, team: Team, user: Subject) -> By:
    if user in binding.subjects:
        return "user"
    return "team" if Subject("Group", team.group) in binding.subjects else "group"


def role_name(binding: Binding) -> str:
    """A role of the roster's own is named like its binding, `web:ann:role=restarter`."""
    if binding.role.name != binding.name:
        return binding.role.name
    return binding.name.rpartition(":")[2].removeprefix("role=")
