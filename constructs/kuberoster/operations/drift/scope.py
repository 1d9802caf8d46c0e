"""Which objects of a cluster concern some teams, and why one that nobody declared does."""

from collections.abc import Collection
from dataclasses import dataclass

from kuberoster.model.objects import (
    MANAGED_BY,
    SERVICE_ACCOUNT_NAME,
    STATE_LABEL,
    TEAM_LABEL,
    USER_LABEL,
)
from kuberoster.model.roster import Roster
from kuberoster.operations.inventory import Object, annotations_of, labels_of
from kuberoster.operations.reach import reaches_users

_BINDINGS = ("RoleBinding", "ClusterRoleBinding")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Some teams of a roster, or all of them and those that left it."""

    roster: frozenset[str]
    """The names of all teams of the roster."""
    teams: frozenset[str]
    users: frozenset[str]
    """Everyone in the files of the teams, active or not."""
    namespaces: frozenset[str]
    """Where users of the teams live."""
    whole: bool
    """Whether teams that left the roster count."""

    @classmethod
    def of(cls, roster: Roster, teams: Collection[str]) -> "Scope":
        """These teams, or all; KuberosterError when there is no such team."""
        entries = roster.chosen(teams)
        return cls(
            roster=frozenset(entry.team.name for entry in roster.teams),
            teams=frozenset(entry.team.name for entry in entries),
            users=frozenset(user.name for entry in entries for user in entry.users),
            namespaces=frozenset(entry.team.namespace for entry in entries),
            whole=not teams,
        )

    def is_home(self, namespace: Object) -> bool:
        """Whether a Namespace is, or by its label was, where users of the teams live."""
        team = labels_of(namespace).get(TEAM_LABEL)
        named = team in self.teams or (self.whole and team is not None)
        return named or namespace["metadata"]["name"] in self.namespaces

    def concerns(self, kind: str, item: Object) -> bool:
        """Whether an object is in a namespace of theirs, has their labels, or reaches them."""
        metadata, labels = item["metadata"], labels_of(item)
        home = metadata.get("name") if kind == "Namespace" else metadata.get("namespace")
        if self.whole:
            ours = (
                labels.get(MANAGED_BY) == "kuberoster"
                or TEAM_LABEL in labels
                or USER_LABEL in labels
            )
        else:
            ours = labels.get(TEAM_LABEL) in self.teams or labels.get(USER_LABEL) in self.users
        return (
            ours
            or home in self.namespaces
            or (kind in _BINDINGS and any(reaches_users(item, self.namespaces)))
        )

    def objection(self, kind: str, item: Object) -> str | None:
        """What to say of an object that concerns the teams and that nobody declared."""
        metadata, labels = item["metadata"], labels_of(item)
        team = labels.get(TEAM_LABEL)
        if (
            # Terraform's state; on anything else the label would only hide it
            (kind == "Namespace" and STATE_LABEL in labels)
            # one more quota allows nothing more
            or (kind == "ResourceQuota" and (team is None or team in self.roster))
            or (
                (kind, metadata["name"]) == ("ServiceAccount", "default")
                and metadata["namespace"] in self.namespaces
            )
        ):
            return None
        if team is not None and team not in self.roster:
            return f"its team {team!r} is not in the roster"
        reached = list(reaches_users(item, self.namespaces)) if kind in _BINDINGS else []
        if reached:
            role = item["roleRef"]
            return f"gives {', '.join(reached)} the {role['kind']} {role['name']}"
        if kind == "Secret":
            return f"holds a token for {annotations_of(item).get(SERVICE_ACCOUNT_NAME)!r}"
        return "is not in the roster"
