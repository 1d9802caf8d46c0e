"""Requests and answers, over urllib3.

docs/adr/0002-kubernetes-access.md says why there is no Kubernetes client library below.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlencode

from kuberoster.cluster.answers import JSON, Asked
from kuberoster.cluster.connection import (
    authority_of,
    context_for,
    proxy_for,
    server_url,
    user_and_password,
    without_password,
)
from kuberoster.cluster.credential import Credential
from kuberoster.cluster.credentials import Credentials
from kuberoster.cluster.errors import Request, refusal, wrong_answer
from kuberoster.cluster.kubeconfig import Target
from kuberoster.cluster.paths import check_path
from kuberoster.cluster.unreachable import (
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    is_reset,
    unreachable,
)

if TYPE_CHECKING:
    from urllib3 import PoolManager

_TRIES = 5
_TRIES_OF_LOST = 3
_SECONDS = 0.2
_NOT_NOW = {502, 503, 504}
_LONGEST_WAIT = 30


class _NoAnswer(Exception):
    """A request to which no whole answer came."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class Transport:
    """Sends requests to one target, with the credential that is good at that moment."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.context: str = target.context
        self.server = server_url(target)
        self.certificate_authority = authority_of(target.cluster)
        self.proxy: SplitResult | None = proxy_for(target.cluster)
        self._plain = self.server.startswith("http://")
        self._credentials = Credentials(target)
        self._pool: PoolManager | None = None
        self._presented: tuple[bytes | None, bytes | None] | None = None
        self._date: str | None = None

    @property
    def time(self) -> datetime | None:
        """The API server's clock at its last answer, from the header `Date` (RFC 9110)."""
        try:
            told = parsedate_to_datetime(self._date or "")
        except ValueError:
            return None
        return told if told.tzinfo else told.replace(tzinfo=UTC)

    @property
    def own_proxy_url(self) -> str | None:
        """The kubeconfig's proxy-url without a password; None when there is none."""
        return without_password(self.proxy) if self._target.cluster.text("proxy-url") else None

    def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            self._pool.clear()
            self._pool = None

    def send(
        self,
        verb: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | Sequence[Any] | None = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> dict[str, Any]:
        """Return the answer, which is what was asked for; any other end is a ClusterError.

        Waits and repeats when the API server says 429 with or without Retry-After (nothing was
        done then). What changes nothing is repeated too where the connection broke, or where
        something answered that it can't at the moment or what is no answer. A change is not: its
        error says whether it is `unsure`.
        """
        check_path(path)
        query = query or {}
        sent = body if isinstance(body, Mapping) else {}  # a JSON Patch is no object
        asked = Asked.of(verb, path, accept=accept, dry_run="dryRun" in query, body=sent)
        bare = verb == "POST" and not {"data", "stringData"} & sent.keys()
        request = Request(
            verb=verb, path=path, context=self.context, server=self.server, sends_no_data=bare
        )
        url = self.server + path + (f"?{urlencode(query)}" if query else "")
        headers = [("Accept", accept), ("User-Agent", "kuberoster")]
        if body is not None:
            headers.append(("Content-Type", content_type))
        tries, renewed = 0, False
        while True:
            tries += 1
            again = asked.keeps_nothing and tries < _TRIES_OF_LOST
            wait = _SECONDS * tries
            try:
                status, answered, content = self._once(verb, url, headers, body)
            except _NoAnswer as lost:
                if again and is_reset(lost.error):
                    time.sleep(wait)
                    continue
                raise unreachable(request, lost.error, self.proxy) from None
            self._date = answered.get("Date")
            told = answered.get("Retry-After")
            if 200 <= status < 300:
                answer = _object(content)
                if answer is not None and asked.is_answered_by(answer):
                    return answer
                if again:
                    time.sleep(wait)
                    continue
                raise wrong_answer(request, is_object=answer is not None)
            if status == 429 and tries < _TRIES:
                time.sleep(_seconds(told, 1))
                continue
            if again and (status in _NOT_NOW or (status == 500 and verb == "GET")):
                time.sleep(_seconds(told, wait))
                continue
            if status == 401 and not renewed and self._credentials.forget():
                renewed = True
                continue
            raise refusal(request, status, content)

    def _once(
        self,
        verb: str,
        url: str,
        headers: list[tuple[str, str]],
        body: Mapping[str, Any] | Sequence[Any] | None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        # Like kubectl, no credential goes over plain HTTP, where anyone may read it.
        credential = Credential() if self._plain else self._credentials.current()
        pool = self._pool_for(credential)
        from urllib3 import HTTPHeaderDict, Timeout  # noqa: PLC0415 - see _pool_for
        from urllib3.exceptions import HTTPError, InsecureRequestWarning  # noqa: PLC0415

        sent = HTTPHeaderDict(headers)
        if not self._plain:
            for name, value in self._credentials.headers:
                sent.add(name, value)
        if credential.authorization is not None:
            sent["Authorization"] = credential.authorization
        with warnings.catch_warnings():
            # The kubeconfig's author asked for it.
            warnings.simplefilter("ignore", InsecureRequestWarning)
            try:
                answer = pool.request(
                    verb,
                    url,
                    headers=sent,
                    body=None if body is None else json.dumps(body).encode(),
                    timeout=Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
                    retries=False,
                    redirect=False,
                )
                return answer.status, answer.headers, answer.data
            except (HTTPError, OSError, HTTPException, ValueError) as error:
                raise _NoAnswer(error) from None

    def _pool_for(self, credential: Credential) -> PoolManager:
        presented = (credential.certificate, credential.key)
        if self._pool is not None and presented == self._presented:
            return self._pool
        self.close()
        # Imported here, so that importing this module costs nothing.
        from urllib3 import PoolManager, ProxyManager, make_headers  # noqa: PLC0415

        cluster = self._target.cluster
        settings: dict[str, Any] = {}
        if not self._plain:
            settings["ssl_context"] = context_for(cluster, self._target.user, credential)
            if name := cluster.text("tls-server-name"):
                settings["server_hostname"] = name
        if self.proxy is None:
            self._pool = PoolManager(**settings)
        else:
            pair = user_and_password(self.proxy)
            headers = make_headers(proxy_basic_auth=pair) if pair else None
            self._pool = ProxyManager(self.proxy.geturl(), proxy_headers=headers, **settings)
        self._presented = presented
        return self._pool


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _seconds(retry_after: str | None, otherwise: float) -> float:
    told = retry_after and retry_after.isascii() and retry_after.isdigit()
    return min(int(retry_after), _LONGEST_WAIT) if retry_after and told else otherwise
