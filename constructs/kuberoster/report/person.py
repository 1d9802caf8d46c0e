"""All that the report says of one user."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kuberoster.model.days import as_day
from kuberoster.model.severity import SEVERITIES, Severity
from kuberoster.model.team import Team
from kuberoster.model.token import Token
from kuberoster.model.user import User, Why
from kuberoster.operations.token_ages import TokenSecret
from kuberoster.report.held import Held
from kuberoster.risk.finding import Finding

State = Literal["active"] | Why
STATES: tuple[State, ...] = (
    "active",
    "not started",
    "suspended",
    "expired",
    "no token",
    "not deployed",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownToken:
    """A token, by what the roster says of it and what the cluster has."""

    label: str
    """The roster's, or the Secret's name where the roster has no such token."""
    until: date | None
    declared: bool
    secret: TokenSecret | None
    """None where no cluster was asked, or it has no such Secret."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One user, with access and what is risky in it."""

    user: User
    team: Team
    state: State
    lingers: bool
    """Whether the ServiceAccount is in the cluster though the roster says otherwise."""
    tokens: tuple[ShownToken, ...]
    held: tuple[Held, ...]
    """The roles of who is active or starts later, those of the team included."""
    judged: bool
    """Whether risks were looked for: of who has no access, and is to get none, they were not."""
    findings: tuple[Finding, ...]
    """Of this user, the worst first; those that are waived left out."""
    waived: tuple[Finding, ...]

    @property
    def name(self) -> str:
        """The user's name."""
        return self.user.name

    @property
    def worst(self) -> Severity | None:
        """How bad the worst finding is."""
        return self.findings[0].severity if self.findings else None

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Where there is access, in order; the whole cluster, as an empty name, comes first."""
        return tuple(dict.fromkeys(each.namespace for each in self.held))

    def worst_in(self, namespace: str) -> Severity | None:
        """How bad the worst finding is in one scope."""
        here = (each.severity for each in self.findings if each.namespace == namespace)
        return min(here, key=SEVERITIES.index, default=None)


def state_of(user: User, day: date) -> State:
    """What the roster says of a user on a day."""
    absence = user.absence(day)
    return absence.why if absence else "active"


def shown_tokens(
    user: User, day: date, secrets: Sequence[TokenSecret] | None
) -> tuple[ShownToken, ...]:
    """The tokens that the roster wants now, or on the first day, and what else there is.

    `secrets` is what the cluster has; None where no cluster was asked.
    """
    first = user.first_day(day)
    wanted = [each for each in user.on(first).tokens if isinstance(each, Token)] if first else []
    by_label = {each.label: each for each in secrets or () if each.label}
    shown = [
        ShownToken(
            label=token.label,
            until=as_day(token.until),
            declared=True,
            secret=by_label.pop(token.label, None),
        )
        for token in wanted
    ]
    kept = {token.secret.name for token in shown if token.secret}
    shown += [
        ShownToken(label=each.name, until=None, declared=False, secret=each)
        for each in secrets or ()
        if each.name not in kept
    ]
    return tuple(shown)
