"""A path: how one identity comes to act as others, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kuberoster.rbac.policy import Identity, Subject
from kuberoster.risk.paths.edge import Edge
from kuberoster.risk.paths.target import Accounts, Target


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a path."""

    actor: Accounts | Identity
    """Who takes it: the thief, or whom the thief acts as by then."""
    edge: Edge
    """What the actor does, and the rights that allow it."""
    becomes: Target
    """As whom the thief acts then."""

    def document(self) -> dict[str, Any]:
        """The step as JSON has it."""
        return {
            "as": name_of(self.actor),
            "how": self.edge.how,
            "rights": [each.document() for each in self.edge.evidence],
            "becomes": name_of(self.becomes),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """The shortest way, or one of them, by which a roster user comes to act as others."""

    thief: Accounts
    victims: Accounts
    """One user, every user of a namespace, or every user of the roster; the thief left out."""
    steps: tuple[Step, ...]


def in_words(steps: Sequence[Step]) -> str:
    """What a thief can do: `request tokens for them, then as bob read their tokens in Secrets`."""
    first, *further = steps
    return ", then ".join(
        [first.edge.how, *(f"as {name_of(each.actor)} {each.edge.how}" for each in further)]
    )


def name_of(who: Target) -> str:
    """Whom a step speaks of; a ServiceAccount by its name alone."""
    if isinstance(who, Accounts):
        if who.name:
            return who.name
        return f"every user of {who.namespace}" if who.namespace else "every user"
    if not who.username:
        return " and ".join(f"Group {name}" for name in who.groups[:-1])
    return str(Subject("User", who.username))
