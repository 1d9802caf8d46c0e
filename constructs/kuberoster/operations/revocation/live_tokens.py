"""Tokens of a user, held in memory for as long as they are tried."""

import base64
import binascii
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kuberoster.model.objects import SERVICE_ACCOUNT_NAME, TOKEN_SECRET_TYPE
from kuberoster.operations.cluster import Cluster, ClusterError, NotFound
from kuberoster.operations.inventory import annotations_in
from kuberoster.operations.kinds import collection, object_path
from kuberoster.operations.revocation.find_user import Account

DEAD_WITHIN = 60.0
"""Seconds in which a token has to be dead; the API server remembers a good one for 10 s."""
_POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A token to be tried; its value never shows in a repr."""

    origin: str
    """Where it is from: `Secret users-web/ann-main-x7k2p`."""
    value: str = field(repr=False)


def secrets_of(cluster: Cluster, account: Account) -> list[dict[str, Any]]:
    """The metadata of each token Secret of a ServiceAccount, whatever its labels say."""
    listed = cluster.list_metadata(
        collection("Secret", account.namespace), field_selector=f"type={TOKEN_SECRET_TYPE}"
    )
    return [each["metadata"] for each in listed if _belongs_to(each["metadata"], account)]


def tokens_in(cluster: Cluster, secrets: Sequence[dict[str, Any]]) -> Iterator[LiveToken]:
    """The token in each of these Secrets, where Kubernetes has made it already."""
    for metadata in secrets:
        namespace, name = metadata["namespace"], metadata["name"]
        try:
            found = cluster.get(object_path("Secret", name, namespace))
            value = base64.b64decode(found["data"]["token"], validate=True).decode("ascii")
        except (NotFound, KeyError, TypeError, ValueError, binascii.Error):
            continue
        yield LiveToken(f"Secret {namespace}/{name}", value)


def requested_token(cluster: Cluster, account: Account) -> LiveToken:
    """A token of ten minutes, made to be tried where there is no other.

    Raises NotFound where the ServiceAccount is not there.
    """
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
    made = cluster.create(f"{account.path}/token", {**body, "spec": {"expirationSeconds": 600}})
    return LiveToken(f"a TokenRequest for {account}", str(made["status"]["token"]))


def wait_until_dead(
    cluster: Cluster,
    tokens: Sequence[LiveToken],
    *,
    waiting: Callable[[float], None],
    within: float = DEAD_WITHIN,
) -> list[str]:
    """Try each token until the API server answers 401; of each that it did not refuse, why not.

    `waiting` is called with the seconds waited, some times a second.
    """
    started = time.monotonic()
    still = dict.fromkeys(tokens, "")
    while still:
        for token in list(still):
            try:
                if cluster.accepts(token.value):
                    still[token] = "is still accepted"
                else:
                    del still[token]
            except ClusterError as error:
                still[token] = f"could not be tried: {error}"
        waited = time.monotonic() - started
        if waited >= within:
            break
        if still:
            waiting(waited)
            time.sleep(_POLL_SECONDS)
    return [f"the token of {token.origin} {why}" for token, why in still.items()]


def _belongs_to(metadata: dict[str, Any], account: Account) -> bool:
    return annotations_in(metadata).get(SERVICE_ACCOUNT_NAME) == account.user
