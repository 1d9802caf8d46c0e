"""Tokens of a user, held in memory for as long as they are tried."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from kuberoster.cluster import Cluster, ClusterError, NotFound, from_one_moment
from kuberoster.cluster.held_token import SECRET_NAME, claims_of, token_in
from kuberoster.cluster.inventory import Metadata, annotations_in, labels_in, other_secrets
from kuberoster.cluster.kinds import collection, object_path
from kuberoster.model.identity import username
from kuberoster.model.objects import (
    SERVICE_ACCOUNT_NAME,
    TOKEN_LABEL,
    TOKEN_SECRET_TYPE,
    USER_LABEL,
)
from kuberoster.model.token import label_in, user_prefix
from kuberoster.operations.revocation.find_user import Account

REMEMBERED = 10.0
"""Seconds for which an API server takes a token without looking again, from when it last looked.

`TokenSuccessCacheTTL` in Kubernetes' pkg/kubeapiserver/options/authentication.go; no flag changes
it. A token in constant use is not remembered for longer.
"""
HEARD_OF = 5.0
"""Seconds allowed for each API server behind one address to hear of a deletion from etcd.

They look for ServiceAccounts and Secrets in a copy that a watch keeps up to date.
"""
FORGOTTEN_AFTER = REMEMBERED + HEARD_OF
LEEWAY = 60.0
"""Seconds for which a TokenRequest's token outlives the deletion of what a finalizer keeps.

The leeway of `invalidIfDeletedBefore` in Kubernetes' pkg/serviceaccount/claims.go. A Secret's
token has none.
"""
DEAD_WITHIN = 60.0
"""Seconds for which a token that is still taken after all this is tried again."""
_POLL_SECONDS = 0.25
_WAIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A token to be tried; its value never shows in a repr."""

    origin: str
    """Where it is from: `Secret users-web/ann-main-x7k2p`."""
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credential:
    """A Secret of a user, and the token in it; None while Kubernetes has not made it."""

    user: str
    metadata: Metadata
    token: LiveToken | None

    @property
    def origin(self) -> str:
        """The Secret that has to hold the token for the API server to take it, as it says itself.

        Empty where there is no token, or one of TokenRequest.
        """
        name = claims_of(self.token.value).get(SECRET_NAME) if self.token else None
        return name if isinstance(name, str) else ""

    @property
    def labels(self) -> set[str]:
        """Of the user's tokens that the Secret is or holds.

        Its name says so, or that of the Secret which its token is from: neither can be changed,
        as labels can. Those count where no name is a token's.
        """
        names = self.metadata["name"], self.origin
        if named := {label for name in names if (label := label_in(name, self.user))}:
            return named
        own = labels_in(self.metadata)
        return (
            {own.get(TOKEN_LABEL, "")} - {""} if own.get(USER_LABEL) in (self.user, None) else set()
        )


def credentials_of(cluster: Cluster, account: Account) -> list[Credential]:
    """Each Secret of the user's namespace that is the user's, whatever labels and type say.

    A token Secret is when its annotation names the ServiceAccount; any Secret is when the token
    in it says so. To know, Secrets of other types are read into memory, and those that are named
    or labelled like the user's.
    """
    return from_one_moment(lambda: list(_credentials(cluster, account)))


def _credentials(cluster: Cluster, account: Account) -> Iterator[Credential]:
    path = collection("Secret", account.namespace)
    for each in cluster.list_metadata(path, field_selector=f"type={TOKEN_SECRET_TYPE}"):
        metadata = each["metadata"]
        if annotations_in(metadata).get(SERVICE_ACCOUNT_NAME) == account.user:
            yield Credential(account.user, metadata, _token(cluster, metadata))
        elif account.user == labels_in(metadata).get(USER_LABEL) or metadata["name"].startswith(
            user_prefix(account.user)
        ):
            yield from _held(cluster, metadata, account)
    for each in other_secrets(cluster, account.namespace):
        yield from _held(cluster, each["metadata"], account)


def _held(cluster: Cluster, metadata: Metadata, account: Account) -> Iterator[Credential]:
    token = _token(cluster, metadata)
    subject = username(account.namespace, account.user)
    if token is not None and claims_of(token.value).get("sub") == subject:
        yield Credential(account.user, metadata, token)


def _token(cluster: Cluster, metadata: Metadata) -> LiveToken | None:
    namespace, name = metadata["namespace"], metadata["name"]
    with suppress(NotFound):
        value = token_in(cluster.get(object_path("Secret", name, namespace)))
        return LiveToken(f"Secret {namespace}/{name}", value) if value else None
    return None


def requested_token(cluster: Cluster, account: Account) -> LiveToken:
    """A token of ten minutes, made to be tried for all that were requested.

    Raises NotFound where the ServiceAccount is not there.
    """
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
    made = cluster.create(f"{account.path}/token", {**body, "spec": {"expirationSeconds": 600}})
    return LiveToken(f"a TokenRequest for {account}", str(made["status"]["token"]))


def wait_until_forgotten(
    since: float,
    seconds: float,
    *,
    waiting: Callable[[float], None],
    is_over: Callable[[], bool] = lambda: False,
) -> bool:
    """Wait until so many seconds have passed since a moment of `time.monotonic`.

    False as soon as `is_over` says that there is nothing to wait for; it is asked once a second.
    """
    while (left := since + seconds - time.monotonic()) > 0:
        if is_over():
            return False
        waiting(time.monotonic() - since)
        time.sleep(min(left, _WAIT_SECONDS))
    return True


def wait_until_dead(
    cluster: Cluster,
    tokens: Iterable[LiveToken],
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
