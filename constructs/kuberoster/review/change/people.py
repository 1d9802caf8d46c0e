"""What happens to users and to their tokens, beside what they may do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from kuberoster.model.days import as_day
from kuberoster.model.fields import facts
from kuberoster.model.team import Team
from kuberoster.model.token import Token
from kuberoster.model.user import Absence, User
from kuberoster.review.change.event import Event, Value, What, changed
from kuberoster.review.change.side import Side


class Place(NamedTuple):
    """A user with the team, in one of the two rosters."""

    side: Side
    team: Team
    user: User
    absence: Absence | None
    """Why the user is not active on the day of the review."""
    first_day: date | None
    """The first day from then on with access; None for who has none as things are written."""

    @property
    def if_expected(self) -> tuple[Side, Team] | None:
        """Side and team of who is active or starts later."""
        return (self.side, self.team) if self.first_day else None


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenChange:
    """What happens to one token of a user."""

    label: str
    change: Literal["issued", "revoked", "replaced"]
    """`replaced`: a new one of the same label, because its ServiceAccount is a new one."""

    def document(self) -> dict[str, Any]:
        """The change as JSON has it."""
        return {"label": self.label, "change": self.change}


def places(side: Side, day: date) -> dict[str, Place]:
    """Every user of a side by name."""
    return {
        user.name: Place(side, team, user, None, day)
        if team.name in side.deployed
        else Place(side, team, user, user.absence(day), user.first_day(day))
        for team, user in side.members()
    }


def events(before: Place | None, after: Place | None) -> Iterator[Event]:
    """What happens to a user; nothing where all stays."""
    if before and after:
        yield from _changed(before, after)
    elif after:
        name = after.team.name
        yield Event(what="added", field="team", after=name, label=f"is new in {name}")
        if after.absence:
            yield _absent("absent", "has no access", None, after)
        yield from _told(after.user)
    elif before:
        name = before.team.name
        yield Event(what="removed", field="team", before=name, label=f"is removed from {name}")
        if before.absence:
            yield _present("absent", "had no access", before.absence)


def _changed(before: Place, after: Place) -> Iterator[Event]:
    if move := _move(before.team, after.team):
        yield move
    was, now = before.absence, after.absence
    if was and not now:
        yield _present("activated", "is active now; until now", was)
    elif was and was != now:
        yield _absent("still-absent", "stays without access", was, after)
    elif now and was != now:
        yield _absent("deactivated", "loses all access", None, after)
    yield from _edited(before, after)


def _move(before: Team, after: Team) -> Event | None:
    """Where a user's ServiceAccount becomes another one."""
    if before.name != after.name:
        old, new, place = before.name, after.name, "team"
        label = f"moves from {old} to {new}"
    elif before.namespace != after.namespace:
        old, new, place = before.namespace, after.namespace, "namespace"
        label = f"moves from namespace {old} to {new}"
    else:
        return None
    return Event(what="moved", field=place, before=old, after=new, label=label)


def _absent(what: What, label: str, was: Absence | None, place: Place) -> Event:
    then = ", and has it as reviewed here from then on" if place.first_day else ""
    return Event(
        what=what,
        field="absence",
        before=_code(was),
        after=_code(place.absence),
        label=label,
        detail=f"{place.absence}{then}",
    )


def _present(what: What, label: str, was: Absence) -> Event:
    return Event(what=what, field="absence", before=_code(was), label=label, detail=str(was))


def _code(absence: Absence | None) -> Value:
    return (absence.why, absence.said) if absence else None


def token_changes(before: Place | None, after: Place | None) -> list[TokenChange]:
    """What happens to the tokens of a user, by label."""
    old, new = _labels(before), _labels(after)
    found = [TokenChange(label=label, change="revoked") for label in old if label not in new]
    found += [TokenChange(label=label, change="issued") for label in new if label not in old]
    if before and after and _move(before.team, after.team):
        found += [TokenChange(label=label, change="replaced") for label in new if label in old]
    return sorted(found, key=lambda each: (each.label, each.change))


def _labels(place: Place | None) -> list[str]:
    return place.user.on(place.first_day).labels if place and place.first_day else []


def _edited(before: Place, after: Place) -> Iterator[Event]:
    """What is said otherwise of a user, as far as it is known, but access and absence."""
    deployed = before.team.name in before.side.deployed
    for fact in facts(after.user):
        old, new = fact.of(before.user), fact.of(after.user)
        if old != new and (fact.annotated or not deployed):
            yield changed(fact.name, old, new, label=fact.label)
    if deployed:
        return
    ends = _ends(before.user)
    for label, end in _ends(after.user).items():
        if label in ends and ends[label] != end:
            yield changed(f"tokens.{label}", ends[label], end, label=_last_day(label))
    was, now = before.user.looks_like, after.user.looks_like
    for other in sorted(was.keys() | now.keys()):
        if was.get(other) != now.get(other):
            name, label = f"looks_like.{other}", _confused(other)
            yield changed(name, was.get(other), now.get(other), label=label)


def _told(user: User) -> Iterator[Event]:
    """What is said of a new user, beside access."""
    for fact in facts(user):
        if fact.told_of_new and (said := fact.of(user)):
            yield Event(what="said", field=fact.name, after=said, label=fact.label, detail=said)
    for label, end in _ends(user).items():
        if end:
            told = _last_day(label)
            yield Event(what="said", field=f"tokens.{label}", after=end, label=told, detail=end)

    for other, reason in sorted(user.looks_like.items()):
        told = _confused(other)
        yield Event(
            what="said", field=f"looks_like.{other}", after=reason, label=told, detail=reason
        )


def _confused(other: str) -> str:
    return f"name meant although it looks like {other}"


def _last_day(label: str) -> str:
    return f"last day of token {label}"


def _ends(user: User) -> dict[str, str | None]:
    tokens = (each for each in user.tokens if isinstance(each, Token))
    return {each.label: str(end) if (end := as_day(each.until)) else None for each in tokens}
