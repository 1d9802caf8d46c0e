"""What happens to users and to their tokens, beside what they may do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from kuberoster.model.days import as_day
from kuberoster.model.fields import facts
from kuberoster.model.team import Team
from kuberoster.model.token import Token
from kuberoster.model.user import User
from kuberoster.review.change.side import Side


class Place(NamedTuple):
    """A user with the team, in one of the two rosters."""

    side: Side
    team: Team
    user: User
    absence: str | None
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


def events(before: Place | None, after: Place | None) -> Iterator[str]:
    """What happens to a user, in sentences without a subject; nothing where all stays."""
    if before and after:
        yield from _changed(before, after)
    elif after:
        yield f"is new in {after.team.name}"
        if after.absence:
            yield _absent("has no access", after)
        yield from _told(after.user)
    elif before:
        yield f"is removed from {before.team.name}"
        if before.absence:
            yield f"had no access: {before.absence}"


def _changed(before: Place, after: Place) -> Iterator[str]:
    if move := _move(before.team, after.team):
        yield move
    if before.absence and not after.absence:
        yield f"is active now; until now: {before.absence}"
    elif after.absence and before.absence != after.absence:
        yield _absent("stays without access" if before.absence else "loses all access", after)
    if before.team.name not in before.side.deployed:
        yield from _edited(before.user, after.user)


def _move(before: Team, after: Team) -> str | None:
    """Where a user's ServiceAccount becomes another one, in words."""
    if before.name != after.name:
        return f"moves from {before.name} to {after.name}"
    if before.namespace != after.namespace:
        return f"moves from namespace {before.namespace} to {after.namespace}"
    return None


def _absent(what: str, place: Place) -> str:
    then = ", and has it as reviewed here from then on" if place.first_day else ""
    return f"{what}: {place.absence}{then}"


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


def _edited(before: User, after: User) -> Iterator[str]:
    """What is said otherwise of a user, but access and absence."""
    for fact in facts(after):
        if (old := fact.of(before)) != (new := fact.of(after)):
            yield f"{fact.label}: {old or 'none'} -> {new or 'none'}"
    ends = _ends(before)
    for label, end in _ends(after).items():
        if label in ends and ends[label] != end:
            yield f"last day of token {label}: {ends[label] or 'none'} -> {end or 'none'}"


def _told(user: User) -> Iterator[str]:
    """What is said of a new user, beside access."""
    for fact in facts(user):
        if fact.told_of_new and (said := fact.of(user)):
            yield f"{fact.label}: {said}"
    for label, end in _ends(user).items():
        if end:
            yield f"last day of token {label}: {end}"


def _ends(user: User) -> dict[str, date | None]:
    return {each.label: as_day(each.until) for each in user.tokens if isinstance(each, Token)}
