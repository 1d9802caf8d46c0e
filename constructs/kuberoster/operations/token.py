"""A user's token, found in the cluster and believed only beyond doubt."""

import base64
import binascii
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kuberoster.cluster import Cluster, NotFound, from_one_moment
from kuberoster.cluster.held_token import SECRET_NAME, claims_of, token_in
from kuberoster.cluster.inventory import Object, annotations_of
from kuberoster.cluster.kinds import collection, object_path
from kuberoster.cluster.tracked_token import (
    INVALID_SINCE,
    how_to_validate,
    invalid_from,
    invalid_since,
    listed_secrets,
)
from kuberoster.model.errors import KuberosterError
from kuberoster.model.identity import username
from kuberoster.model.objects import (
    SERVICE_ACCOUNT_NAME,
    SERVICE_ACCOUNT_UID,
    TOKEN_LABEL,
    TOKEN_SECRET_TYPE,
    USER_LABEL,
)
from kuberoster.model.team import Team
from kuberoster.model.token import secret_prefix
from kuberoster.model.user import User

_CLAIMS = (
    "sub",
    "kubernetes.io/serviceaccount/service-account.uid",
    SECRET_NAME,
)
WAIT_SECONDS = 60.0
"""How long a Secret may stay without its token: the controller makes about ten a second."""
_POLL_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A bearer token and the Secret it is from; its value never shows in a repr."""

    secret: str
    value: str = field(repr=False)
    authority: bytes | None = None
    """PEM of the cluster's authority, which Kubernetes writes beside the token; None without."""
    invalid_from: date | None = None
    """When Kubernetes makes it invalid if it stays unused; None where it never does."""


def find_token(
    cluster: Cluster,
    user: User,
    team: Team,
    label: str,
    *,
    waiting: Callable[[float], None],
    wait_seconds: float = WAIT_SECONDS,
) -> Token:
    """The user's token of this label.

    A Secret found by its labels is only a claim. It counts when its name has the declared
    prefix, its annotations name the live ServiceAccount and that one's UID, and the token
    itself says the same. One that claims and does not count, or a second that does, is an
    error that names it. `waiting` is called with the seconds waited, about twice a second.
    """
    account = _service_account(cluster, user, team)
    uid = str(account["metadata"]["uid"])
    started = time.monotonic()
    while True:
        secret = _candidate(cluster, user, team, label, uid)
        if secret is not None:
            return _read(cluster, user, team, secret, account)
        waited = time.monotonic() - started
        if waited >= wait_seconds:
            raise KuberosterError(
                f"user {user.name!r}: Kubernetes made no token for {label!r} in {waited:.0f} s.\n"
                "The token controller of kube-controller-manager makes it; see whether that runs, "
                f"and kubectl describe serviceaccount {user.name} -n {team.namespace}."
            )
        waiting(waited)
        time.sleep(_POLL_SECONDS)


def _service_account(cluster: Cluster, user: User, team: Team) -> Object:
    path = object_path("ServiceAccount", user.name, team.namespace)
    try:
        return cluster.get(path)
    except NotFound:
        raise KuberosterError(
            f"user {user.name!r}: is in users/{team.name}.py and not in the cluster "
            f"(no ServiceAccount {user.name} in namespace {team.namespace}).\n"
            f"Deploy first: cdktf deploy {team.name}"
        ) from None


def _candidate(cluster: Cluster, user: User, team: Team, label: str, uid: str) -> str | None:
    """The name of the one Secret that counts, or None while its token is being made."""
    claims = from_one_moment(
        lambda: list(
            cluster.list_metadata(
                collection("Secret", team.namespace),
                field_selector=f"type={TOKEN_SECRET_TYPE}",
                label_selector=f"{USER_LABEL}={user.name},{TOKEN_LABEL}={label}",
            )
        )
    )
    if not claims:
        raise KuberosterError(
            f"user {user.name!r}: has no Secret for the token {label!r} in namespace "
            f"{team.namespace}.\nDeploy first: cdktf deploy {team.name}"
        )
    for claim in claims:
        name, annotations = claim["metadata"]["name"], annotations_of(claim)
        belongs_to = annotations.get(SERVICE_ACCOUNT_NAME)
        prefix = secret_prefix(user.name, label)
        if belongs_to != user.name or not name.startswith(prefix):
            why = (
                f"it belongs to ServiceAccount {belongs_to!r}"
                if belongs_to != user.name
                else f"its name does not start with {prefix!r}"
            )
            raise KuberosterError(
                f"user {user.name!r}: Secret {team.namespace}/{name} has the labels of the token "
                f"{label!r} and is not it: {why}.\n"
                "Find out who made it, and delete it; no kubeconfig was written."
            )
    ready = [claim for claim in claims if _uid_annotation(claim) == uid]
    if len(ready) > 1:
        names = ", ".join(f"{team.namespace}/{claim['metadata']['name']}" for claim in ready)
        raise KuberosterError(
            f"user {user.name!r}: {len(ready)} Secrets hold a token {label!r}: {names}.\n"
            "Terraform made one of them (terraform state list); find out who made the other, "
            "and delete it. No kubeconfig was written."
        )
    # Without a UID, or with that of a ServiceAccount before, the controller is not done yet.
    return str(ready[0]["metadata"]["name"]) if len(ready) == len(claims) else None


def _uid_annotation(claim: dict[str, Any]) -> object:
    return annotations_of(claim).get(SERVICE_ACCOUNT_UID)


def _read(cluster: Cluster, user: User, team: Team, secret: str, account: Object) -> Token:
    uid = account["metadata"]["uid"]
    found = cluster.get(object_path("Secret", secret, team.namespace))
    value = token_in(found) or ""
    claims = claims_of(value)
    says = tuple(map(claims.get, _CLAIMS))
    subject = username(team.namespace, user.name)
    agrees = found.get("type") == TOKEN_SECRET_TYPE and _uid_annotation(found) == uid
    if says != (subject, uid, secret) or not agrees:
        raise KuberosterError(
            f"user {user.name!r}: Secret {team.namespace}/{secret} holds no token that Kubernetes "
            f"made for it and for {subject} (its subject is {says[0]!r}).\n"
            "Find out who wrote it, and delete it; no kubeconfig was written."
        )
    if since := invalid_since(found["metadata"]):
        raise KuberosterError(
            f"user {user.name!r}: the API server refuses the token of Secret "
            f"{team.namespace}/{secret} (401), since its label {INVALID_SINCE} is {since!r}.\n"
            f"{how_to_validate(found['metadata'])}\nNo kubeconfig was written."
        )
    return Token(
        secret=secret,
        value=value,
        authority=_authority(found),
        invalid_from=invalid_from(found["metadata"]) if secret in listed_secrets(account) else None,
    )


def _authority(secret: dict[str, Any]) -> bytes | None:
    try:
        return base64.b64decode(secret["data"]["ca.crt"], validate=True) or None
    except (KeyError, TypeError, ValueError, binascii.Error):
        return None
