"""TLS for one cluster and one client certificate."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kuberoster.cluster.credential import Credential
from kuberoster.cluster.entry import Entry
from kuberoster.model.certificates import authority_fault


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
