"""What of a plan must not pass unseen."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from kuberoster.model.counted import counted
from kuberoster.model.objects import NO_PODS, POD_SECURITY
from kuberoster.review.change.blocks import Block
from kuberoster.review.plan.document import Change, Plan, Resource
from kuberoster.review.plan.entry import Entry
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


_SECRETS = ("kubernetes_secret", "kubernetes_secret_v1", "kubernetes_secret_v1_data")
_HELD = ("data", "binary_data", "data_wo", "binary_data_wo")
# How the header of a signed token begins, plain and in base64.
_TOKEN = re.compile(r"eyJ[\w-]{15,}\.eyJ[\w-]{10,}\.|ZXlK[\w+/]{30,}")


def shown_values(plan: Plan) -> list[str]:
    """The places of a plan in which a value can be read, sorted; each is named once."""
    document = plan.document
    found = set[str]()
    for part in ("resource_changes", "resource_drift"):
        for entry in document.get(part) or ():
            change = entry["change"]
            for side in ("before", "after"):
                marks = change.get(f"{side}_sensitive")
                found.update(_of_resource(entry, change.get(side), marks))
    for state in (document.get("prior_state") or {}, {"values": document["planned_values"]}):
        found.update(_of_state(state.get("values") or {}))
    for name, change in (document.get("output_changes") or {}).items():
        for side in ("before", "after"):
            if any(_marked(change.get(side), change.get(f"{side}_sensitive"), "")):
                found.add(f"output {name}")
    if not found and _holds_token(document):
        found.add("a text that looks like a token")
    return sorted(found)


def _of_state(values: Mapping[str, Any]) -> Iterator[str]:
    for name, output in (values.get("outputs") or {}).items():
        if output.get("sensitive") and not _is_empty(output.get("value")):
            yield f"output {name}"
    modules = [values.get("root_module") or {}]
    for module in modules:
        modules += module.get("child_modules") or ()
        for entry in module.get("resources") or ():
            yield from _of_resource(entry, entry.get("values"), entry.get("sensitive_values"))


def _of_resource(entry: Mapping[str, Any], values: Any, marks: Any) -> Iterator[str]:
    address = entry["address"]
    if entry["type"] in _SECRETS:
        yield from (
            f"{address}: {name}" for name in _HELD if not _is_empty((values or {}).get(name))
        )
    yield from (f"{address}: {path}" for path in _marked(values, marks, ""))


def _marked(values: Any, marks: Any, path: str) -> Iterator[str]:
    """The paths that are marked as sensitive and have a value."""
    if marks is True:
        if not _is_empty(values):
            yield path.lstrip(".") or "its value"
    elif isinstance(marks, Mapping) and isinstance(values, Mapping):
        for key, mark in marks.items():
            yield from _marked(values.get(key), mark, f"{path}.{key}")
    elif isinstance(marks, list) and isinstance(values, list):
        for value, mark in zip(values, marks, strict=False):
            yield from _marked(value, mark, path)


def _holds_token(value: Any) -> bool:
    if isinstance(value, str):
        return _TOKEN.search(value) is not None
    if isinstance(value, Mapping):
        return any(_holds_token(each) for each in value.values())
    return isinstance(value, list) and any(map(_holds_token, value))


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


_NAMED = 8
"""Of more of a kind than these only the first are named in a block."""


def plan_blocks(plan: Plan, entries: Iterable[Entry], *, has_base: bool) -> Iterator[Block]:
    """What stops a review of one team's plan; without a base nothing is unexplained."""
    if has_base:
        yield from _unexplained(plan, [entry for entry in entries if not entry.reasons])
    yield from _replaced_accounts(plan)
    yield from _destroyed_namespaces(plan)
    for guard in lowered_guards(plan):
        yield Block(
            kind="guard-lowered",
            about=(plan.team, guard.object, guard.guard),
            team=plan.team,
            what=f"{plan.team}: {guard.what}",
            mend="A pod in a users' namespace can use any user's identity. Put back what keeps "
            "pods out, as main.py's stacks have it.",
        )
    imported = [change for change in plan.changes if change.imported and _is_secret(change)]
    if imported:
        yield Block(
            kind="secret-imported",
            about=(plan.team,),
            team=plan.team,
            what=f"{plan.team}: {_listed(imported)} would be imported",
            mend="An import reads the token into Terraform's state. Take the import out; "
            f"kuberoster recover {plan.team} adopts a Secret without reading it.",
        )
    if shown := shown_values(plan):
        yield Block(
            kind="sensitive-value",
            about=(plan.team,),
            team=plan.team,
            what=f"{plan.team}: the plan shows {'; '.join(shown[:_NAMED])}{_more(len(shown))}",
            mend="Whoever has the plan or the state has it. Find out what reads it, take that out "
            "of the configuration and the state, and rotate the token.",
        )


def revoked_block(team: str, user: str, what: str) -> Block:
    """What stops a change by which a revoked user would have access again."""
    return Block(
        kind="revoked-user",
        about=(team, user),
        team=team,
        what=f"{user} ({team}): {what}",
        mend='Suspend the user (suspended="why") or remove the user; only where access is meant '
        f"to come back, lift it first: kuberoster revoke {user} --lift",
    )


def _unexplained(plan: Plan, entries: list[Entry]) -> Iterator[Block]:
    if entries:
        named = ", ".join(f"{each.action} {each.change.address}" for each in entries[:_NAMED])
        yield Block(
            kind="unexplained",
            about=(plan.team,),
            team=plan.team,
            what=f"{plan.team}: the plan does {counted(len(entries), 'thing')} that neither this "
            f"change, nor a day that has come, nor drift explains: {named}{_more(len(entries))}",
            mend="State and cluster are not at the base: a deploy failed, is still to come, or "
            "was made from elsewhere. Deploy the base first, or bring them together: "
            f"kuberoster recover {plan.team}",
        )


def _replaced_accounts(plan: Plan) -> Iterator[Block]:
    accounts = [change for change in plan.changes if change.object.kind == "ServiceAccount"]
    going = {_key(each): each for each in accounts if "delete" in each.actions and each.before}
    coming = {
        (each.after.namespace, each.after.name)
        for each in accounts
        if "create" in each.actions and each.after
    }
    for key in sorted(going.keys() & coming):
        change = going[key]
        why = f" ({change.reason})" if change.reason else ""
        yield Block(
            kind="service-account-replaced",
            about=(plan.team, change.address),
            team=plan.team,
            what=f"{plan.team}: {change.address} is destroyed and made again under its own "
            f"name{why}: all tokens of {key[1]} end",
            mend="Nothing of the roster asks for it. Take the taint, -replace or move away that "
            "does; to end a user's tokens on purpose, rotate them or revoke the user.",
        )


def _destroyed_namespaces(plan: Plan) -> Iterator[Block]:
    for change in plan.changes:
        if change.before is None or change.before.kind != "Namespace":
            continue
        if "delete" not in change.actions:
            continue
        name = change.before.name
        users = [
            each.name
            for each in plan.before
            if each.kind == "ServiceAccount" and each.namespace == name and each.name != "default"
        ]
        if users:
            named = ", ".join(sorted(users)[:_NAMED]) + _more(len(users))
            yield Block(
                kind="namespace-destroyed",
                about=(plan.team, change.address),
                team=plan.team,
                what=f"{plan.team}: {change.address} is destroyed, and in it "
                f"{counted(len(users), 'user')}: {named}",
                mend="Every token of theirs ends at once. First deploy the team with "
                "`USERS = []`, or move the users to another team.",
            )


def _key(change: Change) -> tuple[str, str]:
    return (change.before.namespace, change.before.name) if change.before else ("", "")


def _is_secret(change: Change) -> bool:
    return change.type.startswith("kubernetes_secret")


def _listed(changes: list[Change]) -> str:
    return ", ".join(each.address for each in changes[:_NAMED]) + _more(len(changes))


def _more(number: int) -> str:
    return f" and {number - _NAMED} more" if number > _NAMED else ""
