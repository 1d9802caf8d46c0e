"""What a list of kubeconfigs says twice: kubectl takes the first, and Terraform the last.

The current-context is that of the first file that has one, for both; tried with
hashicorp/kubernetes 2.38. In one file both refuse a name that stands there twice.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_KINDS = {"contexts": "context", "clusters": "cluster", "users": "user"}
_PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


def said_differently(files: Sequence[Path]) -> Iterator[tuple[str, Path, Path]]:
    """Each entry, such as `user 'ann'`, that one file has and a later one has otherwise.

    With the two files. What is no kubeconfig is passed over: whoever reads it next says so.
    """
    first: dict[str, tuple[Path, Mapping[str, Any]]] = {}
    for file in files:
        for entry, settings in _entries(file):
            earlier, known = first.setdefault(entry, (file, settings))
            if _meaning(known, earlier) != _meaning(settings, file):
                yield entry, earlier, file


def _entries(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    import yaml  # noqa: PLC0415  # slow to load, and a list of several files is seldom

    if not file.is_file():
        return  # a pipe can be read but once
    try:
        document = yaml.safe_load(file.read_bytes())
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        return
    for plural, kind in _KINDS.items():
        listed = document.get(plural) if isinstance(document, dict) else None
        for item in listed if isinstance(listed, list) else ():
            settings = item.get(kind) if isinstance(item, dict) else None
            if isinstance(settings, dict | None) and isinstance(item, dict):
                yield f"{kind} {item.get('name')!r}", settings or {}


def _meaning(settings: Mapping[str, Any], file: Path) -> Mapping[str, Any]:
    """The settings with the files that they name: a relative path starts at the kubeconfig."""
    meant = {key: value for key, value in settings.items() if key not in ("extensions", "exec")}
    for key in _PATHS:
        if isinstance(named := meant.get(key), str):
            meant[key] = file.parent.absolute() / named
    if isinstance(plugin := settings.get("exec"), dict):
        command = plugin.get("command")
        if isinstance(command, str) and os.sep in command:
            plugin = plugin | {"command": file.parent.absolute() / command}
        meant["exec"] = plugin
    return meant
