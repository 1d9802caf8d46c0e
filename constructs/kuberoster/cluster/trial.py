"""Whether a token, or a whole kubeconfig, that is not ours works."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from kuberoster.cluster.client import WHO, WHO_AM_I
from kuberoster.cluster.entry import Entry
from kuberoster.cluster.errors import ClusterError, Forbidden, Unauthorized
from kuberoster.cluster.kubeconfig import Target, target_in
from kuberoster.cluster.transport import Transport

_NAMED = re.compile(r'User "([^"]*)"')


def is_accepted(target: Target, token: str) -> bool:
    """Whether the API server of a target takes this token, sent alone; ClusterError if unknown.

    The way there is the target's own (TLS, proxy), and nothing of the target's user goes with it.
    """
    user = Entry(kind="user", name="of a token", file=target.user.file, settings={"token": token})
    transport = Transport(replace(target, user=user))
    if transport.server.startswith("http://"):
        raise ClusterError(
            f"{transport.server}: over plain HTTP no token is sent, so none is tried."
        )
    try:
        transport.send("GET", "/version")
    except Unauthorized:
        return False
    except Forbidden:
        return True
    finally:
        transport.close()
    return True


def seen_as(kubeconfig: bytes, file: Path) -> str:
    """The username that the API server of a kubeconfig sees in whoever uses it.

    The kubeconfig is to become `file`. Its server, authority, proxy and credential are all that
    is used, as its owner will use them; only a proxy may come from the environment. Each user may
    ask this, unless the cluster has taken that right away; then the refusal says who asked. The
    answer is empty where none came that names a user. Raises ClusterError.
    """
    target = target_in(kubeconfig, file)
    transport = Transport(target)
    if transport.server.startswith("http://"):
        raise ClusterError(f"{transport.server}: over plain HTTP no token is sent.")
    try:
        answer = transport.send("POST", WHO_AM_I, body=WHO)
    except Forbidden as refused:
        named = _NAMED.search(refused.said)
        return named.group(1) if named else ""
    finally:
        transport.close()
    name = answer["status"]["userInfo"].get("username")
    return name if isinstance(name, str) else ""
