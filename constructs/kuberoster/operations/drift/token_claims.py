"""Which Secrets are the tokens that the roster declares, by their metadata alone."""

from collections.abc import Iterable, Iterator, Mapping

from kuberoster.cluster.inventory import (
    Key,
    Object,
    annotations_of,
    key_of,
    labels_of,
    shown,
)
from kuberoster.model.objects import (
    SERVICE_ACCOUNT_NAME,
    SERVICE_ACCOUNT_UID,
    TOKEN_LABEL,
    USER_LABEL,
)

Claim = tuple[str, str, str]
"""Namespace, user and token label."""


class TokenClaims:
    """Declared tokens, and the Secrets that turn out to be theirs.

    A Secret claims by its labels to be a token. It counts when its name has the declared
    prefix, and its annotations name the user's ServiceAccount and that one's UID, or no UID
    while the token controller is not done yet.
    """

    def __init__(self, manifests: Iterable[Object], uids: Mapping[tuple[str, str], str]) -> None:
        self._manifests = {_claim(manifest): manifest for manifest in manifests}
        self._uids = uids
        self._secrets: dict[Claim, list[Key]] = {}

    def take(self, secret: Object) -> Object | None:
        """The manifest of the token that this Secret is; None where it only claims to be one."""
        claim = _claim(secret)
        manifest = self._manifests.get(claim)
        namespace, user, _ = claim
        annotations = annotations_of(secret)
        if (
            manifest is None
            or not secret["metadata"]["name"].startswith(manifest["metadata"]["generateName"])
            or annotations.get(SERVICE_ACCOUNT_NAME) != user
            or annotations.get(SERVICE_ACCOUNT_UID) not in (self._uids.get((namespace, user)), None)
        ):
            return None
        self._secrets.setdefault(claim, []).append(key_of("Secret", secret))
        return manifest

    def faults(self) -> Iterator[tuple[str, str, str]]:
        """Each token without its one Secret: the object, `missing` or `undeclared`, and why."""
        for (namespace, user, token), manifest in self._manifests.items():
            secrets = self._secrets.get((namespace, user, token), [])
            if not secrets:
                prefix = manifest["metadata"]["generateName"]
                what = f"the token {token!r} of user {user!r} is not in the cluster"
                yield f"Secret {namespace}/{prefix}*", "missing", what
            for secret in secrets if len(secrets) > 1 else ():
                what = f"is one of {len(secrets)} Secrets for one token {token!r}"
                yield shown(secret), "undeclared", what


def _claim(secret: Object) -> Claim:
    labels = labels_of(secret)
    namespace = secret["metadata"].get("namespace", "")
    return namespace, labels.get(USER_LABEL, ""), labels.get(TOKEN_LABEL, "")
