"""S20: an authority for loopback alone, made here; browsers trust it, and nothing is left afterwards."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification

from server.cli import main
from server.config import AccessConfig, Config
from server.tls.authority import (
    LEAF_DAYS,
    RENEW_DAYS,
    Credential,
    leaf_builder,
    needs_renewal,
    new_authority,
    new_leaf,
)
from server.tls.context import TlsContext
from server.tls.store import CertificateStore, CertificateUnusable, server_context
from tests.patience import PATIENCE
from tests.security.certificates import NOW, authority, home

__all__ = ["authority", "home"]

FOREIGN = [
    [x509.DNSName("bank.example.cn")],
    [x509.DNSName("localhost.evil.com")],
    [x509.DNSName("localhost"), x509.DNSName("evil.com")],
    [x509.IPAddress(ipaddress.ip_address("10.0.0.1"))],
    [x509.IPAddress(ipaddress.ip_address("127.0.0.2"))],
    [x509.IPAddress(ipaddress.ip_address("::2"))],
]


def openssl_verifies(folder: Path, authority: Credential, leaf: bytes, *words: str) -> bool:
    """Whether OpenSSL takes a chain for a server's."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    (folder / "ca.pem").write_bytes(authority.pem)
    (folder / "leaf.pem").write_bytes(leaf)
    command = [
        "openssl",
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-CAfile",
        "ca.pem",
        *words,
        "leaf.pem",
    ]
    return (
        subprocess.run(command, cwd=folder, capture_output=True, timeout=PATIENCE, check=False).returncode
        == 0
    )


def misissued(authority: Credential, names: list[x509.GeneralName]) -> bytes:
    """What a thief of the authority's key would sign."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = leaf_builder(authority, key.public_key(), NOW)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return Credential(builder.sign(authority.key, hashes.SHA256()), key).pem


@pytest.mark.parametrize("name", ["hostname localhost", "ip 127.0.0.1", "ip ::1"])
def test_the_services_certificate_verifies(tmp_path: Path, authority: Credential, name: str) -> None:
    kind, value = name.split()
    leaf = new_leaf(authority, NOW).pem
    assert openssl_verifies(tmp_path, authority, leaf, f"-verify_{kind}", value)


@pytest.mark.parametrize("names", FOREIGN, ids=str)
def test_one_for_another_name_does_not(
    tmp_path: Path, authority: Credential, names: list[x509.GeneralName]
) -> None:
    leaf = misissued(authority, names)
    assert not openssl_verifies(tmp_path, authority, leaf)
    store = verification.Store([authority.certificate])
    name = names[-1]
    subject = x509.DNSName(name.value) if isinstance(name, x509.DNSName) else name
    assert isinstance(subject, x509.DNSName | x509.IPAddress)
    verifier = verification.PolicyBuilder().store(store).build_server_verifier(subject)
    with pytest.raises(verification.VerificationError):
        verifier.verify(x509.load_pem_x509_certificate(leaf), [])


def test_the_authority_makes_no_authorities(tmp_path: Path, authority: Credential) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    below = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "below")]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - datetime.timedelta(days=1))
        .not_valid_after(NOW + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    leaf = new_leaf(Credential(below, key), NOW)
    (tmp_path / "below.pem").write_bytes(Credential(below, key).pem)
    assert not openssl_verifies(tmp_path, authority, leaf.pem, "-untrusted", "below.pem")


def test_the_constraint_is_critical_and_the_leaf_is_short_lived(authority: Credential) -> None:
    constraint = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraint.critical
    leaf = new_leaf(authority, NOW).certificate
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= datetime.timedelta(days=398)


# Keeping -----------------------------------------------------------------------------------


def test_keys_are_their_owners_alone(tmp_path: Path) -> None:
    cabinet = CertificateStore(tmp_path / "access")
    cabinet.install(NOW)
    for path in cabinet.anchor.parent.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    assert cabinet.anchor.parent.stat().st_mode & 0o777 == 0o700


def test_a_certificate_is_renewed_near_its_end_and_the_authority_stays(tmp_path: Path) -> None:
    cabinet = CertificateStore(tmp_path)
    authority = cabinet.install(NOW)
    before = cabinet.certificate.read_bytes()
    assert not cabinet.renew(NOW + datetime.timedelta(days=LEAF_DAYS - RENEW_DAYS - 2))
    assert cabinet.certificate.read_bytes() == before
    later = NOW + datetime.timedelta(days=LEAF_DAYS - RENEW_DAYS)
    assert cabinet.renew(later)
    kept, leaf = cabinet.read()
    assert kept
    assert leaf
    assert kept.pem == authority.pem
    assert leaf.days_left(later) >= LEAF_DAYS - 1


def test_a_certificate_of_another_authority_is_replaced(authority: Credential) -> None:
    assert needs_renewal(new_leaf(new_authority(NOW), NOW), authority, NOW)
    assert not needs_renewal(new_leaf(authority, NOW), authority, NOW)


def test_an_authority_near_its_end_is_replaced_at_install(tmp_path: Path) -> None:
    cabinet = CertificateStore(tmp_path)
    first = cabinet.install(NOW)
    assert cabinet.install(NOW).pem == first.pem
    much_later = first.certificate.not_valid_after_utc - datetime.timedelta(days=LEAF_DAYS - 1)
    assert cabinet.install(much_later).pem != first.pem


@pytest.mark.parametrize(
    "damage", [b"", b"-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n", b"x" * 99]
)
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes) -> None:
    cabinet = CertificateStore(tmp_path)
    cabinet.install(NOW)
    cabinet.certificate.write_bytes(damage)
    with pytest.raises(CertificateUnusable, match=r"service\.pem"):
        cabinet.renew(NOW)
    with pytest.raises(CertificateUnusable, match=r"service\.pem"):
        server_context(cabinet.certificate, cabinet.key)


def test_without_a_certificate_the_service_says_what_to_type(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "gaopai.toml"
    settings.write_text("[server]\ntls = true\n", encoding="utf-8")
    assert main(["serve", "--demo", "--root", str(tmp_path / "root"), "--config", str(settings)]) == 2
    assert "gaopai tls install" in capsys.readouterr().err


def test_a_running_service_takes_the_new_certificate(tmp_path: Path) -> None:
    cabinet = CertificateStore(tmp_path)
    cabinet.install(NOW - datetime.timedelta(days=LEAF_DAYS - RENEW_DAYS + 1))
    before = cabinet.certificate.read_bytes()
    context = server_context(cabinet.certificate, cabinet.key)
    asyncio.run(TlsContext(context, cabinet.certificate, cabinet.key, cabinet).refresh())
    assert cabinet.certificate.read_bytes() != before
    assert served_by(context) == ssl.PEM_cert_to_DER_cert(cabinet.certificate.read_text())


def served_by(context: ssl.SSLContext) -> bytes:
    """The certificate that a client is shown, without any network."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    up = ssl.MemoryBIO()
    down = ssl.MemoryBIO()
    ends = [context.wrap_bio(up, down, server_side=True), client.wrap_bio(down, up)]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    shown = ends[1].getpeercert(binary_form=True)
    assert shown
    return shown


def test_a_service_with_an_account_of_its_own_makes_its_certificate(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", f"{tmp_path}/gaopai:{tmp_path}/gaopai-access")
    made = TlsContext.from_config(Config())
    assert f"gaopai tls trust {tmp_path}/gaopai-access/tls/authority.pem" in caplog.text
    caplog.clear()
    assert served_by(TlsContext.from_config(Config()).context) == served_by(made.context)
    assert caplog.text == ""
    with pytest.raises(CertificateUnusable, match="gaopai tls install"):
        # Told to keep it elsewhere, somebody can make it there.
        TlsContext.from_config(Config(access=AccessConfig(folder=str(tmp_path / "elsewhere"))))
