"""The old `auth-provider` section of a kubeconfig user, of which only OIDC is left in kubectl."""

from __future__ import annotations

import base64
import json
import time

from kuberoster.cluster.credential import bearer
from kuberoster.cluster.entry import Entry
from kuberoster.cluster.errors import ClusterError

_CLOCKS_DIFFER = 10


def check(user: Entry) -> None:
    """Refuse an auth-provider other than oidc, even beside a token, as kubectl does since 1.26."""
    provider = user.part("auth-provider")
    if provider is not None and provider.text("name") != "oidc":
        raise user.wrong(
            f"auth-provider '{provider.text('name')}' is no longer supported, by kubectl neither "
            "(since 1.26).\n"
            "Use its exec plugin: gke-gcloud-auth-plugin for gcp, kubelogin for azure."
        )


def authorization(user: Entry) -> str:
    """Return the Authorization header from an OIDC id-token that is still good.

    An expired one is not refreshed: the official client switches TLS verification off for that
    when the file names no authority for the issuer. Raises ClusterError with a way to mend it.
    """
    provider = user.part("auth-provider")
    config = provider.part("config") if provider else None
    token = config.text("id-token") if config else ""
    if not token:
        raise _sign_in(user, "has no id-token")
    try:
        expires = _expiry(token)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise _sign_in(user, "has an id-token that is no JSON Web Token") from None
    if expires is not None and expires <= time.time() + _CLOCKS_DIFFER:
        raise _sign_in(user, "has an id-token that is expired")
    return bearer(token, user, "auth-provider oidc")


def _expiry(token: str) -> float | None:
    _, claims, _ = token.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    expires = decoded.get("exp")
    return None if expires is None else float(expires)


def _sign_in(user: Entry, problem: str) -> ClusterError:
    return user.wrong(
        f"auth-provider oidc {problem}, and kuberoster does not renew it.\n"
        "Any kubectl command in this context renews it; or use the exec plugin "
        "`kubectl oidc-login`."
    )
