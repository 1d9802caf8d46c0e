"""What keeps pods out of a users' namespace, and whether a plan lowers it."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from kuberoster.model.objects import NO_PODS, POD_SECURITY
from kuberoster.review.plan.document import Change, Plan, Resource
from kuberoster.review.plan.values import first_of, metadata_of

_ENFORCE, _VERSION = POD_SECURITY
_VERSIONED = re.compile(r"v(\d+)\.(\d+)")


class Lowered(NamedTuple):
    """A guard that a plan lowers or takes away."""

    object: str
    """Kind, namespace and name of what guards, or is guarded."""
    guard: str
    """Which of its guards: `object`, `pods`, `automount`, `level` or `version`."""
    what: str
    """In words."""


def lowered_guards(plan: Plan) -> Iterator[Lowered]:
    """Each guard that a plan lowers or takes away."""
    going = {
        change.before.name
        for change in plan.changes
        if change.before and change.before.kind == "Namespace" and "delete" in change.actions
    }
    for change in plan.changes:
        if change.is_nothing or change.type.startswith("data."):
            continue
        before, after = change.before, change.after
        held = before is None or not change.ends or _is_guarded_or_gone(before, after, going)
        if before and not held and _is_guard(before):
            shown = _shown(before)
            yield Lowered(shown, "object", f"{shown} is taken away, and the namespace stays")
        if after:
            yield from _lowered(change, after)


def _is_guarded_or_gone(before: Resource, after: Resource | None, going: Collection[str]) -> bool:
    """Whether the namespace has its guard again, or goes itself."""
    same_place = after is not None and after.namespace == before.namespace
    return same_place or (before.namespace or before.name) in going


def _lowered(change: Change, after: Resource) -> Iterator[Lowered]:
    shown = _shown(after)
    if after.kind == "ResourceQuota":
        pods = (first_of(after.values, "spec").get("hard") or {}).get("pods")
        if pods != NO_PODS["pods"]:
            yield Lowered(shown, "pods", f"{shown} allows {pods or 'any number of'} pods")
    elif after.kind == "ServiceAccount":
        if after.values.get("automount_service_account_token") is not False:
            yield Lowered(shown, "automount", f"pods get the token of {shown} by default")
    elif after.kind == "Namespace":
        yield from _lowered_labels(_labels(change.before), _labels(after), shown)


def _lowered_labels(
    old: Mapping[str, str], new: Mapping[str, str], shown: str
) -> Iterator[Lowered]:
    level, version = new.get(_ENFORCE), new.get(_VERSION)
    if level != POD_SECURITY[_ENFORCE]:
        what = f"{shown} enforces Pod Security {level or 'no longer'}"
        yield Lowered(shown, "level", what)
    if _number(version) < _number(old.get(_VERSION) or POD_SECURITY[_VERSION]):
        what = f"{shown} enforces Pod Security of {version or 'no set version'}"
        yield Lowered(shown, "version", what)


def _number(version: str | None) -> tuple[int, ...]:
    """A version as a number; what an upgrade can change, such as `latest`, is below all others."""
    found = _VERSIONED.fullmatch(version or "")
    return tuple(map(int, found.groups())) if found else ()


def _labels(resource: Resource | None) -> Mapping[str, str]:
    labels: Mapping[str, str] = (
        (metadata_of(resource.values).get("labels") or {}) if resource else {}
    )
    return labels


def _is_guard(resource: Resource) -> bool:
    return resource.kind in ("Namespace", "ResourceQuota") or (
        resource.kind == "ServiceAccount" and resource.name == "default"
    )


def _shown(resource: Resource) -> str:
    place = f"{resource.namespace}/" if resource.namespace else ""
    return f"{resource.kind} {place}{resource.name}"
