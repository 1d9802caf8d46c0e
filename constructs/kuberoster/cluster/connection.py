"""How a cluster is reached: its address, a proxy on the way, and TLS."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from kuberoster.cluster.credential import Credential
from kuberoster.cluster.entry import Entry
from kuberoster.cluster.errors import ClusterError
from kuberoster.cluster.kubeconfig import Target
from kuberoster.model.certificates import authority_fault
from kuberoster.model.server_url import MEND, server_url_fault


def authority_of(cluster: Entry) -> bytes | None:
    """Return the cluster's certificate authority as PEM; None stands for the system's own.

    None too with insecure-skip-tls-verify: an authority that nobody checked is not handed on.
    Raises ClusterError for a file that holds no certificate.
    """
    pem = cluster.content("certificate-authority")
    if cluster.flag("insecure-skip-tls-verify"):
        if pem:
            raise cluster.wrong("has both certificate-authority and insecure-skip-tls-verify.")
        return None
    if pem is None:
        return None
    if fault := authority_fault(pem):
        raise cluster.wrong(f"'certificate-authority' {fault}.")
    return pem


def context_for(cluster: Entry, user: Entry, credential: Credential) -> ssl.SSLContext:
    """Make a context that trusts what kubectl trusts, and holds the client certificate.

    Raises ClusterError for a certificate or key that can't be used.
    """
    authority = authority_of(cluster)
    context = ssl.create_default_context(cadata=_ascii(authority) if authority else None)
    # kubectl (Go) takes every given certificate as a root, and authorities without the key
    # identifiers that Python 3.13 began to demand.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if cluster.flag("insecure-skip-tls-verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if credential.certificate is not None and credential.key is not None:
        _present(context, user, credential.certificate, credential.key)
    return context


def _ascii(pem: bytes) -> str:
    """Drop what is not ASCII: it stands in comments between certificates, and Python refuses it."""
    return pem.decode("ascii", "ignore")


def _present(context: ssl.SSLContext, user: Entry, certificate: bytes, key: bytes) -> None:
    with _readable(certificate) as certificates, _readable(key) as keys:
        try:
            # Without a password of ours OpenSSL would ask for one on the terminal.
            context.load_cert_chain(certificates, keys, password=b"")
        except (ssl.SSLError, ValueError):
            raise user.wrong(
                "its client certificate and key can't be used: not PEM, the key is encrypted, "
                "or the two do not belong together."
            ) from None


@contextmanager
def _readable(content: bytes) -> Iterator[str]:
    """A path to read it from, since Python reads a key from a file only.

    On Linux it lies in memory and has no name, so that nothing stays behind whoever stops us;
    elsewhere in a folder of our own, for as long as the reading takes.
    """
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        descriptor = os.memfd_create("kuberoster", os.MFD_CLOEXEC)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            yield f"/proc/self/fd/{descriptor}"
        return
    with tempfile.TemporaryDirectory(prefix="kuberoster-") as folder:
        file = Path(folder) / "pem"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        yield str(file)


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
