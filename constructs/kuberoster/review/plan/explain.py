"""Why a plan does what it does.

An entry counts as explained only as far as what explains it goes: a block that got another
label explains no other subject. Terraform reports drift of most objects right after their first
apply, an empty map for none; so that an address is among the drift means nothing by itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kuberoster.model.days import as_day
from kuberoster.model.objects import ROSTER_LABEL
from kuberoster.model.roster import TeamRoster
from kuberoster.model.token import Token
from kuberoster.model.user import User
from kuberoster.review.plan.addresses import account_address, token_address, user_addresses
from kuberoster.review.plan.document import Change, Plan
from kuberoster.review.plan.entry import Entry, Reason
from kuberoster.review.plan.values import Part, differing, metadata_of, parts_of

Blocks = Mapping[str, Mapping[str, Any]]
"""The resource blocks of a synthesised stack by address."""

# What Kubernetes counts up by itself.
_COUNTED = {"id", "metadata.generation", "metadata.resource_version", "metadata.uid"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Revisions:
    """A team's stack before and after the change that is reviewed."""

    base: Blocks
    head: Blocks


@dataclass(slots=True)
class _Found:
    reasons: list[Reason] = field(default_factory=list)
    parts: set[Part] = field(default_factory=set)
    """Parts that the reasons account for."""
    actions: set[tuple[str, ...]] = field(default_factory=set)
    """Actions that they account for as a whole."""


def entries(
    plan: Plan, team: TeamRoster, day: date, revisions: Revisions | None
) -> tuple[Entry, ...]:
    """Every entry of a plan with what explains it; without revisions no change does."""
    doing = {change.address: change for change in plan.changes if not change.is_nothing}
    drift = {change.address: change for change in plan.drift}
    due = dict(_due(team, day, doing))
    explained: dict[str, tuple[Reason, ...]] = {}
    for address, change in doing.items():
        found = _Found()
        if revisions:
            _by_change(found, revisions.base.get(address), revisions.head.get(address))
        _by_drift(found, drift.get(address))
        _by_upgrade(found, change, team.team.roster)
        if address in due and change.actions == (due[address][0],):
            found.reasons.append(Reason(why="due", text=due[address][1]))
            found.actions.add(change.actions)
        explained[address] = _sufficient(change, found)
    if revisions:
        for address in _following(doing, explained, revisions.head):
            text = "is replaced with its ServiceAccount"
            explained[address] = (Reason(why="follows", text=text), *explained[address])
    return tuple(
        Entry(change=doing[address], reasons=explained[address]) for address in sorted(doing)
    )


def _by_change(found: _Found, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> None:
    if old == new:
        return
    if old is None or new is None:
        text = "is new in this change" if old is None else "goes with this change"
        found.actions.add(("create",) if old is None else ("delete",))
    else:
        text = "differs in this change"
        found.parts |= differing(old, new)
    found.reasons.append(Reason(why="change", text=text))


def _by_drift(found: _Found, drift: Change | None) -> None:
    if drift is None:
        return
    if drift.actions == ("delete",):
        found.actions.add(("create",))
        found.reasons.append(Reason(why="drift", text="was deleted in the cluster"))
    elif parts := _parts(drift) - _COUNTED:
        found.parts |= parts
        text = f"was changed in the cluster: {', '.join(sorted(parts))}"
        found.reasons.append(Reason(why="drift", text=text))


def _by_upgrade(found: _Found, change: Change, roster: str) -> None:
    """Account for the roster's label alone, where the version that deployed had none."""
    if change.actions != ("update",) or not (change.before and change.after):
        return
    before = metadata_of(change.before.values).get("labels") or {}
    after = metadata_of(change.after.values).get("labels") or {}
    if ROSTER_LABEL not in before and after == {**before, ROSTER_LABEL: roster}:
        found.parts.add("metadata.labels")
        text = "gets the label of its roster, which an earlier version did not put on"
        found.reasons.append(Reason(why="upgrade", text=text))


def _sufficient(change: Change, found: _Found) -> tuple[Reason, ...]:
    """The reasons, if together they account for all that is done."""
    if change.actions in found.actions:
        return tuple(found.reasons)
    if change.actions == ("update",):
        done = _parts(change) - _COUNTED
    elif change.is_replacement and change.replace_paths:
        done = parts_of(change.replace_paths)
    else:
        return ()
    return tuple(found.reasons) if done and done <= found.parts else ()


def _parts(change: Change) -> set[Part]:
    before, after = change.before, change.after
    return differing(before.values if before else None, after.values if after else None)


def _following(
    doing: Mapping[str, Change], explained: Mapping[str, tuple[Reason, ...]], head: Blocks
) -> Iterator[str]:
    """Addresses whose replacement is triggered by one that is explained."""
    for address, change in doing.items():
        if change.is_replacement and change.reason == "replace_by_triggers":
            lifecycle = head.get(address, {}).get("lifecycle", {})
            triggers = [
                trigger
                for reference in lifecycle.get("replace_triggered_by", ())
                if (trigger := ".".join(str(reference).split(".")[:2])) in doing
            ]
            if triggers and all(explained[trigger] for trigger in triggers):
                yield address


def _due(
    team: TeamRoster, day: date, doing: Mapping[str, Change]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each address that a day has made come or go, with the action and the day in words.

    Who starts gets everything at once: a binding alone that comes later has another cause.
    """
    for user in team.users:
        if user.suspended is not None:
            continue
        absence = user.absence(day)
        starts = as_day(user.starts)
        if absence and (starts is None or starts <= day):
            yield from (
                (each, ("delete", str(absence))) for each in user_addresses(user, team.team)
            )
        elif not absence:
            account = doing.get(account_address(user))
            if starts and account and account.actions == ("create",):
                text = f"started on {starts}"
                yield from ((each, ("create", text)) for each in user_addresses(user, team.team))
            yield from _ended_tokens(user, day)


def _ended_tokens(user: User, day: date) -> Iterator[tuple[str, tuple[str, str]]]:
    for token in user.tokens:
        if isinstance(token, Token) and not token.lives(day):
            text = f"its last day was {as_day(token.until)}"
            yield token_address(user, token.label), ("delete", text)
