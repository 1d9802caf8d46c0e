"""Plans read from what `terraform show -json` writes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kuberoster.model.errors import KuberosterError
from kuberoster.model.objects import TEAM_LABEL
from kuberoster.review.plan.document import Change, Plan, Resource
from kuberoster.review.plan.values import metadata_of

_MAKE = "Make it of the whole stack: terraform plan -out=plan, then terraform show -json plan"


def load_plan(file: Path) -> Plan:
    """The plan in a file; KuberosterError where it is none, or not of one team's stack."""
    try:
        document = json.loads(file.read_bytes())
    except OSError as error:
        raise KuberosterError(f"{file}: {error.strerror}.\n{_MAKE}.") from None
    except (ValueError, RecursionError):
        raise KuberosterError(f"{file}: is no JSON.\n{_MAKE} > FILE.") from None
    return read_plan(document, str(file))


def no_plan(name: str) -> KuberosterError:
    """What is wrong with a document of another form."""
    return KuberosterError(f"{name}: is no plan in Terraform's JSON.\n{_MAKE} > FILE.")


def read_plan(document: Any, name: str) -> Plan:
    """The plan in a document; `name` is what an error calls it."""
    try:
        return _read(document, name)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        raise no_plan(name) from None


def _read(document: Any, name: str) -> Plan:
    version = str(document["format_version"])
    changes = tuple(map(_change, document["resource_changes"]))
    if version.partition(".")[0] != "1":
        raise KuberosterError(
            f"{name}: its format_version is {version[:20]!r}.\nA version that begins with 1 can "
            "be read; Terraform 1.11 and later write it."
        )
    if document.get("errored"):
        raise KuberosterError(f"{name}: is of a plan that failed.\n{_MAKE} > FILE.")
    return Plan(
        team=_team(changes, name),
        changes=changes,
        drift=tuple(map(_change, document.get("resource_drift") or ())),
        before=tuple(_resources(document.get("prior_state") or {})),
        after=tuple(_resources({"values": document["planned_values"]})),
        document=document,
    )


def _team(changes: tuple[Change, ...], name: str) -> str:
    """The team whose label each object of the stack has.

    What is to be counts first: a label in the cluster may have been changed by hand.
    """
    for side in ("after", "before"):
        found = {
            team
            for change in changes
            if (resource := getattr(change, side))
            and (team := (metadata_of(resource.values).get("labels") or {}).get(TEAM_LABEL))
        }
        if len(found) == 1:
            return str(found.pop())
        if found:
            listed = ", ".join(map(repr, sorted(map(str, found))))
            raise KuberosterError(
                f"{name}: has objects of the teams {listed}.\nA plan is of one team's stack."
            )
    raise KuberosterError(
        f"{name}: no object in it has the label {TEAM_LABEL}.\n"
        "It has to be a plan of a stack that kuberoster made."
    )


def _change(entry: Any) -> Change:
    change, type_ = entry["change"], str(entry["type"])
    deposed = f" (deposed {entry['deposed']})" if "deposed" in entry else ""
    address = _printable(f"{entry['address']}{deposed}")
    return Change(
        address=address,
        type=f"data.{type_}" if entry.get("mode") == "data" else type_,
        actions=tuple(map(_printable, change["actions"])),
        before=_resource(address, type_, change["before"]),
        after=_resource(address, type_, change["after"]),
        reason=_printable(reason) if (reason := entry.get("action_reason")) else None,
        replace_paths=tuple(change.get("replace_paths", ())),
        imported=change.get("importing") is not None,
    )


def _resource(address: str, type_: str, values: Any) -> Resource | None:
    if values is None:
        return None
    found = Resource(address=_printable(address), type=type_, values=values)
    _printable(found.namespace + found.name)
    return found


def _printable(text: str) -> str:
    """The text of a file of anybody's, which a terminal is going to show."""
    if not text.isprintable():
        raise ValueError
    return text


def _resources(state: Any) -> Iterator[Resource]:
    modules = [(state.get("values") or {}).get("root_module") or {}]
    for module in modules:
        modules += module.get("child_modules", ())
        for entry in module.get("resources", ()):
            resource = _resource(str(entry["address"]), str(entry["type"]), entry["values"])
            if resource and entry["mode"] == "managed":
                yield resource
