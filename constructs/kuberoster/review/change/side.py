"""One of the two rosters that a review compares."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kuberoster.model.roster import Roster
from kuberoster.model.settings import Settings
from kuberoster.model.team import Team
from kuberoster.model.user import User
from kuberoster.operations.manifests import team_manifests
from kuberoster.review.aggregation import with_aggregated_rules
from kuberoster.review.defaults import load_defaults
from kuberoster.review.policy import Policy

_RBAC = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """A roster as of one day, and what it gives."""

    settings: Settings
    roster: Roster
    """Everyone, active or not."""
    expected: Roster
    """Who is active on that day or starts later: nobody reviews it again before they do."""
    policy: Policy
    """The roles and bindings of these, on the ground of what the cluster has beside."""

    def members(self) -> Iterator[tuple[Team, User]]:
        """Every user with the team, active or not."""
        for entry in self.roster.teams:
            for user in entry.users:
                yield entry.team, user


def side(settings: Settings, roster: Roster, day: date, ground: "Ground") -> Side:
    """A roster as of a day, on a ground that both rosters of a review share."""
    expected = roster.from_day(day)
    declared = [
        item for entry in expected.teams for item in team_manifests(entry) if item["kind"] in _RBAC
    ]
    return Side(
        settings=settings, roster=roster, expected=expected, policy=ground.policy_with(declared)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """The roles and bindings that are not the roster's."""

    objects: tuple[Mapping[str, Any], ...]
    known_groups: frozenset[str] | None
    """See Policy."""
    name: str
    """What it is, in words."""

    def policy_with(self, declared: Iterable[Mapping[str, Any]]) -> Policy:
        """The policy of a cluster that has these objects too."""
        return Policy(
            with_aggregated_rules([*self.objects, *declared]), known_groups=self.known_groups
        )


def default_ground() -> Ground:
    """What Kubernetes itself brings."""
    defaults = load_defaults()
    return Ground(
        objects=defaults.objects,
        known_groups=frozenset(each["group"] for each in defaults.resources),
        name=f"users/ and the default roles and bindings of Kubernetes {defaults.version}; "
        "what else a cluster has is not known",
    )
