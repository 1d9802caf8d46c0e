"""One line of what a reader of a review is to see."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["plain", "heading", "block", "gain", "loss", "risk", "mended"]
"""What a line is about, from which it gets its colour."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Something in words, and what it comes to exactly."""

    text: str
    """Empty where there are no words for `exact`, which is then never folded."""
    kind: Kind = "plain"
    topic: str = ""
    """What `exact` is about: `in namespace web`."""
    exact: tuple[str, ...] = ()
    """Exact RBAC, or whatever else only some readers want to see, line by line."""

    @property
    def shown(self) -> tuple[str, ...]:
        """What is to be seen of it without unfolding anything."""
        return (self.text,) if self.text else self.exact
