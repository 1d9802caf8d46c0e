"""An object as Terraform's Kubernetes provider writes it: a manifest's fields in its own names."""

import re
from collections.abc import Mapping
from typing import Any

_BLOCKS = {"rules": "rule", "subjects": "subject"}
"""A list is a block for each of its items, in the singular."""
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
RULE_FIELDS = {
    field: _WORD.sub("_", field).lower()
    for field in ("apiGroups", "resources", "resourceNames", "verbs", "nonResourceURLs")
}


def attributes(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a resource that makes an object; what people wrote is taken as it is."""
    found = {
        _BLOCKS.get(field, _name(field)): _written(field, value)
        for field, value in manifest.items()
        if field not in ("apiVersion", "kind")
    }
    metadata = found["metadata"]
    if "annotations" in metadata:
        metadata["annotations"] = literals(metadata["annotations"])
    return found


def literal(text: str) -> str:
    """Text that Terraform takes as it is: no `${...}` or `%{...}` in it is evaluated."""
    return text.replace("${", "$${").replace("%{", "%%{")


def literals(texts: Mapping[str, str]) -> dict[str, str]:
    """The values of annotations as Terraform takes them as they are."""
    return {key: literal(text) for key, text in texts.items()}


def _written(field: str, value: Any) -> Any:
    match field:
        case "metadata" | "roleRef":
            return {_name(key): each for key, each in value.items()}
        case "rules":
            return [_rule(rule) for rule in value]
        case "subjects":
            return [_subject(subject) for subject in value]
    return value


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    named = {"resourceNames": [literal(name) for name in rule.get("resourceNames", ())]}
    return {RULE_FIELDS[field]: named.get(field, value) for field, value in rule.items()}


def _subject(subject: Mapping[str, str]) -> dict[str, str]:
    written = {_name(key): each for key, each in subject.items()}
    # Left out, the provider would write the namespace `default`, and a Group has none.
    return written if "namespace" in written else {**written, "namespace": ""}


def _name(field: str) -> str:
    return _WORD.sub("_", field).lower()
