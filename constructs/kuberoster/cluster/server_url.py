"""The API server's address in a kubeconfig."""

from __future__ import annotations

from urllib.parse import urlsplit

from kuberoster.cluster.kubeconfig import Target
from kuberoster.model.server_url import MEND, server_url_fault


def server_url(target: Target) -> str:
    """Return a cluster's `server`, without a slash at its end.

    Plain HTTP is for `kubectl proxy` on this machine only. Raises ClusterError.
    """
    cluster, server = target.cluster, target.cluster.text("server")
    if fault := server_url_fault(server, ("http", "https")):
        raise cluster.wrong(f"'server' {fault}. {MEND}")
    url = urlsplit(server)
    if url.scheme == "http" and url.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise cluster.wrong("'server' is plain HTTP, where anyone can change an answer. Use https.")
    return server.rstrip("/")
