"""Revocation of certificates: of a signer, and of everybody who vouches for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from asn1crypto import pem, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import load_der_x509_certificate, load_der_x509_crl

_NOT_ISSUED = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm)
"""Raised for a certificate or a list that another did not sign, or that cannot be read."""
LONGEST = 16
"""Limit of the certificates from a signer to its root; more are no chain of any authority."""


def blocks(data: bytes, kind: str) -> list[bytes]:
    """Return what the blocks of a kind in PEM hold; nothing for an empty text, ValueError for no PEM."""
    return [der for each, _, der in pem.unarmor(data, multiple=True) if each == kind] if data else []


def chain_of(signer: Any, others: Iterable[Any]) -> list[Any]:
    """Return a certificate and all those among others that vouch for it, by their signatures.

    Parameters
    ----------
    signer, others
        Certificates of asn1crypto; others in any order, and of anybody.
    """
    chain = [signer]
    rest = list(others)
    for one in chain:
        found = [other for other in rest if other.subject == one.issuer and _signed(one, other)]
        chain += [other for other in found if other not in chain][: LONGEST - len(chain)]
    return chain


def _signed(one: Any, issuer: Any) -> bool:
    try:
        load_der_x509_certificate(one.dump()).verify_directly_issued_by(
            load_der_x509_certificate(issuer.dump())
        )
    except _NOT_ISSUED:
        return False
    return True


def is_revoked(
    signer: Any, others: Sequence[Any], trusted: bytes, moment: datetime, lists: Iterable[bytes] = ()
) -> bool:
    """Return whether a list of an authority revokes a certificate, or one that vouches for it.

    Parameters
    ----------
    others
        Certificates that came with the signature.
    trusted
        Trusted certificates and lists, in PEM.
    moment
        Time that the signature was certainly there by: what was revoked later was valid.
    lists
        Lists that came with the signature, as DER. They are believed as those of the administrator are: by
        the signature of the authority whose certificates they revoke.
    """
    known = [*others, *map(x509.Certificate.load, blocks(trusted, "CERTIFICATE"))]
    chain = chain_of(signer, known)
    given = list(_read([*blocks(trusted, "X509 CRL"), *lists]))
    return any(_revokes(one, chain, certificate, moment) for one in given for certificate in chain)


def _read(lists: Iterable[bytes]) -> Iterator[Any]:
    for one in lists:
        try:
            yield load_der_x509_crl(one)
        except _NOT_ISSUED:
            continue


def _revokes(revocations: Any, chain: Sequence[Any], certificate: Any, moment: datetime) -> bool:
    if revocations.issuer.public_bytes() != certificate.issuer.dump():
        return False
    entry = revocations.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None or entry.revocation_date_utc > moment:
        return False
    issuers = (one for one in chain if one.subject == certificate.issuer)
    keys: Any = (load_der_x509_certificate(one.dump()).public_key() for one in issuers)
    return any(map(revocations.is_signature_valid, keys))
