"""What every contender has."""

from collections.abc import Iterator
from typing import Protocol

from bench.ground import Ground
from bench.roster import Roster
from bench.work import Step


class Contender(Protocol):
    """One way to bring users into a cluster."""

    @property
    def name(self) -> str:
        """What the table calls it."""

    def prepare(self, ground: Ground) -> None:
        """Write what is there before the first command; not measured."""

    def take(self, ground: Ground, roster: Roster) -> None:
        """Bring its own files to a roster, as a person edits them; not measured."""

    def steps(self) -> Iterator[Step]:
        """Its works, in the order of `Work`."""
