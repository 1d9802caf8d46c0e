"""Days of a roster: whole days in UTC, written as `date(2026, 12, 31)` or `"2026-12-31"`."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime

from kuberoster.model.errors import Fault, KuberosterError
from kuberoster.model.names import shortened

Day = date | str
"""What a file may write for a day."""

FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)
"""The days that may be written; what is counted from them, such as the day after, exists too."""

_DAY = "It is a day in UTC from 2000 to 2999, written '2026-12-31' or date(2026, 12, 31)."
_NEVER = "What has no end leaves it out."

TODAY = "KUBEROSTER_TODAY"
"""Environment variable with the day to act as of, for reviews and tests; else today, in UTC."""


def clock_day() -> date:
    """The day in UTC by this machine's clock, whatever day is asked for."""
    return datetime.now(UTC).date()


def today() -> date:
    """The day that decides who is active; KuberosterError when the variable holds no day."""
    given = os.environ.get(TODAY)
    if not given:
        return clock_day()
    day = as_day(given)
    if day is None:
        raise KuberosterError(
            f"{TODAY} is {given!r}.\nIt is a day from 2000 to 2999, such as '2026-12-31'."
        )
    return day


def acting_day() -> date:
    """The day to judge by, as `today`; says on stderr where another than the clock's is asked for.

    Raises KuberosterError as `today` does.
    """
    if asked := asked_day():
        print(f"warning: {asked}", file=sys.stderr)
    return today()


def asked_day() -> str | None:
    """In words, that another day than the clock's is asked for; None where it is not.

    Raises KuberosterError as `today` does.
    """
    day, clock = today(), clock_day()
    if day == clock:
        return None
    return f"as of {day}, and not of {clock}, which is today: {TODAY} asks for it"


def as_day(value: object) -> date | None:
    """The day that was written, or None where there is none from FIRST to LAST."""
    if isinstance(value, datetime):
        return None  # a date too, for Python, and it would drop its time without a word
    if type(value) is str and len(value) == len("2026-12-31"):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and FIRST <= value <= LAST else None


def day_faults(field: str, value: object, *, needed: bool = False) -> Iterator[Fault]:
    """What is wrong with a day, which may be left out where it is not needed."""
    if value is not None and as_day(value) is None:
        yield Fault(f"{field} is {shortened(value)}", _DAY if needed else f"{_DAY} {_NEVER}")
