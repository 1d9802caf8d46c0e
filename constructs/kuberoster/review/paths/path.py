"""A path: how one identity comes to act as others, step by step."""

from dataclasses import dataclass
from typing import Any

from kuberoster.review.paths.edge import Edge
from kuberoster.review.paths.target import Accounts, Target
from kuberoster.review.policy import Identity, Subject, reference


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a path."""

    actor: Accounts | Identity
    """Who takes it: the thief, or whom the thief acts as by then."""
    edge: Edge
    """What the actor does, and the rights that allow it."""
    becomes: Target
    """As whom the thief acts then."""

    @property
    def words(self) -> str:
        """The step in words: `ann can read their tokens in Secrets`."""
        return f"{name_of(self.actor)} can {self.edge.how}"

    def document(self) -> dict[str, Any]:
        """The step as JSON has it."""
        return {
            "as": name_of(self.actor),
            "how": self.edge.how,
            "rights": [
                {
                    "binding": reference(each.binding),
                    "role": reference(each.binding.role),
                    "rule": each.rule.written() if each.rule else None,
                }
                for each in self.edge.evidence
            ],
            "becomes": name_of(self.becomes),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """The shortest way, or one of them, by which a roster user comes to act as others."""

    thief: Accounts
    victims: Accounts
    """One user, every user of a namespace, or every user of the roster; the thief left out."""
    steps: tuple[Step, ...]


def name_of(who: Target) -> str:
    """Whom a step speaks of; a ServiceAccount by its name alone."""
    if isinstance(who, Accounts):
        if who.name:
            return who.name
        return f"every user of {who.namespace}" if who.namespace else "every user"
    if not who.username:
        return " and ".join(f"Group {name}" for name in who.groups[:-1])
    return str(Subject("User", who.username))
