"""Days of a roster: whole days in UTC, written as `date(2026, 12, 31)` or `"2026-12-31"`."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime

from kuberoster.model.errors import Fault, KuberosterError
from kuberoster.model.names import shortened

Day = date | str
"""What a file may write for a day."""

TODAY = "KUBEROSTER_TODAY"
"""Environment variable with the day to act as of, for reviews and tests; else today, in UTC."""


def today() -> date:
    """The day that decides who is active; KuberosterError when the variable holds no day."""
    given = os.environ.get(TODAY)
    if not given:
        return datetime.now(UTC).date()
    day = as_day(given)
    if day is None:
        raise KuberosterError(f"{TODAY} is {given!r}.\nIt is a day, such as '2026-12-31'.")
    return day


def as_day(value: object) -> date | None:
    """The day that was written, or None where there is none."""
    if isinstance(value, datetime):
        return None  # a date too, for Python, and it would drop its time without a word
    if isinstance(value, date):
        return value
    if type(value) is str and len(value) == len("2026-12-31"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def day_faults(field: str, value: object) -> Iterator[Fault]:
    """What is wrong with a day that may be left out."""
    if value is not None and as_day(value) is None:
        yield Fault(
            f"{field} is {shortened(value)}",
            "It is a day in UTC, written '2026-12-31' or date(2026, 12, 31).",
        )
