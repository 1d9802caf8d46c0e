"""Waivers: findings that somebody accepts, with the reason, until a day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from kuberoster.model.days import Day, as_day, day_faults
from kuberoster.model.errors import Fault
from kuberoster.model.fields import checked_fields, unknown_field_faults
from kuberoster.model.names import did_you_mean, shortened, text_faults
from kuberoster.model.rule_ids import RULE_IDS

EVERY = "*"
"""In the place of a rule's id: whatever the grant makes by itself."""

WAIVERS = (
    "Waivers are a list: waivers=[Waiver('read-secrets', owner='ann', reason='why', "
    "expires='2027-03-31')]."
)


@checked_fields
@dataclass(frozen=True)
class Waiver:
    """A risk that comes with a grant, and is accepted there with all that it implies.

    `edit("web", waivers=[Waiver("read-secrets", owner="ann", reason="moves to a vault",
    expires="2027-03-31")])`. All four are needed; what is left out is a fault like any other, so
    that it is reported with the rest of the roster.
    """

    rule: str
    """The id of the risk rule, or `*` for whatever the grant makes by itself."""
    owner: str = field(default="", kw_only=True)
    """Who answers for it: the name of a user with an email, or an e-mail address."""
    reason: str = field(default="", kw_only=True)
    """Why it is accepted, in a line."""
    expires: Day = field(default="", kw_only=True)
    """The last day, in UTC, on which it is."""

    @property
    def named(self) -> str:
        """What it is of, in words: the rule's id, or `every risk`."""
        return "every risk" if self.rule == EVERY else self.rule

    @property
    def last_day(self) -> date:
        """The last day on which it counts; the first of all days where none is written."""
        return as_day(self.expires) or date.min

    def lives(self, day: date) -> bool:
        """Whether it counts on this day."""
        return day <= self.last_day

    def document(self) -> dict[str, str]:
        """The waiver as JSON has it."""
        return {
            "rule": self.rule,
            "owner": self.owner,
            "reason": self.reason,
            "expires": self.last_day.isoformat(),
        }

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the waiver alone; the roster checks its owner against all users."""
        of = f"of the waiver of {shortened(self.rule)}"
        yield from unknown_field_faults(self)
        if type(self.rule) is not str:
            yield Fault(f"a waiver has the rule {shortened(self.rule)}", WAIVERS)
        elif self.rule not in RULE_IDS and self.rule != EVERY:
            yield Fault(
                f"a waiver names the rule {shortened(self.rule)}, which there is not",
                f"docs/rules.md lists the rules; {EVERY!r} is for all that the grant makes."
                f"{did_you_mean(self.rule, RULE_IDS)}",
            )
        yield from text_faults(f"owner {of}", self.owner)
        yield from text_faults(f"reason {of}", self.reason)
        if self.expires in ("", None):
            yield Fault(
                f"the waiver of {shortened(self.rule)} has no expires",
                "Nothing is accepted for ever: name the last day, such as expires='2027-03-31'.",
            )
        else:
            yield from day_faults(f"expires {of}", self.expires, needed=True)


def waivers_faults(waivers: object) -> Iterator[Fault]:
    """What is wrong with the `waivers` of a grant, doubles included."""
    if not isinstance(waivers, tuple):
        yield Fault(f"a grant has the waivers {shortened(waivers)}", WAIVERS)
        return
    seen: set[str] = set()
    for waiver in waivers:
        if not isinstance(waiver, Waiver):
            yield Fault(f"a grant has the waiver {shortened(waiver)}", WAIVERS)
            continue
        yield from waiver.faults()
        if type(waiver.rule) is str:
            if waiver.rule in seen:
                yield Fault(f"rule {waiver.rule!r} is waived twice", "Remove one of them.")
            seen.add(waiver.rule)
