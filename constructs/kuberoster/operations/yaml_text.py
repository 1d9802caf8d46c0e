"""YAML that every reader takes for the same text."""

import re
from typing import Any

import yaml

_PLAIN = re.compile(r"[A-Za-z][!-~]*( [!-~]+)*")


class _Dumper(yaml.SafeDumper):
    """Quotes each text that some reader may take for a number or a truth value.

    PyYAML quotes what PyYAML would misread. kubectl's parser also takes `y`, `n`, `1e3` and
    `0o7` for something else, and all of them are names that users and namespaces may have.
    """


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    plain = len(value) > 1 and _PLAIN.fullmatch(value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def to_yaml(document: dict[str, Any]) -> str:
    """One document in ASCII, its fields in the order that they have."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False)
