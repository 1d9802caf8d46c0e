"""Which Terraform addresses a team's roster becomes."""

from collections.abc import Iterable, Iterator

from kuberoster.model.access import Role
from kuberoster.model.addresses import address
from kuberoster.model.objects import Binding, team_bindings, user_bindings
from kuberoster.model.roster import TeamRoster
from kuberoster.model.team import Team
from kuberoster.model.user import User

ACCOUNT, SECRET = "kubernetes_service_account_v1", "kubernetes_secret_v1"  # a type


def team_addresses(entry: TeamRoster) -> set[str]:
    """Every resource of a team's stack on a day; what a deploy only reads is left out."""
    own = address(entry.team.name)
    guards = ("kubernetes_resource_quota_v1", "kubernetes_default_service_account_v1")
    found = {f"{type_}.{own}" for type_ in guards}
    if not entry.team.existing_namespace:
        found.add(f"kubernetes_namespace_v1.{own}")
    found |= set(_of_bindings(team_bindings(entry.team)))
    return found.union(*(user_addresses(user, entry.team) for user in entry.users))


def user_addresses(user: User, team: Team) -> set[str]:
    """Everything that stands for a user, with all tokens that the roster names."""
    return {
        account_address(user),
        *(token_address(user, label) for label in user.labels),
        *_of_bindings(user_bindings(user, team)),
    }


def account_address(user: User) -> str:
    """The user's ServiceAccount."""
    return f"{ACCOUNT}.{address(user.name)}"


def token_address(user: User, label: str) -> str:
    """The Secret of one token."""
    return f"{SECRET}.{address(user.name, label)}"


def _of_bindings(bindings: Iterable[Binding]) -> Iterator[str]:
    for binding in bindings:
        scope = "" if binding.namespace else "cluster_"
        yield f"kubernetes_{scope}role_binding_v1.{binding.address}"
        if isinstance(binding.role, Role):
            yield f"kubernetes_{scope}role_v1.{binding.address}"
