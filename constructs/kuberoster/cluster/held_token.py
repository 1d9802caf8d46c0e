"""The long-lived token that a Secret holds, whatever its type says."""

import base64
import binascii
import json
from typing import Any

from kuberoster.cluster.inventory import Object

SECRET_NAME = "kubernetes.io/serviceaccount/secret.name"  # noqa: S105  # a claim's name
"""The claim that names the Secret of a long-lived token; the API server looks there alone."""


def token_in(secret: Object) -> str | None:
    """What a whole Secret has in `data.token`, where the API server looks; None for no token."""
    data = secret.get("data")
    text = data.get("token") if isinstance(data, dict) else None
    try:
        return base64.b64decode(text, validate=True).decode("ascii") or None if text else None
    except (TypeError, ValueError, binascii.Error):
        return None


def claims_of(token: str) -> dict[str, Any]:
    """What a JSON Web Token says of itself, unverified; empty for what is none."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
