"""The API server's address in a kubeconfig."""

from __future__ import annotations

from urllib.parse import urlsplit

from kuberoster.operations.cluster.kubeconfig import Target


def server_url(target: Target) -> str:
    """Return a cluster's `server`, without a slash at its end.

    Plain HTTP is for `kubectl proxy` on this machine only. Raises ClusterError.
    """
    cluster, server = target.cluster, target.cluster.text("server")
    try:
        url = urlsplit(server)
        port = url.port
    except ValueError:
        raise cluster.wrong("'server' is no URL.") from None
    if url.scheme not in {"http", "https"} or not url.hostname or port == 0:
        raise cluster.wrong(f"'server' is '{server}'. Write it as https://host:port.")
    odd = not server.isprintable() or " " in server
    if odd or url.username is not None or url.query or url.fragment:
        raise cluster.wrong("'server' must hold no user, blank, '?' or '#'.")
    if url.scheme == "http" and url.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise cluster.wrong("'server' is plain HTTP, where anyone can change an answer. Use https.")
    return server.rstrip("/")
