"""Ports that nobody else can take between being chosen and being served."""

import socket
import time

from controlplane.errors import ControlPlaneError

HOST = "127.0.0.1"


def reserve(port: int) -> socket.socket:
    """Return a bound socket that never listens; port 0 lets the kernel choose.

    While it is open, only a process of the same user that asks for port sharing can bind the port
    (socket(7), SO_REUSEPORT), and the kernel gives it to nobody. So two control planes never race
    for one, and an API server that is stopped for a while finds its port again.

    Raises ControlPlaneError when the port is in use.
    """
    if port:
        _wait_until_free(port)
    reserved = socket.socket()
    try:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind((HOST, port))
    except OSError as error:
        reserved.close()
        raise ControlPlaneError(f"Port {port} of {HOST}: {error.strerror}.") from error
    return reserved


def _wait_until_free(port: int) -> None:
    # Port sharing would also let a second control plane of the same user in, silently. SO_REUSEADDR
    # only forgives connections that are closing. Programs that were just killed get a moment.
    deadline = time.monotonic() + 3
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                if time.monotonic() > deadline:
                    raise ControlPlaneError(
                        f"Port {port} of {HOST}, which this control plane had before: "
                        f"{error.strerror}.\nStop what uses it, or start in a new directory."
                    ) from error
            else:
                return
        time.sleep(0.1)
