"""The Kubernetes objects of a roster: as every contender gets them, and as they are there."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from kuberoster import KuberosterError
from kuberoster.cluster import Cluster
from kuberoster.cluster.kinds import collection
from kuberoster.model.fields import OWN_ANNOTATIONS
from kuberoster.model.manifests import Manifest, default_service_account, team_manifests
from kuberoster.model.objects import (
    MANAGED_BY,
    SERVICE_ACCOUNT_NAME,
    SERVICE_ACCOUNT_UID,
    TEAM_LABEL,
    TOKEN_LABEL,
    USER_LABEL,
    team_labels,
)
from kuberoster.model.roster import load_roster

_SUFFIX = "named"
"""In the place of the five characters that Kubernetes draws for a generated name."""
_EVERY = 1.0
_METADATA = (
    ("labels", (MANAGED_BY, TEAM_LABEL, USER_LABEL, TOKEN_LABEL)),
    ("annotations", (f"{OWN_ANNOTATIONS}email", SERVICE_ACCOUNT_NAME)),
)
_FIELDS = ("automountServiceAccountToken", "roleRef", "subjects")


def manifests(users: Path) -> list[Manifest]:
    """The objects of `kuberoster manifests`, and each team's `default` ServiceAccount.

    kubectl can't apply a generated name, so a Secret has a fixed one here.
    """
    found = []
    for entry in load_roster(users).teams:
        for manifest in team_manifests(entry):
            found.append(_named(manifest))
            if manifest["kind"] == "Namespace":
                team = entry.team
                found.append(default_service_account(team.namespace, team_labels(team)))
    return found


def _named(manifest: Manifest) -> Manifest:
    metadata = dict(manifest["metadata"])
    if "generateName" in metadata:
        metadata = {"name": metadata.pop("generateName") + _SUFFIX, **metadata}
    return {**manifest, "metadata": metadata}


def wait_until_there(
    cluster: Cluster,
    expected: list[Manifest],
    waiting: Callable[[float], None],
    *,
    within: float | None = None,
) -> None:
    """Return when the cluster has these objects and no others, and each token is made.

    So no command is measured while the token controller still works for the one before.
    Raises KuberosterError where that takes longer than `within` seconds. The default is four
    times what the controller needs, which makes ten tokens a second.
    """
    started = time.monotonic()
    tokens = sum(manifest["kind"] == "Secret" for manifest in expected)
    limit = 60 + 0.4 * tokens if within is None else within
    wanted = Counter(map(_identity, expected))
    while True:
        looked = time.monotonic()
        there, without_token = _there(cluster, {manifest["kind"] for manifest in expected})
        waited = time.monotonic() - started
        if there == wanted and not without_token:
            return
        if waited > limit:
            missing, foreign = wanted - there, there - wanted
            raise KuberosterError(
                f"bench: after {waited:.0f} s {missing.total()} objects are missing, "
                f"{foreign.total()} are too many, and {without_token} Secrets have no token.\n"
                f"Such as {[*missing, *foreign][:4]}."
            )
        waiting(waited)
        # Reading many objects is work for the API server too, and for the token controller.
        time.sleep(max(_EVERY, 4 * (time.monotonic() - looked)))


def _there(cluster: Cluster, kinds: Iterable[str]) -> tuple[Counter[str], int]:
    found: Counter[str] = Counter()
    without_token = 0
    for kind in sorted(kinds):
        path = collection(kind)
        # A Secret's data is never read, so its type is asked of the API server.
        read = cluster.list_metadata if kind == "Secret" else cluster.list
        for item in read(path, label_selector=TEAM_LABEL):
            found[_identity({**item, "kind": kind})] += 1
            if kind == "Secret":
                without_token += SERVICE_ACCOUNT_UID not in item["metadata"].get("annotations", {})
    return found, without_token


def _identity(item: Manifest) -> str:
    """What has to be the same whoever made an object, but for a generated name's end."""
    metadata = item["metadata"]
    name = metadata["name"]
    named = {
        part: {key: metadata.get(part, {}).get(key) for key in keys} for part, keys in _METADATA
    }
    return json.dumps(
        {
            "kind": item["kind"],
            "namespace": metadata.get("namespace"),
            "name": name[: -len(_SUFFIX)] if item["kind"] == "Secret" else name,
            **named,
            **{field: _plain(item.get(field)) for field in _FIELDS},
        },
        sort_keys=True,
    )


def _plain(value: object) -> object:
    """Without the API group of a subject or role, which Kubernetes fills in."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if key != "apiGroup"}
    return value
