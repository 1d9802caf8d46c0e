"""Terraform states that still hold resources, of teams that have no file any more."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from kuberoster.cluster import Cluster, from_one_moment
from kuberoster.cluster.kinds import collection
from kuberoster.model.settings import TEAM_PLACEHOLDER, Settings, state_suffix
from kuberoster.terraform.seen import SeenState, see_file, see_secret
from kuberoster.terraform.stored import state_file

_SECRET = "tfstate-default-"  # noqa: S105  # a name's start
_TEAM = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"


def teams_with_state(
    cluster: Cluster, settings: Settings, *, without: Collection[str]
) -> Iterator[tuple[str, SeenState]]:
    """The teams, but those of `without`, whose state has resources, each with that state.

    A state that can't be read counts too, since nothing says that it is empty. With a backend
    other than `kubernetes` and `local` nothing can be seen, and nothing is found.
    """
    for team, seen in _seen(cluster, settings, without):
        if seen.may_hold:
            yield team, seen


def _seen(
    cluster: Cluster, settings: Settings, without: Collection[str]
) -> Iterator[tuple[str, SeenState]]:
    if settings.state.backend == "kubernetes":
        secrets = collection("Secret", settings.state.namespace)
        for team, name in _secrets(cluster, secrets):
            if team not in without:
                yield team, see_secret(cluster, f"{secrets}/{name}")
    elif settings.state.backend == "local":
        for team, file in _local_files(settings):
            if team not in without:
                yield team, see_file(file)


def _secrets(cluster: Cluster, secrets: str) -> Iterator[tuple[str, str]]:
    states = re.compile(re.escape(_SECRET) + state_suffix(f"({_TEAM})"))
    names = from_one_moment(
        lambda: [item["metadata"]["name"] for item in cluster.list_metadata(secrets)]
    )
    for found in filter(None, map(states.fullmatch, names)):
        yield found[1], found[0]


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
