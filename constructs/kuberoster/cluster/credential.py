"""What a request proves its sender with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kuberoster.cluster.entry import Entry
from kuberoster.cluster.errors import ClusterError


@dataclass(frozen=True, kw_only=True)
class Credential:
    """An Authorization header, a client certificate (PEM) with its key, or both.

    No field is in the repr, so that none gets into a log or a traceback.
    """

    authorization: str | None = field(default=None, repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    key: bytes | None = field(default=None, repr=False)
    expires: datetime | None = None


def bearer(token: str, user: Entry, origin: str) -> str:
    """Return the Authorization header for a token; ClusterError when no header may hold it."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ClusterError(
            f"{user}: the token of {origin} holds a space, a line break or another character that "
            "no token has. Was it cut or wrapped?"
        )
    return f"Bearer {token}"
