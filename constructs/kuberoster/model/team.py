"""A team: one file in users/, one Terraform stack, one state, one namespace for its users."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kuberoster.model.access import Grant, access_faults
from kuberoster.model.errors import Fault
from kuberoster.model.fields import (
    as_tuple,
    checked_fields,
    fact_faults,
    told,
    unknown_field_faults,
)
from kuberoster.model.identity import namespace_group
from kuberoster.model.names import (
    LABEL_LENGTH,
    dns_label_faults,
    namespace_faults,
    roster_name_faults,
    shortened,
    text_faults,
)
from kuberoster.model.place import here

NAMESPACE_PREFIX = "users-"
"""What a team's name gets in front to become its namespace, unless it names one."""
_IN_EVERY_OBJECT = ("constructor",)
"""The one name of JavaScript's Object.prototype that a team's file could have."""


@checked_fields
@dataclass(frozen=True, kw_only=True)
class Team:
    """What a file may say of its team: `TEAM = Team(access=[view("web")])`."""

    name: str = ""
    """The file's name without `.py`; said only where there is no file."""
    namespace: str = ""
    """Where the team's users live; `users-<team>` when left out."""
    existing_namespace: bool = False
    """Take a namespace that is there already, prepared by `kuberoster bootstrap`."""
    access: Sequence[Grant] = ()
    """What every user of the team may do, bound to the group of its namespace."""
    note: str | None = field(default=None, metadata=told(text_faults, annotated=True))
    """What the team is for, in a line."""
    roster: str = ""
    """The name of its roster, which cdktf.json says; said only where there is no file."""
    place: str | None = field(default=None, init=False, compare=False, repr=False)
    """Where it is written: `users/web.py:12`; None for what no file of users/ makes."""

    def __post_init__(self) -> None:
        as_tuple(self, "access")
        object.__setattr__(self, "place", here())
        if self.name and type(self.namespace) is str and not self.namespace:
            object.__setattr__(self, "namespace", f"{NAMESPACE_PREFIX}{self.name}")

    @property
    def group(self) -> str:
        """The group that every ServiceAccount of the namespace is in, `default` included."""
        return namespace_group(self.namespace)

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the team alone."""
        yield from unknown_field_faults(self)
        faults = list(team_name_faults(self.name))
        yield from faults
        if self.name in _IN_EVERY_OBJECT:
            yield Fault(
                f"team {self.name!r} can't be a team's name",
                "A team's stack has the same name, and in JavaScript, in which CDKTF keeps its "
                f"stacks, each object has that already. Try '{self.name}s'.",
            )
        if not faults or self.namespace != f"{NAMESPACE_PREFIX}{self.name}":
            yield from namespace_faults("namespace", self.namespace)
        yield from access_faults(self.access)
        if not isinstance(self.existing_namespace, bool):
            yield Fault(
                f"existing_namespace is {shortened(self.existing_namespace)}",
                "It is True for a namespace that is there already, and False otherwise.",
            )
        yield from fact_faults(self)
        if self.roster != "":
            yield from roster_name_faults("roster", self.roster)


def team_name_faults(name: object) -> Iterator[Fault]:
    """The faults of a team's name, which is a part of its namespace's."""
    becomes = "A team is named like its file without '.py'"
    yield from dns_label_faults("team", name, becomes, LABEL_LENGTH - len(NAMESPACE_PREFIX))
