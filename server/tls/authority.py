"""Local certificate authority of one computer, and the certificate that it issues for the service.

The authority can issue certificates for loopback only: by a critical name constraint in its own certificate,
which every verifier of a chain checks. A stolen key therefore gives access to no other connection.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
import secrets
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.tls import NAME

LOOPBACK_NAME = "localhost"
ADDRESSES = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
AUTHORITY_DAYS = 3650
"""Validity of the authority, in days."""
LEAF_DAYS = 397
"""Validity of the service's certificate, in days; browsers accept 398 at most."""
RENEW_DAYS = 60
"""Number of remaining days below which a certificate is renewed."""
_LONGEST = datetime.timedelta(days=AUTHORITY_DAYS)
EARLIER = datetime.timedelta(hours=1)
"""Time by which validity begins earlier, as the clock may be set back later."""


@dataclass(frozen=True, slots=True)
class Credential:
    """Certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def load(cls, certificate: bytes, key: bytes) -> Credential:
        """Load both from PEM.

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
        """Certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """Key in PEM, not encrypted, as the service starts without a user."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def name(self) -> str:
        """Common name of the certificate."""
        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value)

    def days_left(self, now: datetime.datetime) -> int:
        """Return the whole days until it expires, negative if it has."""
        return (self.certificate.not_valid_after_utc - now).days


def new_authority(now: datetime.datetime) -> Credential:
    """Make an authority for the loopback of one computer, with a random name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"{NAME} {secrets.token_hex(4)}")
    builder = _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
    for extension, critical in _authority_extensions():
        builder = builder.add_extension(extension, critical)
    return Credential(builder.sign(key, hashes.SHA256()), key)


def read_authority(pem: bytes) -> tuple[str, bytes]:
    """Return name and certificate of an authority, after checking that it is limited to loopback.

    Parameters
    ----------
    pem
        Certificate in PEM, which may come from an untrusted account.

    Raises
    ------
    ValueError
        It is no certificate, or not one as `new_authority` makes it; the text says which.
    """
    (certificate, *others) = x509.load_pem_x509_certificates(pem)
    names = [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if others or len(names) != 1 or not re.fullmatch(rf"{NAME} [0-9a-f]{{8}}", names[0]):
        raise ValueError("not the authority of a gaopai service")
    try:
        _check_authority(certificate, names[0])
    except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm) as exc:
        raise ValueError("it cannot be understood") from exc
    return names[0], certificate.public_bytes(serialization.Encoding.PEM)


def _check_authority(certificate: x509.Certificate, name: str) -> None:
    """Check that a certificate is one as `new_authority` makes it."""
    found = {(each.value, each.critical) for each in certificate.extensions}
    extra = {each for each in found if not isinstance(each[0], x509.SubjectKeyIdentifier)}
    if extra != set(_authority_extensions()):
        raise ValueError("an authority that could vouch for other servers, or for more than servers")
    if certificate.not_valid_after_utc - certificate.not_valid_before_utc > _LONGEST:
        raise ValueError("an authority that holds for too long")
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("an authority with another kind of key")
    if certificate.subject != _name(name):
        raise ValueError("an authority with further names")
    try:
        certificate.verify_directly_issued_by(certificate)
    except InvalidSignature as exc:
        raise ValueError("an authority whose signature is not its own") from exc


def new_leaf(authority: Credential, now: datetime.datetime) -> Credential:
    """Issue a certificate for the service on this computer."""
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
    """Return a builder for a certificate of the service, without its names."""
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
    """Return whether a certificate is to be replaced: it ends soon, or another authority issued it."""
    if leaf.days_left(now) < RENEW_DAYS:
        return True
    try:
        leaf.certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return True
    return False


def _authority_extensions() -> list[tuple[x509.ExtensionType, bool]]:
    """Return the extensions of an authority beside its key's identifier; True marks a critical one."""
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
    return [
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (usage, True),
        (_loopback_only(), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
    ]


def _loopback_only() -> x509.NameConstraints:
    networks = [x509.IPAddress(ipaddress.ip_network(address)) for address in ADDRESSES]
    return x509.NameConstraints([x509.DNSName(LOOPBACK_NAME), *networks], None)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime.datetime, days: int
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
