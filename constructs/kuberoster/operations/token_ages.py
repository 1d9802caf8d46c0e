"""Since when each token of the roster's users is there, and when it was last used."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kuberoster.model.days import as_day
from kuberoster.model.objects import (
    SERVICE_ACCOUNT_NAME,
    SERVICE_ACCOUNT_UID,
    TOKEN_LABEL,
    USER_LABEL,
)
from kuberoster.model.roster import Roster
from kuberoster.model.token import secret_prefix
from kuberoster.model.user import User
from kuberoster.operations.cluster import Cluster, from_one_moment
from kuberoster.operations.inventory import annotations_of, labels_of, list_kind
from kuberoster.operations.kinds import collection

LAST_USED = "kubernetes.io/legacy-token-last-used"
"""A day in UTC, set by the API server when a token is used, from Kubernetes 1.26 on.

https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-legacy-token-last-used
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenSecret:
    """A Secret that holds a token of a user, by its metadata alone."""

    name: str
    label: str | None
    """Of the token of the roster that it is; None for one that the roster does not have."""
    made: date
    last_used: date | None
    """None where the API server has not seen it used."""


TokensOf = Mapping[tuple[str, str], Sequence[TokenSecret]]
"""The token Secrets of a ServiceAccount, by its namespace and name."""


def read_token_secrets(cluster: Cluster, roster: Roster) -> TokensOf:
    """Every token Secret of every user, the oldest first; no token is read.

    It counts when its annotations name the live ServiceAccount and that one's UID, whatever
    its labels say: then its token is valid. Tokens by TokenRequest leave nothing to list.
    Raises ClusterError, such as Forbidden for who may not list them.
    """
    users = {
        (entry.team.namespace, user.name): user for entry in roster.teams for user in entry.users
    }
    return from_one_moment(lambda: _read(cluster, users))


def _read(cluster: Cluster, users: Mapping[tuple[str, str], User]) -> TokensOf:
    uids = {}
    for each in cluster.list_metadata(collection("ServiceAccount")):
        metadata = each["metadata"]
        uids[metadata["namespace"], metadata["name"]] = metadata["uid"]
    found: defaultdict[tuple[str, str], list[TokenSecret]] = defaultdict(list)
    for secret in list_kind(cluster, "Secret"):
        annotations = annotations_of(secret)
        account = secret["metadata"]["namespace"], annotations.get(SERVICE_ACCOUNT_NAME, "")
        user = users.get(account)
        if user and annotations.get(SERVICE_ACCOUNT_UID) == uids.get(account, ""):
            found[account].append(_token_secret(secret, user))
    return {
        account: sorted(secrets, key=lambda each: (each.made, each.name))
        for account, secrets in found.items()
    }


def _token_secret(secret: Mapping[str, Any], user: User) -> TokenSecret:
    metadata, labels = secret["metadata"], labels_of(dict(secret))
    label = labels.get(TOKEN_LABEL, "")
    declared = (
        labels.get(USER_LABEL) == user.name
        and label in user.labels
        and metadata["name"].startswith(secret_prefix(user.name, label))
    )
    return TokenSecret(
        name=metadata["name"],
        label=label if declared else None,
        made=date.fromisoformat(metadata["creationTimestamp"][:10]),
        last_used=as_day(labels.get(LAST_USED)),
    )
