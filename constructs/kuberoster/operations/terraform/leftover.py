"""Terraform states that still hold resources, of teams that have no file any more."""

import base64
import json
import re
import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

from kuberoster.model.settings import TEAM_PLACEHOLDER, Settings, state_suffix
from kuberoster.operations.cluster import Cluster, NotFound, from_one_moment
from kuberoster.operations.kinds import collection
from kuberoster.operations.terraform.stored import state_file

_SECRET = "tfstate-default-"  # noqa: S105  # a name's start
_TEAM = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"


def teams_with_state(
    cluster: Cluster, settings: Settings, *, without: Collection[str]
) -> Iterator[str]:
    """The teams, but those of `without`, whose state has resources.

    A state that can't be read counts too, since nothing says that it is empty. With a backend
    other than `kubernetes` and `local` nothing can be seen, and nothing is found.
    """
    if settings.state.backend == "kubernetes":
        yield from _in_cluster(cluster, settings.state.namespace, without)
    elif settings.state.backend == "local":
        for team, file in _local_files(settings):
            if team not in without and _has_resources(file.read_bytes()):
                yield team


def _in_cluster(cluster: Cluster, namespace: str, without: Collection[str]) -> Iterator[str]:
    secrets = collection("Secret", namespace)
    states = re.compile(re.escape(_SECRET) + state_suffix(f"({_TEAM})"))
    names = from_one_moment(
        lambda: [item["metadata"]["name"] for item in cluster.list_metadata(secrets)]
    )
    for found in filter(None, map(states.fullmatch, names)):
        if found[1] not in without:
            compressed = _compressed(cluster, f"{secrets}/{found[0]}")
            if compressed and _has_resources(_decompressed(compressed)):
                yield found[1]


def _compressed(cluster: Cluster, secret: str) -> bytes:
    """A state from as many Secrets as Terraform split it over; empty where there is none yet.

    Terraform 1.11 cuts the compressed state at 1 MiB, into `<name>`, `<name>-part-1` and so on.
    """
    parts = []
    with suppress(NotFound):
        for part in count():
            found = cluster.get(f"{secret}-part-{part}" if part else secret)
            parts.append(base64.b64decode((found.get("data") or {}).get("tfstate", "")))
    return b"".join(parts)


def _decompressed(compressed: bytes) -> bytes:
    try:
        # What follows the end of the stream is a part of a longer state before.
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(compressed)
    except zlib.error:
        return b""


def _local_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    pattern = state_file(settings, TEAM_PLACEHOLDER)
    first, *others = str(pattern).split(TEAM_PLACEHOLDER)
    names = re.compile(
        f"{re.escape(first)}(?P<team>{_TEAM})" + "(?P=team)".join(map(re.escape, others))
    )
    for file in _matching(pattern):
        if found := names.fullmatch(str(file)):
            yield found["team"], file


def _matching(pattern: Path) -> Iterator[Path]:
    """The files whose path has any name in place of the team's."""
    fixed = Path(pattern.anchor)
    parts = list(pattern.parts[1:])
    while parts and TEAM_PLACEHOLDER not in parts[0]:
        fixed /= parts.pop(0)
    wild = "/".join(_literal(part).replace(TEAM_PLACEHOLDER, "*") for part in parts)
    yield from (file for file in fixed.glob(wild) if file.is_file())


def _literal(part: str) -> str:
    return re.sub(r"[*?[]", r"[\g<0>]", part)


def _has_resources(state: bytes) -> bool:
    try:
        return bool(json.loads(state)["resources"])
    except (ValueError, KeyError, TypeError):
        return True
