"""Addresses that mean another machine, or none, to whoever is elsewhere."""

import ipaddress
import os
import socket


def means_elsewhere(host: str, *, resolve: bool) -> str | None:
    """What an address is where it does not lead to the same machine from everywhere.

    None where it does, or where that is not known. A name is looked up where `resolve` is true;
    `localhost` is known without.
    """
    if host.lower().rstrip(".").split(".")[-1] == "localhost":
        return "this machine alone"
    if host == os.environ.get("KUBERNETES_SERVICE_HOST"):
        return "the address inside the cluster, for pods"
    meanings = {_meaning(address) for address in _addresses(host, resolve=resolve)}
    return meanings.pop() if len(meanings) == 1 else None


def _meaning(text: str) -> str | None:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback or address.is_unspecified:
        return "this machine alone"
    return "link-local, for one network alone" if address.is_link_local else None


def _addresses(host: str, *, resolve: bool) -> list[str]:
    try:
        # The resolver also knows forms such as 127.1 and 0x7f000001.
        flags = 0 if resolve else socket.AI_NUMERICHOST
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError):
        return []
    return [str(each[4][0]) for each in found]
