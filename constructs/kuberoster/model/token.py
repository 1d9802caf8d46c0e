"""A long-lived token of a user."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from kuberoster.model.days import Day, as_day, day_faults
from kuberoster.model.errors import Fault
from kuberoster.model.fields import checked_fields, unknown_field_faults
from kuberoster.model.names import dns_label_faults


@checked_fields
@dataclass(frozen=True)
class Token:
    """A token by its label: `"2026q4"`, or `Token("2026q4", until="2027-01-31")`.

    The token is there to the end of the day that `until` names, and gone with the first
    deploy after it. A label that is used again later is a new token.
    """

    label: str
    until: Day | None = field(default=None, kw_only=True)

    def lives(self, day: date) -> bool:
        """Whether the token is to be there on this day."""
        last = as_day(self.until)
        return last is None or day <= last

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the token."""
        yield from unknown_field_faults(self)
        becomes = "A token's label becomes a part of its Secret's name"
        yield from dns_label_faults("token", self.label, becomes, 40)
        yield from day_faults(f"until of token {self.label!r}", self.until)


GENERATED = 5
"""Characters that the API server appends to a generateName.

https://github.com/kubernetes/apiserver/blob/master/pkg/storage/names/generate.go
"""


def secret_prefix(user: str, label: str) -> str:
    """The generateName of a token's Secret: `ann-smith-2026q4-` for `ann.smith`.

    The Terraform provider refuses dots here, so each becomes '-'. Two users may share a
    prefix; the Secret's labels say exactly whose it is.
    """
    return f"{user_prefix(user)}{label}-"


def label_in(secret: str, user: str) -> str | None:
    """The label of the user's token whose Secret is named so; None for a name of no token."""
    rest = secret.removeprefix(user_prefix(user))
    label, _, generated = rest.rpartition("-")
    return label if label and rest != secret and len(generated) == GENERATED else None


def user_prefix(user: str) -> str:
    """What the names of all token Secrets of a user begin with: `ann-smith-` for `ann.smith`."""
    return f"{user.replace('.', '-')}-"
