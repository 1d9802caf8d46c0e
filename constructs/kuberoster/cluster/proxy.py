"""Which proxy stands between us and a cluster, as kubectl (Go) chooses it."""

from __future__ import annotations

import contextlib
import ipaddress
import os
from urllib.parse import SplitResult, unquote, urlsplit

from kuberoster.cluster.entry import Entry
from kuberoster.cluster.errors import ClusterError


def proxy_for(cluster: Entry) -> SplitResult | None:
    """Return the proxy from `proxy-url`, else from the environment, else None.

    NO_PROXY and the exception for this machine hold for the environment's proxy only: see
    https://pkg.go.dev/golang.org/x/net/http/httpproxy. Raises ClusterError.
    """
    server = urlsplit(cluster.text("server"))
    if own := cluster.text("proxy-url"):
        return _parsed(own, f"{cluster}: proxy-url")
    names = (
        ("HTTPS_PROXY", "https_proxy") if server.scheme == "https" else ("HTTP_PROXY", "http_proxy")
    )
    value = next((os.environ[name] for name in names if os.environ.get(name)), "")
    if not value or _is_excepted(server):
        return None
    return _parsed(value if "://" in value else f"http://{value}", names[0])


def without_password(proxy: SplitResult | None) -> str | None:
    """Return a proxy's URL without the user and password in it."""
    if proxy is None:
        return None
    return proxy._replace(netloc=proxy.netloc.rpartition("@")[2]).geturl()


def user_and_password(proxy: SplitResult) -> str | None:
    """Return `user:password` of a proxy's URL, if it has one."""
    if proxy.username is None:
        return None
    return f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"


def _parsed(value: str, origin: str) -> SplitResult:
    try:
        proxy = urlsplit(value)
        port = proxy.port
    except ValueError:
        proxy, port = SplitResult("", "", "", "", ""), None
    if proxy.scheme in {"socks5", "socks5h"}:
        raise ClusterError(
            f"{origin} is a SOCKS proxy, which kuberoster does not speak. Use an HTTP proxy, or a "
            "tunnel with tls-server-name."
        )
    if proxy.scheme not in {"http", "https"} or not proxy.hostname or port == 0:
        raise ClusterError(
            f"{origin} is no proxy's URL. Write http://host:port or https://host:port."
        )
    return proxy


def _is_excepted(server: SplitResult) -> bool:
    host = (server.hostname or "").lower()
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    port = str(server.port or (443 if server.scheme == "https" else 80))
    rules = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    return any(_matches(rule.strip().lower(), host, address, port) for rule in rules.split(","))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _matches(
    rule: str, host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None, port: str
) -> bool:
    if rule == "*":
        return True
    with contextlib.suppress(ValueError):
        network = ipaddress.ip_network(rule, strict=False)
        return address is not None and address in network
    name, colon, rule_port = rule.rpartition(":")
    if colon and rule_port.isdigit():
        if rule_port != port:
            return False
        rule = name.strip("[]")
    if not rule:
        return False
    if address is not None:
        return _address(rule) == address
    suffix = "." + rule.removeprefix("*").removeprefix(".")
    return host.endswith(suffix) or (rule[0] not in "*." and host == rule)
