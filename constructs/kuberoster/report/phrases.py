"""Words and marks that several parts of the report share."""

from datetime import date

from kuberoster.model.counted import counted
from kuberoster.model.severity import SEVERITIES, Severity
from kuberoster.report.markup import Markup, html

EVERYWHERE = "whole cluster"
"""How the report calls the scope that is no namespace."""

NOT_THERE = ", not in the cluster yet"
"""What is said of access that the roster gives and the cluster, as it was asked, has not."""

_YEAR = 365


def scope_name(namespace: str) -> str:
    """A namespace, or what stands for none."""
    return namespace or EVERYWHERE


def risk(severity: Severity) -> Markup:
    """How bad something is, in a word and a colour."""
    return html("span", severity, class_=f"risk {severity}")


def risk_rank(severity: Severity | None) -> int:
    """0 for the worst, and one more than the mildest where nothing is found."""
    return SEVERITIES.index(severity) if severity else len(SEVERITIES)


def day(value: date) -> Markup:
    """A day for people and programs."""
    return html("time", value.isoformat(), datetime=value.isoformat())


def age(days: int) -> str:
    """How long: `12 days`, `2.1 years`."""
    return counted(days, "day") if days < 2 * _YEAR else f"{days / _YEAR:.1f} years"
