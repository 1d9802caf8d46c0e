"""Since when each token of the roster's users is there, and when it was last used."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kuberoster.cluster import Cluster, from_one_moment
from kuberoster.cluster.inventory import (
    Object,
    annotations_of,
    labels_of,
    list_kind,
    other_secrets,
)
from kuberoster.cluster.kinds import collection
from kuberoster.cluster.tracked_token import (
    invalid_from,
    invalid_since,
    last_used,
    listed_secrets,
    made_on,
)
from kuberoster.model.objects import (
    SERVICE_ACCOUNT_NAME,
    SERVICE_ACCOUNT_UID,
    TOKEN_LABEL,
    USER_LABEL,
)
from kuberoster.model.roster import Roster
from kuberoster.model.token import secret_prefix, user_prefix
from kuberoster.model.user import User


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenSecret:
    """A Secret that holds a token of a user, by its metadata alone."""

    name: str
    label: str | None
    """Of the token of the roster that it is; None for one that the roster does not have."""
    made: date
    last_used: date | None
    """None where the API server has not seen it used."""
    invalid_since: str | None
    """What a label says for which the API server refuses the token; None where it takes it."""
    invalid_from: date | None
    """When Kubernetes makes it invalid if it stays unused; None where it never does."""
    is_typed: bool
    """Whether the Secret's type says that it holds a token; one of another type may hold one."""


TokensOf = Mapping[tuple[str, str], Sequence[TokenSecret]]
"""The token Secrets of a ServiceAccount, by its namespace and name."""


def read_token_secrets(cluster: Cluster, roster: Roster) -> TokensOf:
    """Every Secret of every user that holds a token or may hold one, the oldest first.

    It counts when its annotations name the live ServiceAccount and that one's UID, whatever
    its labels say: then its token is valid. One of another type in the team's namespace may hold
    a token too, and counts for the user whose it says it is, or like whose it is named. No token
    is read. Tokens by TokenRequest leave nothing to list.
    Raises ClusterError, such as Forbidden for who may not list them.
    """
    users = {
        (entry.team.namespace, user.name): user for entry in roster.teams for user in entry.users
    }
    return from_one_moment(lambda: _read(cluster, users))


def _read(cluster: Cluster, users: Mapping[tuple[str, str], User]) -> TokensOf:
    uids: dict[tuple[str, str], str] = {}
    listed: set[tuple[str, str]] = set()
    for each in cluster.list(collection("ServiceAccount")):
        metadata = each["metadata"]
        uids[metadata["namespace"], metadata["name"]] = metadata["uid"]
        listed.update((metadata["namespace"], name) for name in listed_secrets(each))
    found: defaultdict[tuple[str, str], list[TokenSecret]] = defaultdict(list)
    for secret in list_kind(cluster, "Secret"):
        annotations = annotations_of(secret)
        account = secret["metadata"]["namespace"], annotations.get(SERVICE_ACCOUNT_NAME, "")
        user = users.get(account)
        if user and annotations.get(SERVICE_ACCOUNT_UID) == uids.get(account, ""):
            is_listed = (account[0], secret["metadata"]["name"]) in listed
            found[account].append(_token_secret(secret, user, is_listed=is_listed))
    for namespace in sorted({namespace for namespace, _ in users}):
        names = [name for place, name in users if place == namespace]
        for secret in other_secrets(cluster, namespace):
            if name := _claimed_by(secret, names):
                user = users[namespace, name]
                found[namespace, name].append(_token_secret(secret, user, is_typed=False))
    return {
        account: sorted(secrets, key=lambda each: (each.made, each.name))
        for account, secrets in found.items()
    }


def _claimed_by(secret: Object, names: Iterable[str]) -> str | None:
    """Whose a Secret of another type says it is, or like whose it is named."""
    claims = {
        annotations_of(secret).get(SERVICE_ACCOUNT_NAME),
        labels_of(secret).get(USER_LABEL),
    }
    called = secret["metadata"]["name"]
    like = [name for name in names if called.startswith(user_prefix(name))]
    return next((name for name in names if name in claims), max(like, key=len, default=None))


def _token_secret(
    secret: Object, user: User, *, is_listed: bool = False, is_typed: bool = True
) -> TokenSecret:
    metadata, labels = secret["metadata"], labels_of(secret)
    label = labels.get(TOKEN_LABEL, "")
    declared = (
        is_typed
        and labels.get(USER_LABEL) == user.name
        and label in user.labels
        and metadata["name"].startswith(secret_prefix(user.name, label))
    )
    return TokenSecret(
        name=metadata["name"],
        label=label if declared else None,
        made=made_on(metadata),
        last_used=last_used(metadata),
        invalid_since=invalid_since(metadata),
        invalid_from=invalid_from(metadata) if is_listed else None,
        is_typed=is_typed,
    )
