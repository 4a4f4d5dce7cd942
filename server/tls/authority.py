"""The authority of one computer, and the certificate that it makes for the service.

The authority can vouch for loopback only: the constraint stands in its own certificate, is critical, and is
checked by whoever verifies a chain. A stolen key is therefore no way into any other connection.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
import secrets
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.tls import NAME

LOOPBACK_NAME = "localhost"
ADDRESSES = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
AUTHORITY_DAYS = 3650
LEAF_DAYS = 397
"""Browsers take 398 at most."""
RENEW_DAYS = 60
"""A certificate with fewer days left is replaced."""
EARLIER = datetime.timedelta(hours=1)
"""A clock may have been set back since."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def load(cls, certificate: bytes, key: bytes) -> Credential:
        """From PEM.

        Raises
        ------
        ValueError
            They are damaged, of another kind, or do not belong together.
        """
        private = serialization.load_pem_private_key(key, None)
        chain = x509.load_pem_x509_certificates(certificate)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise ValueError("not a key of an elliptic curve")
        if chain[0].public_key() != private.public_key():
            raise ValueError("certificate and key do not belong together")
        return cls(chain[0], private)

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key, not encrypted: the service starts without a person."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @property
    def name(self) -> str:
        """The common name."""
        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value)

    def days_left(self, now: datetime.datetime) -> int:
        """Whole days until it ends; below nought when it has."""
        return (self.certificate.not_valid_after_utc - now).days


def new_authority(now: datetime.datetime) -> Credential:
    """An authority for the loopback of one computer, told from others by a random name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"{NAME} {secrets.token_hex(4)}")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(_loopback_only(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    return Credential(builder.sign(key, hashes.SHA256()), key)


def read_authority(pem: bytes) -> tuple[str, bytes]:
    """The name of an authority, and its certificate anew, where it can vouch for loopback only.

    Parameters
    ----------
    pem
        Of an account that one need not trust.

    Raises
    ------
    ValueError
        It is no certificate, or one that could vouch for more; the text says which.
    """
    (certificate, *others) = x509.load_pem_x509_certificates(pem)
    names = [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if others or len(names) != 1 or not re.fullmatch(rf"{NAME} [0-9a-f]{{8}}", names[0]):
        raise ValueError("not the authority of a gaopai service")
    try:
        limits = certificate.extensions.get_extension_for_class(x509.NameConstraints)
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound as exc:
        raise ValueError("an authority that could vouch for any server") from exc
    if not limits.critical or limits.value != _loopback_only() or basic.path_length != 0:
        raise ValueError("an authority that could vouch for other servers")
    return names[0], certificate.public_bytes(serialization.Encoding.PEM)


def new_leaf(authority: Credential, now: datetime.datetime) -> Credential:
    """A certificate for the service on this computer."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = leaf_builder(authority, key.public_key(), now).add_extension(
        x509.SubjectAlternativeName(
            [x509.DNSName(LOOPBACK_NAME), *(x509.IPAddress(address) for address in ADDRESSES)]
        ),
        critical=False,
    )
    return Credential(builder.sign(authority.key, hashes.SHA256()), key)


def leaf_builder(
    authority: Credential, key: ec.EllipticCurvePublicKey, now: datetime.datetime
) -> x509.CertificateBuilder:
    """What a certificate of the service says, but for its names."""
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    signer = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _builder(_name("gaopai"), authority.certificate.subject, key, now, LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(signer), critical=False)
    )


def needs_renewal(leaf: Credential, authority: Credential, now: datetime.datetime) -> bool:
    """Whether a new certificate should be made: the end is near, or another authority made it."""
    if leaf.days_left(now) < RENEW_DAYS:
        return True
    try:
        leaf.certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return True
    return False


def _loopback_only() -> x509.NameConstraints:
    networks = [x509.IPAddress(ipaddress.ip_network(address)) for address in ADDRESSES]
    return x509.NameConstraints([x509.DNSName(LOOPBACK_NAME), *networks], None)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now - EARLIER + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
