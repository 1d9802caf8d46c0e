"""What of a stored state can be read without Terraform, and why not where it can't."""

import base64
import json
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from kuberoster.cluster import Cluster, NotFound
from kuberoster.cluster.inventory import Key
from kuberoster.cluster.kinds import collection
from kuberoster.model.counted import counted
from kuberoster.model.settings import Settings, state_suffix
from kuberoster.terraform.state import Document, State

_VERSION = 4
"""Of the format that Terraform has written since 0.12; State reads no other one."""
_HOLDING = ("ServiceAccount", "Secret", "ResourceQuota")
"""Kinds of a team's own namespace; its bindings lie in others too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenState:
    """A stored state, as far as it can be seen."""

    document: Document | None = None
    """None where there is no state yet, or where it can't be read."""
    unreadable: str | None = None
    """Why it can't be read, as the end of a sentence: `is encrypted`."""
    cut: bool = False
    """Whether it is a plain state that breaks off, so that nothing at all can read it."""

    @property
    def may_hold(self) -> bool:
        """Whether it has resources, or may have some: nothing says that it is empty."""
        return self.unreadable is not None or bool(self.document and self.document["resources"])

    def namespaces(self) -> set[str]:
        """The namespaces in which it has users; none where it can't be read."""
        return {_home(key) for key in self.tracked()} - {""}

    def tracked(self) -> set[Key]:
        """The objects that it has; none where it can't be read."""
        if self.document is None:
            return set()
        try:
            return {key for _, key in State(self.document).tracked()}
        except (KeyError, TypeError, AttributeError):  # what no Terraform wrote says nothing
            return set()


def see_state(cluster: Cluster, settings: Settings, team: str, file: Path) -> SeenState:
    """The state of a team; nothing with a backend other than `kubernetes` and `local`.

    `file` is where the backend `local` has it. Raises ClusterError.
    """
    if settings.state.backend == "kubernetes":
        secrets = collection("Secret", settings.state.namespace)
        return see_secret(cluster, f"{secrets}/tfstate-default-{state_suffix(team)}")
    return see_file(file) if settings.state.backend == "local" else SeenState()


def see_file(file: Path) -> SeenState:
    """A file of the backend `local`; an empty one is no state."""
    try:
        return _see(file.read_bytes())
    except FileNotFoundError:
        return SeenState()
    except OSError as error:
        return SeenState(unreadable=f"can't be opened: {error.strerror}")


def see_secret(cluster: Cluster, secret: str) -> SeenState:
    """A state of the backend `kubernetes`, from as many Secrets as Terraform split it over.

    `secret` is the path of the first; Terraform 1.11 cuts the compressed state at 1 MiB, into
    `<name>`, `<name>-part-1` and so on. Raises ClusterError.
    """
    parts = list(_parts(cluster, secret))
    compressed = b"".join(parts)
    if not compressed:
        return SeenState()
    # What follows the end of the stream is a part of a longer state before.
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = stream.decompress(compressed)
    except zlib.error:
        return SeenState(unreadable="is not compressed by gzip, as Terraform does it")
    if not stream.eof:
        what = f"breaks off after {counted(len(parts), 'Secret')}"
        return SeenState(unreadable=f"{what}: a part is cut, or -part-{len(parts)} is missing")
    return _see(content)


def _parts(cluster: Cluster, secret: str) -> Iterator[bytes]:
    with suppress(NotFound):
        for part in count():
            found = cluster.get(f"{secret}-part-{part}" if part else secret)
            yield base64.b64decode((found.get("data") or {}).get("tfstate", ""))


def _see(content: bytes) -> SeenState:
    if not content:
        return SeenState()
    try:
        text = content.decode()
        document = json.loads(text)
    except UnicodeDecodeError:
        return SeenState(unreadable="is no JSON")
    except RecursionError:
        return SeenState(unreadable="is no state: its JSON is nested too deep")
    except json.JSONDecodeError as error:
        return _see_broken(text, error)
    why = _fault_of(document)
    return SeenState(unreadable=why) if why else SeenState(document=document)


def _fault_of(document: object) -> str | None:
    """Why a JSON value is no state that can be read here."""
    if not isinstance(document, dict):
        return "is no state: its JSON is no object"
    if "encrypted_data" in document or "encryption_version" in document:
        return "is encrypted, as OpenTofu does it"
    if "version" not in document:
        return "is no state: it has no version"
    if document["version"] != _VERSION:
        return f"has version {document['version']!r}, and only {_VERSION} can be read here"
    return None if isinstance(document.get("resources"), list) else "has no list of resources"


def _see_broken(text: str, error: json.JSONDecodeError) -> SeenState:
    ends = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
    # Terraform writes the version first; an encrypted state has none.
    plain = text.lstrip().startswith("{") and text.lstrip("{ \r\n\t").startswith('"version"')
    if ends:
        why = f"breaks off after {len(text.encode()):,} bytes"
        return SeenState(unreadable=why, cut=plain and '"encrypted_data"' not in text)
    return SeenState(unreadable=f"is no JSON: {error.msg} at line {error.lineno}")


def _home(key: Key) -> str:
    kind, namespace, name = key
    return name if kind == "Namespace" else namespace if kind in _HOLDING else ""
