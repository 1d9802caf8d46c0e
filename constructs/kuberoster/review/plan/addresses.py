"""Which Terraform addresses a team's roster becomes."""

from collections.abc import Iterable, Iterator

from kuberoster.model.addresses import address
from kuberoster.model.manifests import Manifest, team_objects, user_objects
from kuberoster.model.roster import TeamRoster
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.review.plan.document import DEFAULT_SERVICE_ACCOUNT
from kuberoster.terraform import KIND_OF

_TYPE_OF = {kind: type_ for type_, kind in KIND_OF.items()}


def team_addresses(entry: TeamRoster) -> set[str]:
    """Every resource of a team's stack on a day; what a deploy only reads is left out."""
    default = f"{DEFAULT_SERVICE_ACCOUNT}.{address(entry.team.name)}"
    return {default, *_addresses(team_objects(entry))}


def user_addresses(user: User, team: Team) -> set[str]:
    """Everything that stands for a user, with all tokens that the roster names."""
    return set(_addresses(user_objects(user, team)))


def account_address(user: User) -> str:
    """The user's ServiceAccount."""
    return f"{_TYPE_OF['ServiceAccount']}.{address(user.name)}"


def token_address(user: User, label: str) -> str:
    """The Secret of one token."""
    return f"{_TYPE_OF['Secret']}.{address(user.name, label)}"


def _addresses(objects: Iterable[tuple[str, Manifest]]) -> Iterator[str]:
    return (f"{_TYPE_OF[manifest['kind']]}.{name}" for name, manifest in objects)
