"""What a plan does, entry by entry, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kuberoster.review.plan.document import Change

Why = Literal["change", "follows", "due", "drift", "upgrade"]
_ONE = {"create": "create", "update": "change", "delete": "destroy", "forget": "forget"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One thing that explains an entry."""

    why: Why
    """`follows`: the replacement of what it is triggered by; `upgrade`: a later kuberoster."""
    text: str

    def document(self) -> dict[str, str]:
        """The reason as JSON has it."""
        return {"why": self.why, "text": self.text}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One address that a plan does something to."""

    change: Change
    reasons: tuple[Reason, ...]
    """What explains it; nothing where nothing does, or where no base says what changed."""

    @property
    def action(self) -> str:
        """In a word, as Terraform's own output has it."""
        if self.change.is_replacement:
            return "replace"
        done = [_ONE[action] for action in self.change.actions if action in _ONE]
        return " and ".join((["import"] if self.change.imported else []) + done)

    def document(self) -> dict[str, Any]:
        """The entry as JSON has it; no attribute of the object but its name."""
        found = self.change.object
        return {
            "address": self.change.address,
            "action": self.action,
            "actions": list(self.change.actions),
            "kind": found.kind,
            "namespace": found.namespace or None,
            "name": found.name or None,
            "terraform_reason": self.change.reason,
            "importing": self.change.imported,
            "explained_by": [reason.document() for reason in self.reasons],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamPlan:
    """What Terraform's plan of one team does."""

    team: str
    entries: Sequence[Entry]
    """In the order of their addresses."""
    refused: Sequence[str] = ()
    """Users because of whom there is no plan: they are revoked in the cluster."""

    def document(self) -> dict[str, Any]:
        """The plan as JSON has it."""
        return {
            "team": self.team,
            "entries": [entry.document() for entry in self.entries],
            "refused_for": list(self.refused),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class NotPlanned:
    """A team of which there is no plan."""

    team: str
    changed: bool | None
    """Whether its stack changes all the same; None where no base tells."""
    due: Sequence[str]
    """What falls due in it soon."""

    def document(self) -> dict[str, Any]:
        """The team as JSON has it."""
        return {"team": self.team, "changed": self.changed, "due": list(self.due)}
