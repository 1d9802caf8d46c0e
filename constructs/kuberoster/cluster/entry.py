"""Typed access to one cluster's or user's entry of a kubeconfig."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kuberoster.cluster.errors import ClusterError


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry: what it is, its name, its settings and the file that it was written in.

    Every accessor treats `null` as absent, and raises ClusterError for a value of another type
    without quoting the value.
    """

    kind: str
    name: str
    file: Path
    settings: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.file}: {self.kind} '{self.name}'"

    def wrong(self, problem: str) -> ClusterError:
        """Make an error that names this entry."""
        return ClusterError(f"{self}: {problem}")

    def text(self, key: str) -> str:
        """Return a string, or '' when absent."""
        value = self.settings.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.wrong(
                f"'{key}' must be text, but YAML reads it as {type(value).__name__}. "
                "Put it in quotes."
            )
        return value

    def flag(self, key: str) -> bool:
        """Return true or false; false when absent."""
        value = self.settings.get(key)
        if not isinstance(value, bool | None):
            raise self.wrong(f"'{key}' must be true or false, without quotes.")
        return bool(value)

    def texts(self, key: str) -> list[str]:
        """Return a list of strings; empty when absent."""
        value = self.settings.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(f"'{key}' must be a list of texts.")
        return value

    def part(self, key: str) -> Entry | None:
        """Return a mapping inside this entry, as an entry of the same name."""
        value = self.settings.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(f"'{key}' must be a mapping.")
        return Entry(kind=self.kind, name=self.name, file=self.file, settings=value)

    def mappings(self, key: str) -> list[Mapping[str, Any]]:
        """Return a list of mappings; empty when absent."""
        value = self.settings.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(f"'{key}' must be a list of mappings.")
        return value

    def path(self, key: str) -> Path | None:
        """Return a file's path; a relative one starts at the kubeconfig's own folder."""
        value = self.text(key)
        return self.file.parent / value if value else None

    def file_content(self, key: str) -> bytes | None:
        """Read what the file that `key` names holds now."""
        path = self.path(key)
        if path is None:
            return None
        try:
            return path.read_bytes()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a path"
            raise self.wrong(f"'{key}' names {path}, which can't be read: {reason}.") from error

    def content(self, key: str) -> bytes | None:
        """Decode `<key>-data` or read the file that `key` names; kubectl refuses both together."""
        data = self.text(f"{key}-data")
        if data and self.text(key):
            raise self.wrong(f"has both '{key}' and '{key}-data'. Keep one.")
        if not data:
            return self.file_content(key)
        try:
            return base64.b64decode("".join(data.split()), validate=True)
        except (binascii.Error, ValueError):
            raise self.wrong(f"'{key}-data' is not base64. Was it cut or wrapped?") from None
