"""What users/ gives a user, by the bindings that give it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kuberoster.model.access import Grant
from kuberoster.model.objects import Binding as Declared
from kuberoster.model.objects import team_bindings, user_bindings
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.rbac.policy import Binding, Policy, RoleKey

_Key = tuple[str, str, RoleKey]


class Given(NamedTuple):
    """A grant, and whose it is; empty for the whole team."""

    user: str
    grant: Grant
    place: str | None
    """Where a reviewer looks at it: the grant's own line, or that of whose it is."""


@dataclass(frozen=True, eq=False, slots=True)
class Granted:
    """All that a user and the user's team were granted."""

    policy: Policy
    """All roles that are known."""
    _given: Mapping[_Key, Given]

    def by(self, binding: Binding) -> Given | None:
        """What a binding comes from; None for one of others, or one that was changed by hand."""
        return self._given.get((binding.namespace, binding.name, binding.role))


def granted_to(user: User, team: Team, policy: Policy) -> Granted:
    """What a user of a team was granted."""
    return Granted(policy, _of_team(team) | _of_user(user, team))


def _of_team(team: Team) -> dict[_Key, Given]:
    return {
        _key(each): Given("", each.grant, each.grant.place or team.place)
        for each in team_bindings(team)
    }


def _of_user(user: User, team: Team) -> dict[_Key, Given]:
    return {
        _key(each): Given(user.name, each.grant, each.grant.place or user.place)
        for each in user_bindings(user, team)
    }


def _key(binding: Declared) -> _Key:
    namespace = binding.namespace or ""
    role = RoleKey(namespace if binding.role_kind == "Role" else "", binding.role_name)
    return namespace, binding.name, role
