"""A kubeconfig user's credential, chosen as kubectl chooses it.

Source of the order: client-go's clientcmd and plugin packages, compared case by case in
tests/cluster/test_as_kubectl.py.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from kuberoster.cluster import auth_provider, exec_plugin
from kuberoster.cluster.credential import Credential, bearer
from kuberoster.cluster.entry import Entry
from kuberoster.cluster.kubeconfig import Target

_CLOCKS_DIFFER = timedelta(seconds=10)


class Credentials:
    """Where a target's credential comes from, asked anew for each request.

    A token file is read each time, since a pod's token is replaced under it every hour; a
    plugin runs again when its credential's time is over.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._from_plugin: Credential | None = None
        user = target.user
        _check(user)
        self.headers = _impersonation(user)
        self._static_certificate = _certificate(user)
        self._uses_plugin = user.part("exec") is not None and not (
            self._static_certificate.certificate or _has_token(user) or _has_password(user)
        )

    def current(self) -> Credential:
        """Return the credential for the next request.

        Raises ClusterError when there is none: kubectl would go on as system:anonymous, and so
        does the official client when a plugin fails.
        """
        if self._uses_plugin:
            return self._plugins()
        user = self._target.user
        authorization = _authorization(user)
        certificate = self._static_certificate
        if not authorization and certificate.certificate is None:
            raise user.wrong(
                "has no credential (token, tokenFile, client-certificate, username or exec).\n"
                "Sign in, or choose another context; kuberoster never works anonymously."
            )
        return Credential(
            authorization=authorization, certificate=certificate.certificate, key=certificate.key
        )

    def forget(self) -> bool:
        """Drop a plugin's credential that was refused; whether a new one may be had."""
        dropped, self._from_plugin = self._from_plugin, None
        return dropped is not None

    def _plugins(self) -> Credential:
        known = self._from_plugin
        if known is None or (
            known.expires is not None and known.expires - _CLOCKS_DIFFER <= datetime.now(UTC)
        ):
            known = self._from_plugin = exec_plugin.run(self._target)
        return known


def _check(user: Entry) -> None:
    auth_provider.check(user)
    if _has_token(user) and _has_password(user):
        raise user.wrong("has both a token and a password. Keep one, so that it is clear who acts.")
    if user.part("exec") is not None and user.part("auth-provider") is not None:
        raise user.wrong("has both exec and auth-provider. Remove auth-provider.")
    others = [key for key in ("as-uid", "as-groups", "as-user-extra") if user.settings.get(key)]
    if others and not user.text("as"):
        raise user.wrong(f"has '{others[0]}' without 'as'. Name the user to act as.")


def _has_token(user: Entry) -> bool:
    return bool(user.text("token") or user.text("tokenFile"))


def _has_password(user: Entry) -> bool:
    return bool(user.text("username") or user.text("password"))


def _authorization(user: Entry) -> str | None:
    from_file = user.file_content("tokenFile")
    if from_file is not None:
        token = from_file.decode("utf-8", "replace").strip()
        if not token:
            raise user.wrong(f"'tokenFile' names {user.path('tokenFile')}, which is empty.")
        return bearer(token, user, "tokenFile")
    if token := user.text("token"):
        return bearer(token, user, "token")
    if _has_password(user):
        pair = f"{user.text('username')}:{user.text('password')}"
        return "Basic " + base64.b64encode(pair.encode()).decode()
    if user.part("auth-provider") is not None:
        return auth_provider.authorization(user)
    return None


def _certificate(user: Entry) -> Credential:
    certificate, key = user.content("client-certificate"), user.content("client-key")
    if (certificate is None) != (key is None):
        missing = "client-key" if key is None else "client-certificate"
        raise user.wrong(f"has half a client certificate: {missing} is missing.")
    return Credential(certificate=certificate, key=key)


def _impersonation(user: Entry) -> list[tuple[str, str]]:
    """Headers of https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/."""
    headers = [("Impersonate-User", user.text("as")), ("Impersonate-Uid", user.text("as-uid"))]
    headers += [("Impersonate-Group", group) for group in user.texts("as-groups")]
    extra = user.part("as-user-extra")
    for key in sorted(extra.settings) if extra else ():
        name = "Impersonate-Extra-" + quote(str(key), safe="!#$&'*+-.^_`|~")
        headers += [(name, value) for value in extra.texts(key)] if extra else []
    if any(not (value.isascii() and value.isprintable()) for _, value in headers):
        raise user.wrong("'as…' holds a character that no header may hold.")
    return [(name, value) for name, value in headers if value]
