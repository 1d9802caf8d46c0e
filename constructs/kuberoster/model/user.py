"""A user: a person or a machine outside the cluster, with one ServiceAccount."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, Self

from kuberoster.model.access import Grant, access_faults
from kuberoster.model.days import Day, as_day, day_faults
from kuberoster.model.errors import Fault
from kuberoster.model.fields import (
    as_tuple,
    checked_fields,
    fact_faults,
    told,
    unknown_field_faults,
)
from kuberoster.model.names import (
    GENERATE_NAME_LENGTH,
    email_faults,
    namespace_faults,
    shortened,
    text_faults,
    user_name_faults,
)
from kuberoster.model.place import here
from kuberoster.model.token import Token, secret_prefix

Why = Literal["suspended", "not started", "expired", "no token", "not deployed"]


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a user has no access: a code, and the day or the reason that users/ says."""

    why: Why
    """`no token` is of a user who is expected to have one: what helps is to add a token."""
    said: str = ""

    def __str__(self) -> str:
        match self.why:
            case "suspended":
                return f"suspended: {self.said}"
            case "not started":
                return f"starts on {self.said}"
            case "expired":
                return f"expired on {self.said}"
            case "no token":
                return "the time of every token is over"
            case "not deployed":
                return "not deployed"


@checked_fields
@dataclass(frozen=True)
class User:
    """A person or machine that gets a ServiceAccount, a token Secret and bindings.

    `User("ann", email="ann@example.com", access=[edit("web"), view("api")])`. Nothing is
    checked here: `faults` says what is wrong, so that a roster's problems come all at once.
    """

    name: str
    """The ServiceAccount's name: a DNS-1123 subdomain, 63 characters at most."""
    email: str | None = field(
        default=None,
        kw_only=True,
        metadata=told(email_faults, annotated=True, speaks=True),
    )
    """Whom to write to. A user has an email, an owner, or both."""
    owner: str | None = field(
        default=None, kw_only=True, metadata=told(text_faults, annotated=True)
    )
    """Who answers for a machine: another user's name, or an e-mail address."""
    access: Sequence[Grant] = field(default=(), kw_only=True)
    """What the user may do, beside what the whole team may."""
    tokens: Sequence[Token | str] = field(default=("main",), kw_only=True)
    """A label for each long-lived token, such as `2026q4`; the last one is handed out."""
    starts: Day | None = field(
        default=None,
        kw_only=True,
        metadata=told(
            day_faults, label="first day", plain=as_day, told_of_new=False, reported=False
        ),
    )
    """The first day, in UTC; at once when left out."""
    expires: Day | None = field(
        default=None,
        kw_only=True,
        metadata=told(day_faults, label="last day", plain=as_day, reported=False),
    )
    """The last day, in UTC; never when left out."""
    suspended: str | None = field(default=None, kw_only=True)
    """Why the user has no access for now; the name stays taken."""
    namespace: str | None = field(
        default=None,
        kw_only=True,
        metadata=told(namespace_faults, label="namespace of the kubeconfig", reported=False),
    )
    """The kubeconfig's namespace; the first one granted when left out."""
    note: str | None = field(
        default=None,
        kw_only=True,
        metadata=told(text_faults, annotated=True, speaks=True),
    )
    """Why this user exists, in a line."""
    looks_like: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    """Names that this one may be confused with on purpose, each with the reason."""
    place: str | None = field(default=None, init=False, compare=False, repr=False)
    """Where it is written: `users/web.py:12`; None for what no file of users/ makes."""

    def __post_init__(self) -> None:
        as_tuple(self, "access", "tokens")
        if isinstance(self.tokens, tuple):
            tokens = tuple(Token(item) if type(item) is str else item for item in self.tokens)
            object.__setattr__(self, "tokens", tokens)
        if isinstance(self.looks_like, Mapping):
            object.__setattr__(self, "looks_like", dict(self.looks_like))
        object.__setattr__(self, "place", here())

    @property
    def labels(self) -> list[str]:
        """The labels of the user's tokens."""
        return [token.label for token in self.tokens if isinstance(token, Token)]

    def absence(self, day: date) -> Absence | None:
        """Why the user has no access on this day; None for a user who is active."""
        if self.suspended is not None:
            return Absence("suspended", self.suspended)
        starts, expires = as_day(self.starts), as_day(self.expires)
        if starts and day < starts:
            return Absence("not started", str(starts))
        if expires and day > expires:
            return Absence("expired", str(expires))
        return None if self._living(day) else Absence("no token")

    def first_day(self, day: date) -> date | None:
        """The first day, from this one on, on which the user is active as things are written."""
        starts = as_day(self.starts)
        first = max(day, starts) if starts else day
        return None if self.absence(first) else first

    def on(self, day: date) -> Self:
        """The user with the tokens of this day alone."""
        user = replace(self, tokens=self._living(day))
        object.__setattr__(user, "place", self.place)
        return user

    def _living(self, day: date) -> list[Token]:
        return [t for t in self.tokens if isinstance(t, Token) and t.lives(day)]

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the user alone; the roster checks it against all others."""
        yield from unknown_field_faults(self)
        yield from user_name_faults(self.name)
        if self.email is None and self.owner is None:
            yield Fault(
                "has neither email nor owner",
                "Somebody answers for each credential. Give a person an email, "
                "and a machine an owner.",
            )
        yield from fact_faults(self)
        yield from access_faults(self.access)
        yield from self._token_faults()
        yield from self._lifetime_faults()
        yield from self._looks_like_faults()

    def _token_faults(self) -> Iterator[Fault]:
        if not isinstance(self.tokens, tuple) or not self.tokens:
            yield Fault(
                f"tokens is {shortened(self.tokens)}",
                "It is a list with at least one label, such as ['2026q4'].",
            )
            return
        for token in self.tokens:
            if not isinstance(token, Token):
                yield Fault(
                    f"tokens has {shortened(token)}",
                    "It has labels, such as '2026q4', or Token('2026q4', until='2027-01-31').",
                )
                continue
            faults = list(token.faults())
            yield from faults
            if faults or any(user_name_faults(self.name)):
                continue
            label = token.label
            prefix = secret_prefix(self.name, label)
            if len(prefix) > GENERATE_NAME_LENGTH:
                yield Fault(
                    f"token {label!r}: its Secret's prefix {prefix!r} has {len(prefix)} characters",
                    f"The API server keeps {GENERATE_NAME_LENGTH}, user and label and two '-'. "
                    "Shorten the label or the name.",
                )
        labels = [label for label in self.labels if type(label) is str]
        if len(set(labels)) < len(labels):
            yield Fault(
                f"tokens has a label twice: {shortened(labels)}",
                "Each label is one token. Remove the double.",
            )

    def _lifetime_faults(self) -> Iterator[Fault]:
        starts, expires = as_day(self.starts), as_day(self.expires)
        if starts and expires and expires < starts:
            yield Fault(
                f"expires on {expires} and starts on {starts}",
                "Both days count, so the last is the first or a later one.",
            )
        if self.suspended is not None:
            yield from text_faults("suspended", self.suspended)

    def _looks_like_faults(self) -> Iterator[Fault]:
        if not isinstance(self.looks_like, dict):
            yield Fault(
                f"looks_like is {shortened(self.looks_like)}",
                "It maps the other name to the reason: {'ann.smith': 'two people'}.",
            )
            return
        for other, reason in self.looks_like.items():
            if type(other) is not str:
                yield Fault(f"looks_like names {shortened(other)}", "It names another user.")
            yield from text_faults(f"looks_like[{shortened(other)}]", reason)
