"""The keys and certificates of one control plane."""

import datetime
import ipaddress
import shutil
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from controlplane.files import write_private

ADMIN = "kuberoster-demo-admin"
CONTROLLER_MANAGER = "system:kube-controller-manager"

_VALID = datetime.timedelta(days=365)
_SERVER_NAMES: list[x509.GeneralName] = [
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.DNSName("localhost"),
    x509.DNSName("kubernetes.default.svc"),
]


def create(folder: Path) -> None:
    """Write ca.crt, and .crt and .key of server, admin and controller-manager; nothing if there.

    service-accounts.key signs tokens with RSA, as most clusters do: with it a Secret that is put
    back under its old name gets its old token back, which tests have to see. All certificates are
    valid for 365 days. The CA's key is never written, so nobody can issue another one.
    """
    if folder.is_dir():
        return
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    authority = _Authority()
    (partial / "ca.crt").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    authority.issue(partial / "server", "kube-apiserver", ExtendedKeyUsageOID.SERVER_AUTH)
    authority.issue(partial / "admin", ADMIN, group="system:masters")
    authority.issue(partial / "controller-manager", CONTROLLER_MANAGER)
    _write_key(
        partial / "service-accounts.key",
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
    )
    partial.rename(folder)


class _Authority:
    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("kuberoster-demo-ca")
        self.certificate = self._sign(self._name, self._key.public_key(), ca=True, extra=[])

    def issue(
        self,
        path: Path,
        name: str,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
        group: str | None = None,
    ) -> None:
        """Write `path`.crt and `path`.key; Kubernetes reads user and group from name and O."""
        key = ec.generate_private_key(ec.SECP256R1())
        extra: list[x509.ExtensionType] = [x509.ExtendedKeyUsage([usage])]
        if usage == ExtendedKeyUsageOID.SERVER_AUTH:
            extra.append(x509.SubjectAlternativeName(_SERVER_NAMES))
        certificate = self._sign(_name(name, group), key.public_key(), ca=False, extra=extra)
        path.with_suffix(".crt").write_bytes(certificate.public_bytes(Encoding.PEM))
        _write_key(path.with_suffix(".key"), key)

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        ca: bool,
        extra: list[x509.ExtensionType],
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            # A clock that is a little behind must not refuse the first request.
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + _VALID)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(_key_usage(ca=ca), critical=True)
            # Python 3.13 and later refuse certificates without the two identifiers.
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        for extension in extra:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _name(common_name: str, group: str | None = None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if group:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    return x509.Name(attributes)


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    # The controller manager reads an RSA key in PKCS #1 as well as in PKCS #8.
    write_private(
        path, key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
