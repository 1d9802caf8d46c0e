"""Which objects of a cluster concern some teams, and why one that nobody declared does."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kuberoster.cluster.inventory import Object, annotations_of, labels_of
from kuberoster.cluster.reach import reaches_users, subjects_of
from kuberoster.model.objects import (
    ROSTER_LABEL,
    SERVICE_ACCOUNT_NAME,
    STATE_LABEL,
    TEAM_LABEL,
    USER_LABEL,
)
from kuberoster.model.roster import Roster
from kuberoster.operations.ownership import is_anothers, is_claimed

BINDINGS = ("RoleBinding", "ClusterRoleBinding")
"""The kinds that name subjects."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Some teams of a roster, or all of them and those that left it."""

    name: str
    """What the roster is called."""
    roster: frozenset[str]
    """The names of all teams of the roster."""
    teams: frozenset[str]
    users: frozenset[str]
    """Everyone in the files of the teams, active or not."""
    namespaces: frozenset[str]
    """Where users of the teams live."""
    left: frozenset[str]
    """Teams that left the roster, and of which its state or a namespace is still there."""
    whole: bool
    """Whether teams that left the roster count."""
    state: str
    """The namespace of Terraform's state and of revocations, which concerns every team."""

    @classmethod
    def of(cls, roster: Roster, teams: Collection[str], left: Iterable[str], state: str) -> "Scope":
        """These teams, or all and those that left; KuberosterError when there is no such team."""
        entries = roster.chosen(teams)
        return cls(
            name=roster.name,
            roster=frozenset(entry.team.name for entry in roster.teams),
            teams=frozenset(entry.team.name for entry in entries),
            users=frozenset(user.name for entry in entries for user in entry.users),
            namespaces=frozenset(entry.team.namespace for entry in entries),
            left=frozenset(left),
            whole=not teams,
            state=state,
        )

    def is_home(self, namespace: Object) -> bool:
        """Whether a Namespace is, or by its label was, where users of the teams live."""
        team = labels_of(namespace).get(TEAM_LABEL)
        named = team in self.teams or (self.whole and team is not None)
        ours = named and is_claimed(namespace["metadata"], self.name, self.left)
        return ours or namespace["metadata"]["name"] in self.namespaces

    def concerns(self, kind: str, item: Object) -> bool:
        """Whether an object is in a namespace of theirs, has their labels, or reaches them.

        In a namespace of theirs, and in the state's, every object counts, whatever roster it
        claims to be of.
        """
        metadata, labels = item["metadata"], labels_of(item)
        home = metadata.get("name") if kind == "Namespace" else metadata.get("namespace")
        named = labels.get(TEAM_LABEL) in self.teams or labels.get(USER_LABEL) in self.users
        return (
            ((self.whole or named) and is_claimed(metadata, self.name, self.left))
            or home in self.namespaces
            or home == self.state
            or (kind in BINDINGS and any(reaches_users(item, self.namespaces)))
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
        other = is_anothers(metadata, self.name)
        if team is not None and team not in self.roster and not other:
            return f"its team {team!r} is not in the roster"
        of = f", and says that it is of the roster {labels[ROSTER_LABEL]!r}" if other else ""
        reached = list(reaches_users(item, self.namespaces)) if kind in BINDINGS else []
        if reached:
            role = item["roleRef"]
            return f"gives {', '.join(reached)} the {role['kind']} {role['name']}{of}"
        if kind in BINDINGS and metadata.get("namespace") == self.state:
            role, subjects = item["roleRef"], ", ".join(subjects_of(item)) or "nobody"
            return f"gives {subjects} the {role['kind']} {role['name']}, on state and revocations"
        if kind == "Secret":
            return f"holds a token for {annotations_of(item).get(SERVICE_ACCOUNT_NAME)!r}{of}"
        return f"is not in the roster{of}"
