"""Where a plan shows what nobody may see; never what it is."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kuberoster.review.plan.document import Plan

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
