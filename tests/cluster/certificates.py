"""Certificates, made anew for each test run."""

import datetime
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Pki:
    """Certificates of one test run, as PEM."""

    ca: bytes
    other_ca: bytes
    intermediate: bytes
    server: tuple[bytes, bytes]
    by_intermediate: tuple[bytes, bytes]
    client: tuple[bytes, bytes]
    client2: tuple[bytes, bytes]
    encrypted_key: bytes


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption(),
    )


def _issue(
    name: str,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = None,
    *,
    authority: bool = False,
    hosts: tuple[str, ...] = (),
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if hosts:
        names: list[x509.GeneralName] = [x509.DNSName(host) for host in hosts]
        address = ipaddress.ip_address("127.0.0.1")
        builder = builder.add_extension(
            x509.SubjectAlternativeName([*names, x509.IPAddress(address)]), critical=False
        )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def issue_all() -> Pki:
    ca = _issue("test-ca", authority=True)
    intermediate = _issue("test-intermediate", ca, authority=True)
    hosts = ("localhost", "api.test", "inner.test")
    server, server2 = _issue("server", ca, hosts=hosts), _issue("s2", intermediate, hosts=hosts)
    client, client2 = _issue("cert-user", ca), _issue("cert-user-2", ca)
    return Pki(
        ca=_pem(ca[0]),
        other_ca=_pem(_issue("other-ca", authority=True)[0]),
        intermediate=_pem(intermediate[0]),
        server=(_pem(server[0]), _key_pem(server[1])),
        by_intermediate=(_pem(server2[0]), _key_pem(server2[1])),
        client=(_pem(client[0]), _key_pem(client[1])),
        client2=(_pem(client2[0]), _key_pem(client2[1])),
        encrypted_key=_key_pem(client[1], b"secret"),
    )
