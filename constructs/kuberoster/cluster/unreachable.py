"""Why no API server answered, in a few words."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import SplitResult

from kuberoster.cluster.errors import Request, Unreachable, Untrusted, in_one_line

CONNECT_TIMEOUT = 5
"""Seconds until a connection must stand."""

READ_TIMEOUT = 30
"""Seconds in which the next part of an answer must come."""


def unreachable(request: Request, error: BaseException, proxy: SplitResult | None) -> Unreachable:
    """Make the error for a request that got no answer."""
    through = f" through the proxy {proxy.hostname}:{proxy.port}" if proxy is not None else ""
    cause = _cause(error)
    untrusted = any(isinstance(link, ssl.SSLCertVerificationError) for link in _chain(error))
    kind = Untrusted if untrusted else Unreachable
    made = kind(f"{request}: no answer{through}: {cause}")
    made.cause = cause
    made.unsure = is_reset(error) or _is_timeout(error)
    return made


def is_reset(error: BaseException) -> bool:
    """Whether the connection broke, so that the same GET may well succeed now."""
    broken = (ConnectionResetError, BrokenPipeError, http.client.HTTPException)
    return any(isinstance(link, broken) for link in _chain(error))


def _is_timeout(error: BaseException) -> bool:
    from urllib3 import exceptions  # noqa: PLC0415 - loaded by now, but not with this module

    links = list(_chain(error))
    connecting = any(isinstance(link, exceptions.ConnectTimeoutError) for link in links)
    slow = exceptions.ReadTimeoutError | TimeoutError
    return not connecting and any(isinstance(link, slow) for link in links)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what it was made from; urllib3 keeps some in `reason` and args."""
    waiting: list[object] = [error]
    seen: list[object] = []
    while waiting:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or any(link is known for known in seen):
            continue
        seen.append(link)
        yield link
        waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]


def _cause(error: BaseException) -> str:  # noqa: PLR0911 - a table reads best as returns
    from urllib3 import exceptions  # noqa: PLC0415 - loaded by now, but not with this module

    links = list(_chain(error))
    for link in links:
        if isinstance(link, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not accepted: {in_one_line(link.verify_message)}. Check "
                "certificate-authority, server and tls-server-name."
            )
        if isinstance(link, socket.gaierror):
            return "its name is not known (DNS). Check the spelling, and whether a VPN is needed."
        if isinstance(link, ConnectionRefusedError):
            return "connection refused. Is it running, and is the port right?"
    for link in links:
        if isinstance(link, ssl.SSLError):
            return f"TLS failed: {in_one_line(link.reason or 'no reason given')}."
        if isinstance(link, exceptions.ConnectTimeoutError):
            return (
                f"no connection within {CONNECT_TIMEOUT} s. Is it reachable from here, or is a VPN "
                "needed?"
            )
        if isinstance(link, OSError) and str(link).startswith("Tunnel connection failed"):
            return f"the proxy refuses: {in_one_line(str(link))}."
    if _is_timeout(error):
        return f"nothing came within {READ_TIMEOUT} s."
    if any(is_reset(link) for link in links):
        return "the connection was closed before an answer came."
    for link in links:
        if isinstance(link, OSError) and link.strerror:
            return f"{in_one_line(link.strerror)}."
    return f"{type(error).__name__}."
