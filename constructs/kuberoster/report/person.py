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
from kuberoster.rbac.effective import effective_access
from kuberoster.rbac.policy import Binding, RoleKey, Subject, service_account
from kuberoster.rbac.source import Source
from kuberoster.review.change.access import is_everyones
from kuberoster.risk.finding import Finding

By = Literal["user", "team", "group"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A role that one binding gives to one user."""

    namespace: str
    """Where it counts; empty for the whole cluster."""
    name: str
    """`edit`, or `restarter` for a role of the roster's own."""
    role: RoleKey
    by: By
    """To whom it is bound: to the user alone, to the team, or to a wider group."""
    known: bool
    """Whether it is known what the role allows."""
    there: bool
    """Whether the cluster has it as it is here; where none was asked, it is taken to."""


def held_by(source: Source, team: Team, user: User) -> tuple[Held, ...]:
    """All roles of a user, the whole cluster first; what everyone has is left out.

    Those that the roster gives and that are not there yet are among them, unless the next
    deploy takes the user's credential away.
    """
    identity = service_account(team.namespace, user.name)
    policy = source.expected if user.first_day(source.day) else source.policy
    own = [each for each in effective_access(policy, identity).bindings if not is_everyones(each)]
    return tuple(
        Held(
            namespace=binding.namespace,
            name=role_name(binding),
            role=binding.role,
            by=_by(binding, team, identity.subjects[0]),
            known=binding.role in policy.roles,
            there=source.has(binding)
            and source.policy.roles.get(binding.role) == policy.roles.get(binding.role),
        )
        for binding in sorted(own, key=lambda each: (each.namespace, each.role.name, each.name))
    )


def _by(binding: Binding, team: Team, user: Subject) -> By:
    if user in binding.subjects:
        return "user"
    return "team" if Subject("Group", team.group) in binding.subjects else "group"


def role_name(binding: Binding) -> str:
    """A role of the roster's own is named like its binding, `web:ann:role=restarter`."""
    if binding.role.name != binding.name:
        return binding.role.name
    return binding.name.rpartition(":")[2].removeprefix("role=")


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
