"""How bad a finding is."""

from typing import Literal

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
"""From the worst."""


def strictest(*limits: Severity | None) -> Severity | None:
    """Of limits from which on something is stopped, the one that stops most; None stops nothing."""
    return max(filter(None, limits), key=SEVERITIES.index, default=None)
