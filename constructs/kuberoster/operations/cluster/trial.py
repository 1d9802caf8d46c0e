"""Whether a token that is not ours still works."""

from __future__ import annotations

from dataclasses import replace

from kuberoster.operations.cluster.entry import Entry
from kuberoster.operations.cluster.errors import ClusterError, Forbidden, Unauthorized
from kuberoster.operations.cluster.kubeconfig import Target
from kuberoster.operations.cluster.transport import Transport


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
