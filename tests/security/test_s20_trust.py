"""S20: browsers trust an authority for loopback alone, and nothing is left afterwards."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from server.cli import main
from server.tls import NAME, system
from server.tls.authority import Credential, new_leaf, read_authority
from server.tls.nss import is_there
from server.tls.store import CertificateStore
from tests.patience import PATIENCE
from tests.security.certificates import NOW, authority, cabinet_of, home, new_database, nss_itself, trusted_in
from tests.service import REPOSITORY

__all__ = ["authority", "home"]

PROFILES = [
    ".mozilla/firefox/abcd.default-release",
    ".config/mozilla/firefox/abcd.default",
    "snap/firefox/common/.mozilla/firefox/abcd.default",
    ".var/app/org.mozilla.firefox/.mozilla/firefox/abcd.default",
    "snap/chromium/current/.pki/nssdb",
    ".local/share/pki/nssdb",
]


def test_every_browser_trusts_it_and_nothing_is_left_afterwards(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not is_there():
        pytest.skip("certutil (libnss3-tools) is not installed")
    for name in PROFILES:
        new_database(home / name)
    assert main(["tls", "install"]) == 0
    assert main(["tls", "install"]) == 0  # a second time changes nothing
    for name in PROFILES:
        assert len(trusted_in(home / name)) == 1, name
    assert main(["tls", "status"]) == 0
    assert capsys.readouterr().out.count(NAME) > len(PROFILES)
    assert main(["tls", "remove"]) == 0
    for name in PROFILES:
        assert trusted_in(home / name) == [], name
    assert not cabinet_of(home).anchor.parent.exists()
    assert main(["tls", "status"]) == 1


def test_where_a_browser_cannot_be_told_the_certificates_stay(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / ".pki" / "nssdb").mkdir(parents=True)
    (home / ".pki" / "nssdb" / "cert9.db").write_bytes(b"")
    cabinet_of(home).install(NOW)
    monkeypatch.setenv("PATH", str(home))
    assert main(["tls", "remove"]) == 1
    assert "libnss3-tools" in capsys.readouterr().err
    assert cabinet_of(home).anchor.exists()


def test_the_systems_list_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    updates: list[tuple[str, ...]] = []
    monkeypatch.setattr(system, "_update", lambda *words: updates.append(words))
    (tmp_path / "other.crt").write_text("another's")
    system.trust(f"{NAME} 12345678", b"pem", tmp_path)
    assert [path.name for path in system.anchors(tmp_path)] == ["gaopai-local-authority-12345678.crt"]
    assert system.distrust(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["other.crt"]
    assert updates == [(), ("--fresh",)]


def widened(pem: bytes, **changed: Any) -> bytes:
    """The same authority, but for an extension of it, made by whoever has another key."""
    made = x509.load_pem_x509_certificate(pem)
    key = changed.get("key", ec.generate_private_key(ec.SECP256R1()))
    days = datetime.timedelta(changed.get("days", 0))
    builder = (
        x509.CertificateBuilder()
        .subject_name(changed.get("name", made.subject))
        .issuer_name(made.issuer)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(made.not_valid_before_utc)
        .not_valid_after(made.not_valid_after_utc + days)
    )
    for extension in made.extensions:
        value = changed.get(type(extension.value).__name__, extension.value)
        if isinstance(value, x509.ExtensionType):
            builder = builder.add_extension(value, changed.get("critical", extension.critical))
    if "added" in changed:
        builder = builder.add_extension(changed["added"], critical=False)
    return builder.sign(changed.get("signer", key), hashes.SHA256()).public_bytes(Encoding.PEM)


EVERYWHERE = x509.NameConstraints([x509.DNSName("localhost"), x509.DNSName("bank.example.cn")], None)
ELSE = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Bank Root 1")])
WITHOUT_ADDRESSES = x509.NameConstraints([x509.DNSName("localhost")], None)
SIGNS_ANYTHING = x509.KeyUsage(True, False, False, False, False, True, True, False, False)


def usage_for(*purposes: x509.ObjectIdentifier) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage(purposes)


WIDER: list[dict[str, Any]] = [
    {"NameConstraints": None},
    {"NameConstraints": EVERYWHERE},
    {"BasicConstraints": x509.BasicConstraints(ca=True, path_length=None)},
    {"BasicConstraints": x509.BasicConstraints(ca=False, path_length=None)},
    {"critical": False},
    {"critical": True},
    {"name": ELSE},
    {"ExtendedKeyUsage": None},
    {"ExtendedKeyUsage": usage_for(ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CODE_SIGNING)},
    {"ExtendedKeyUsage": usage_for(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)},
    {"ExtendedKeyUsage": usage_for(ExtendedKeyUsageOID.EMAIL_PROTECTION)},
    {"KeyUsage": None},
    {"KeyUsage": SIGNS_ANYTHING},
    {"NameConstraints": WITHOUT_ADDRESSES},
    {"NameConstraints": x509.NameConstraints(None, [x509.DNSName("bank.example.cn")])},
    {"added": x509.SubjectAlternativeName([x509.DNSName("bank.example.cn")])},
    {"added": x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"")},
    {"key": rsa.generate_private_key(65537, 1024)},
    {"key": ec.generate_private_key(ec.SECP521R1())},
    {"signer": ec.generate_private_key(ec.SECP256R1())},
    {"days": 36500},
]


@pytest.mark.parametrize("changed", WIDER, ids=lambda changed: next(iter(changed)))
def test_no_authority_is_trusted_that_could_vouch_for_more(
    authority: Credential, tmp_path: Path, changed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert read_authority(widened(authority.pem))[0] == authority.name
    path = tmp_path / "authority.pem"
    path.write_bytes(widened(authority.pem, **changed))
    assert main(["tls", "trust", str(path)]) == 1
    assert "not trusted: " in capsys.readouterr().err


def test_what_is_no_authority_is_not_trusted(authority: Credential, tmp_path: Path) -> None:
    path = tmp_path / "authority.pem"
    for content in (b"", b"x" * 999, new_leaf(authority, NOW).pem, 2 * authority.pem, authority.pem[:-99]):
        path.write_bytes(content)
        assert main(["tls", "trust", str(path)]) == 1
    assert main(["tls", "trust", str(tmp_path / "missing.pem")]) == 1


def test_a_file_of_another_accounts_may_be_anything(
    authority: Credential, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pipe that nobody writes to, a device without end, more than fits into memory."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "huge").touch()
    os.truncate(tmp_path / "huge", 1 << 40)
    for path in (tmp_path / "pipe", tmp_path / "huge", Path("/dev/zero"), tmp_path):
        assert main(["tls", "trust", str(path)]) == 1
        assert f"{path}: " in capsys.readouterr().err


def test_what_another_accounts_service_made_is_trusted(home: Path, tmp_path: Path) -> None:
    if not is_there():
        pytest.skip("certutil (libnss3-tools) is not installed")
    cabinet = CertificateStore(tmp_path / "service")
    name = cabinet.install(NOW).name
    assert main(["tls", "trust", str(cabinet.anchor)]) == 0
    assert trusted_in(home / ".pki" / "nssdb") == [name]
    assert not cabinet_of(home).anchor.exists()
    assert main(["tls", "remove"]) == 0
    assert trusted_in(home / ".pki" / "nssdb") == []


ALL_USERS = """
import os, pwd, sys
from server.cli import main
home = sys.argv[1]
account = pwd.struct_passwd(("clerk", "x", 65534, 65534, "", home, "/bin/sh"))
pwd.getpwall = lambda: [account]
from server.cli import tls
tls.ORDINARY_USERS = range(65534, 65535)
os.environ["HOME"] = sys.argv[2]
sys.exit(main(["tls", *sys.argv[3:], "--all-users"]))
"""


@pytest.mark.long
def test_root_puts_it_into_every_accounts_browsers_and_out_with_their_rights_only(tmp_path: Path) -> None:
    if os.geteuid() != 0 or not is_there():
        pytest.skip("takes root, and certutil (libnss3-tools)")
    with tempfile.TemporaryDirectory() as open_to_all:
        home = Path(open_to_all, "clerk")
        database = new_database(home / ".pki" / "nssdb")
        cabinet = cabinet_of(home)
        authority = cabinet.install(NOW)
        given = ("-A", "-n", authority.name, "-t", "C,,", "-a")
        nss_itself(database, *given, given=authority.pem)
        # A link that leads to what is root's: it must not be followed with root's rights.
        roots = cabinet_of(tmp_path / "root")
        roots.install(NOW)
        trap = home / ".mozilla" / "firefox"
        trap.mkdir(parents=True)
        (trap / "trap").symlink_to(tmp_path / "root")
        for path in (Path(open_to_all), home, *home.rglob("*")):
            os.chown(path, 65534, 65534, follow_symlinks=False)
        command = [sys.executable, "-c", ALL_USERS, str(home), str(tmp_path)]
        # Nobody but root can read what the machine's service made.
        subprocess.run([*command, "trust", str(roots.anchor)], cwd=REPOSITORY, timeout=PATIENCE, check=True)
        (name,) = trusted_in(database)
        assert name == read_authority(roots.anchor.read_bytes())[0]
        subprocess.run([*command, "remove"], cwd=REPOSITORY, timeout=PATIENCE, check=True)
        assert trusted_in(database) == []
        assert not cabinet.anchor.exists()
        assert roots.anchor.exists()
