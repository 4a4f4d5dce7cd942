"""Signatures: made and verified with keys of every kind, and what can go wrong with them."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import os
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import PIL.Image
import pytest

pytest.importorskip("pyhanko", reason="the extra archive is not installed")

from aiohttp import web
from asn1crypto import cms, core, crl, pem, tsp
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

from server.archive import signing, verification, worker
from server.archive.conformance import claimed_level
from server.archive.signing import (
    JobRefused,
    MakeKey,
    Sign,
    SigningKey,
    VerificationReport,
    make_key,
    sign,
    verify,
)
from server.archive.verification import report
from server.cli import main
from server.cli import verify as verify_command
from server.errors import SigningFailed
from tests.extent import extent
from tests.unit.archive.test_conformance import archived
from tests.unit.documents.samples import file, jpeg, pdf

PASSWORD = b"secret"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


class Authority:
    """A certification authority of a test, and what it issues."""

    def __init__(self, start: datetime = NOW - DAY) -> None:
        self.name = "test authority"
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._made(self.name, self.key, ca=True, start=start, days=400)

    def issue(self, private: Any, **terms: Any) -> Any:
        """Issue a certificate of `days` from `start` on, that `stamps`, or makes content `credentials`."""
        return self._made("counter 7", private, **terms)

    def revoked(self, certificate: Any) -> bytes:
        """Return a list of one revoked certificate, in PEM."""
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(certificate.serial_number)
            .revocation_date(NOW - DAY)
        )
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(NOW - DAY).next_update(NOW + DAY).add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def _builder(self, name: str, private: Any, start: datetime, days: int) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder(
            self._name(self.name), self._name(name), private.public_key(), x509.random_serial_number()
        )
        return builder.not_valid_before(start).not_valid_after(start + days * DAY)

    def _made(self, name: str, private: Any, ca: bool = False, **terms: Any) -> Any:
        builder = self._builder(name, private, terms.get("start", NOW - DAY), terms.get("days", 30))
        builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
        usage = x509.KeyUsage(True, not ca, False, False, False, ca, ca, False, False)
        builder = builder.add_extension(usage, critical=True)
        if terms.get("stamps"):
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
            )
        if terms.get("key_id"):
            key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
            builder = builder.add_extension(key_id, False)
        if terms.get("credentials"):
            key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(key_id, False).add_extension(purpose, False)
        return builder.sign(self.key, hashes.SHA256())

    def _name(self, name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


AUTHORITY = Authority()


def _pem(path: Path, private: Any, certificate: Any) -> SigningKey:
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private.private_bytes(*plain) + certificate.public_bytes(serialization.Encoding.PEM))
    return SigningKey(str(path))


def _p12(path: Path, private: Any, certificate: Any) -> SigningKey:
    coding = serialization.BestAvailableEncryption(PASSWORD)
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"a", private, certificate, [AUTHORITY.certificate], coding)
    )
    return SigningKey(str(path), PASSWORD.decode())


def _key(folder: Path, **terms: Any) -> SigningKey:
    private = ec.generate_private_key(ec.SECP256R1())
    return _pem(folder / "key.pem", private, AUTHORITY.issue(private, **terms))


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return _key(tmp_path)


def _problems(made: VerificationReport) -> set[str]:
    return {*made.problems, *(problem for one in made.signatures for problem in one.problems)}


async def _both(key: SigningKey, **how: Any) -> list[tuple[bytes, bytes]]:
    """A PDF and something else, each with its signature."""
    paper = archived("2b", jpeg())
    return [(await sign(paper, key, **how), b""), (b"text", await sign(b"text", key, **how))]


# Keys ---------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("write", [_pem, _p12])
@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
async def test_keys_in_files_sign_and_are_trusted(
    write: Callable[..., SigningKey], kind: str, tmp_path: Path
) -> None:
    private: Any = (
        rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP384R1())
    )
    key = write(tmp_path / "key", private, AUTHORITY.issue(private))
    for data, signature in await _both(key):
        made = await verify(data, signature, AUTHORITY.pem)
        assert made.holds, _problems(made)
        assert (made.signatures[0].signer, made.signatures[0].identity) == ("counter 7", "trusted")
        assert made.signatures[0].time_source == "clock"
        assert (await verify(data, signature)).signatures[0].identity == "unknown"
        assert _problems(await verify(data, signature, Authority().pem)) == {"certificate.untrusted"}


@pytest.mark.long
async def test_a_machine_makes_its_key_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "signing.pem"
    await asyncio.gather(*(make_key(path, "box") for _ in range(3)))
    made = path.read_bytes()
    await make_key(path, "box")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (made, 0o600)
    assert [one.name for one in path.parent.iterdir()] == ["signing.pem"]
    assert (await verify(b"a", await sign(b"a", SigningKey(str(path))))).holds


def _openssl(*words: str) -> bool:
    return subprocess.run(["openssl", *words], capture_output=True, check=False).returncode == 0


def _output(*words: str) -> bytes:
    return subprocess.run(words, capture_output=True, check=False).stdout


@pytest.mark.long
async def test_sm2_with_sm3_signs_beside_a_file(tmp_path: Path) -> None:
    key = str(tmp_path / "k")
    certificate = str(tmp_path / "c")
    if shutil.which("openssl") is None or not _openssl("genpkey", "-algorithm", "SM2", "-out", key):
        pytest.skip("no openssl here that knows SM2")
    assert _openssl("req", "-new", "-x509", "-key", key, "-sm3", "-subj", "/CN=sm2", "-out", certificate)
    both = tmp_path / "both.pem"
    both.write_bytes(Path(key).read_bytes() + Path(certificate).read_bytes())
    signature = await sign(b"text", SigningKey(str(both)))
    assert (await verify(b"text", signature)).holds
    assert _problems(await verify(b"texs", signature)) == {"altered"}
    forged = cms.ContentInfo.load(signature)
    own = forged["content"]["certificates"][0].chosen
    named = own["tbs_certificate"].copy()
    named["subject"] = asn1_x509.Name.build({"common_name": "another"})
    another = asn1_x509.Certificate(
        {
            "tbs_certificate": named,
            "signature_algorithm": own["signature_algorithm"],
            "signature_value": own["signature_value"],
        }
    )
    forged["content"]["certificates"] = cms.CertificateSet([cms.CertificateChoices("certificate", another)])
    assert _problems(await verify(b"text", forged.dump(force=True))) == {"signature.wrong"}
    unnamed = cms.ContentInfo.load(signature)
    info = unnamed["content"]["signer_infos"][0]
    info["unsigned_attrs"] = cms.CMSAttributes(
        [cms.CMSAttribute({"type": "1.2.3.4", "values": [core.OctetString(b"x")]})]
    )
    assert _problems(await verify(b"text", unnamed.dump(force=True))) == {"signature.wrong"}
    with pytest.raises(SigningFailed, match="SM2"):
        await sign(pdf(jpeg()), SigningKey(str(both)))


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SigningKey:
    library = next(iter(Path("/usr/lib").rglob("libsofthsm2.so")), None)
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    if library is None or shutil.which("softhsm2-util") is None or shutil.which("pkcs11-tool") is None:
        pytest.skip("softhsm2 or opensc is not installed")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "conf"))
    private = ec.generate_private_key(ec.SECP256R1())
    _pem(tmp_path / "key.pem", private, AUTHORITY.issue(private))
    pkcs8 = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "k.der").write_bytes(private.private_bytes(*pkcs8))
    (tmp_path / "c.der").write_bytes(AUTHORITY.issue(private).public_bytes(serialization.Encoding.DER))
    tool = ["pkcs11-tool", "--module", str(library), "--token-label", "t", "--login", "--pin", "1234"]
    written = ["--id", "01", "--label", "seal", "--write-object"]
    for command in (
        ["softhsm2-util", "--init-token", "--free", "--label", "t", "--pin", "1234", "--so-pin", "1234"],
        [*tool, *written, str(tmp_path / "k.der"), "--type", "privkey", "--usage-sign"],
        [*tool, *written, str(tmp_path / "c.der"), "--type", "cert"],
    ):
        subprocess.run(command, check=True, capture_output=True)
    return SigningKey(str(library), "1234", "t", "seal")


async def test_a_token_signs_and_says_when_it_cannot(token: SigningKey, tmp_path: Path) -> None:
    for data, signature in await _both(token):
        assert (await verify(data, signature, AUTHORITY.pem)).holds
    for wrong in (
        SigningKey(token.path, "9999", "t", "seal"),
        SigningKey(token.path, "1234", "another", "seal"),
        SigningKey(token.path, "1234", "t", "another"),
        SigningKey(str(tmp_path / "no.so"), "1234", "t", "seal"),
    ):
        with pytest.raises(SigningFailed, match="token"):
            await sign(b"text", wrong)
    shutil.rmtree(tmp_path / "tokens")
    with pytest.raises(SigningFailed, match="token"):
        await sign(b"text", token)


@pytest.mark.parametrize("content", [b"text", pdf(jpeg())], ids=["beside", "inside"])
def test_a_token_that_is_pulled_out_in_the_middle_signs_nothing(
    token: SigningKey, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the opening of its session and the use of its key."""
    monkeypatch.setattr(worker, "check_dates", lambda _: shutil.rmtree(tmp_path / "tokens"))
    with pytest.raises(JobRefused, match="token"):
        worker.signature(Sign(token), content, bytes)


@pytest.mark.long
async def test_a_key_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    good = _p12(tmp_path / "a.p12", private, AUTHORITY.issue(private))
    other = _pem(tmp_path / "other.pem", ec.generate_private_key(ec.SECP256R1()), AUTHORITY.issue(private))
    (tmp_path / "no").write_bytes(b"no key")
    for wrong, said in (
        (SigningKey(good.path, "wrong"), "password"),
        (SigningKey(str(tmp_path / "missing")), "cannot be read"),
        (SigningKey(str(tmp_path / "no")), "cannot be read"),
        (other, "no certificate"),
    ):
        with pytest.raises(SigningFailed, match=said):
            await sign(b"text", wrong)


@pytest.mark.parametrize(("start", "said"), [(NOW - 60 * DAY, "expired"), (NOW + 2 * DAY, "not valid yet")])
async def test_a_certificate_that_is_not_valid_now_signs_nothing(
    start: datetime, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SigningFailed, match=said):
        await sign(b"text", _key(tmp_path, start=start))


@pytest.mark.parametrize(
    ("start", "told"), [(NOW - 60 * DAY, "certificate.expired"), (NOW + 2 * DAY, "certificate.future")]
)
def test_what_a_clock_that_goes_back_or_stands_still_signs_is_told(
    start: datetime, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a machine whose certificate seemed valid when it signed."""
    key = _key(tmp_path, start=start)
    monkeypatch.setattr(worker, "check_dates", lambda _: None)
    made, _ = worker.signature(Sign(key), b"text", bytes)
    assert told in _problems(report(b"text", made, b""))


def test_a_time_stamp_outlives_the_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = _key(tmp_path, start=NOW - 60 * DAY)
    monkeypatch.setattr(worker, "check_dates", lambda _: None)
    for days, problems in ((45, set()), (20, {"certificate.expired"})):
        stamps = _stamp_server_of(NOW - days * DAY)
        made, _ = worker.signature(
            Sign(key, stamped=True),
            b"text",
            lambda request, stamps=stamps: stamps.request_tsa_response(tsp.TimeStampReq.load(request)).dump(),
        )
        assert _problems(report(b"text", made, AUTHORITY.pem)) == problems
        # Anybody makes an authority of stamps in a minute, and dates them as he likes.
        assert _problems(report(b"text", made, b"")) == {"certificate.expired"}
        assert report(b"text", made, b"").signatures[0].time_source == "unproven"


async def test_a_revoked_certificate_is_told(tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = AUTHORITY.issue(private)
    signature = await sign(b"text", _pem(tmp_path / "k", private, certificate))
    trusted = AUTHORITY.pem + AUTHORITY.revoked(certificate)
    assert _problems(await verify(b"text", signature, trusted)) == {"certificate.revoked"}


class Hierarchy:
    """A root, an authority below it and a signer below that, whose signatures others could have made."""

    def __init__(self) -> None:
        self.root, self.middle, self.signer = (
            Authority(),
            Authority(),
            ec.generate_private_key(ec.SECP256R1()),
        )
        middle = self.root._builder("middle", self.middle.key, NOW - 90 * DAY, 300).add_extension(
            x509.BasicConstraints(True, None), critical=True
        )
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self.middle.name = "middle"
        self.middle.certificate = middle.add_extension(usage, critical=True).sign(
            self.root.key, hashes.SHA256()
        )
        self.certificate = self.middle.issue(self.signer, start=NOW - 90 * DAY, days=300)

    def signed(self, moment: datetime | None, *attached: bytes, attributes: bool = True) -> bytes:
        """Sign ``text`` as at a moment, which may be unsaid, with lists of revoked certificates attached."""
        loaded = [
            asn1_x509.Certificate.load(one.public_bytes(serialization.Encoding.DER))
            for one in (self.certificate, self.middle.certificate)
        ]
        named = {"certs": [{"cert_hash": hashlib.sha256(loaded[0].dump()).digest()}]}
        said: list[dict[str, Any]] = [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [hashlib.sha256(b"text").digest()]},
            {"type": "signing_certificate_v2", "values": [named]},
        ]
        if moment is not None:
            said.append({"type": "signing_time", "values": [cms.Time({"utc_time": moment})]})
        told = cms.CMSAttributes([cms.CMSAttribute(one) for one in said])
        digest = {"algorithm": "sha256"}
        content = told.dump() if attributes else b"text"
        info = {
            "version": "v1",
            "sid": {
                "issuer_and_serial_number": {
                    "issuer": loaded[0].issuer,
                    "serial_number": loaded[0].serial_number,
                }
            },
            "digest_algorithm": digest,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": self.signer.sign(content, ec.ECDSA(hashes.SHA256())),
        } | ({"signed_attrs": told} if attributes else {})
        data = {
            "version": "v1",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "data"},
            "certificates": loaded,
            "signer_infos": [info],
        }
        if attached:
            data["crls"] = [
                cms.RevocationInfoChoice("crl", crl.CertificateList.load(_der(one))) for one in attached
            ]
        return bytes(cms.ContentInfo({"content_type": "signed_data", "content": data}).dump())


def _der(armored: bytes) -> bytes:
    return bytes(pem.unarmor(armored)[2])


def test_a_revoked_signer_is_told_whatever_the_signature_says_of_its_time() -> None:
    """The word of whoever has a stolen key is no proof of when it was used."""
    made = Hierarchy()
    revoked = made.root.pem + made.middle.revoked(made.certificate)
    for moment in (NOW, None, NOW - 20 * DAY):
        assert _problems(report(b"text", made.signed(moment), made.root.pem)) == set()
        assert _problems(report(b"text", made.signed(moment), revoked)) == {"certificate.revoked"}
    assert report(b"text", made.signed(NOW), revoked).signatures[0].identity == "unknown"


def test_an_authority_that_was_revoked_vouches_for_nobody() -> None:
    made = Hierarchy()
    revoked = made.root.pem + made.root.revoked(made.middle.certificate)
    assert _problems(report(b"text", made.signed(NOW), revoked)) == {"certificate.revoked"}


def test_a_list_that_came_with_the_signature_counts_and_one_of_somebody_else_does_not() -> None:
    made = Hierarchy()
    other = Hierarchy()
    own = made.signed(NOW, made.middle.revoked(made.certificate))
    assert _problems(report(b"text", own, made.root.pem)) == {"certificate.revoked"}
    # Of the same names, by another key.
    strange = other.middle.revoked(made.certificate)
    assert _problems(report(b"text", made.signed(NOW, strange), made.root.pem + strange)) == set()


def test_what_was_signed_before_the_revocation_holds_by_a_stamp_that_proves_it(tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = AUTHORITY.issue(private, start=NOW - 40 * DAY, days=80)
    key = _pem(tmp_path / "k", private, certificate)
    trusted = AUTHORITY.pem + AUTHORITY.revoked(certificate)
    for days, problems in ((20, set()), (0, {"certificate.revoked"})):
        stamps = _stamp_server_of(NOW - days * DAY)
        made, _ = worker.signature(
            Sign(key, stamped=True),
            b"text",
            lambda request, stamps=stamps: stamps.request_tsa_response(tsp.TimeStampReq.load(request)).dump(),
        )
        assert _problems(report(b"text", made, trusted)) == problems
        if not problems:
            gone = trusted + AUTHORITY.revoked(stamps.tsa_cert)
            assert _problems(report(b"text", made, gone)) >= {"timestamp.untrusted", "certificate.revoked"}


def test_a_stamp_of_a_stranger_is_told_where_somebody_is_trusted(tmp_path: Path) -> None:
    key = _key(tmp_path)
    strangers = Authority()
    private = rsa.generate_private_key(65537, 2048)
    certificate = strangers.issue(private, stamps=True)
    stamps = _stamper(private, certificate, None)
    made, _ = worker.signature(
        Sign(key, stamped=True),
        b"text",
        lambda request: stamps.request_tsa_response(tsp.TimeStampReq.load(request)).dump(),
    )
    assert _problems(report(b"text", made, AUTHORITY.pem)) == {"timestamp.untrusted"}


def test_a_signature_without_signed_attributes_is_none() -> None:
    """The attributes of another signature could be what it signs."""
    made = Hierarchy().signed(NOW, attributes=False)
    assert "signature.wrong" in _problems(report(b"text", made, b""))


def test_attributes_of_a_signature_are_no_text_that_was_signed(tmp_path: Path) -> None:
    made, _ = worker.signature(Sign(_key(tmp_path)), b"text", bytes)
    signed = cms.ContentInfo.load(made)
    info = signed["content"]["signer_infos"][0]
    text = info["signed_attrs"].untag().dump(force=True)
    kept = ("version", "sid", "digest_algorithm", "signature_algorithm", "signature")
    bare = cms.SignerInfo({name: info[name] for name in kept})
    signed["content"]["signer_infos"] = cms.SignerInfos([bare])
    assert "signature.wrong" in _problems(report(text, signed.dump(force=True), b""))


# Time stamps --------------------------------------------------------------------------


async def _stamped(answer: Callable[[bytes], Awaitable[bytes | web.Response]], key: SigningKey) -> bytes:
    async def serve(request: web.Request) -> web.Response:
        made = await answer(await request.read())
        return made if isinstance(made, web.Response) else web.Response(body=made)

    application = web.Application()
    application.router.add_post("/", serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        return await sign(pdf(jpeg()), key, f"http://127.0.0.1:{port}/")
    finally:
        await runner.cleanup()


@cache
def _stamp_server() -> DummyTimeStamper:
    return _stamp_server_of(None)


def _stamp_server_of(moment: datetime | None) -> DummyTimeStamper:
    private = rsa.generate_private_key(65537, 2048)
    issued = AUTHORITY.issue(private, stamps=True, start=NOW - 90 * DAY, days=365)
    return _stamper(private, issued, moment)


def _stamper(private: Any, issued: Any, moment: datetime | None) -> DummyTimeStamper:
    pkcs8 = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    info = asn1_keys.PrivateKeyInfo.load(private.private_bytes(*pkcs8))
    certificate = asn1_x509.Certificate.load(issued.public_bytes(serialization.Encoding.DER))
    return DummyTimeStamper(certificate, info, fixed_dt=moment)


async def _honest(request: bytes) -> bytes:
    made = await asyncio.to_thread(_stamp_server().request_tsa_response, tsp.TimeStampReq.load(request))
    return bytes(made.dump())


async def _another(request: bytes, **changes: Any) -> bytes:
    asked = tsp.TimeStampReq.load(request)
    for name, value in changes.items():
        asked[name] = value
    made = await asyncio.to_thread(_stamp_server().request_tsa_response, asked)
    return bytes(made.dump())


async def _another_nonce(request: bytes) -> bytes:
    return await _another(request, nonce=7)


async def _another_text(request: bytes) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"x" * 32}
    return await _another(request, message_imprint=imprint)


async def _altered(request: bytes) -> bytes:
    made = bytearray(await _honest(request))
    made[-5] ^= 1
    return bytes(made)


async def _refusing(request: bytes) -> bytes:
    return bytes.fromhex("30053003020102")


async def _nonsense(request: bytes) -> bytes:
    return b"no stamp"


async def _broken(request: bytes) -> web.Response:
    return web.Response(status=500)


async def _endless(request: bytes) -> bytes:
    return b"x" * (1 << 20)


async def _hanging(request: bytes) -> bytes:
    await asyncio.sleep(60)
    return b""


async def test_a_time_stamp_proves_the_time(key: SigningKey) -> None:
    made = await verify(await _stamped(_honest, key), b"", AUTHORITY.pem)
    assert made.holds, _problems(made)
    assert made.signatures[0].time_source == "timestamp"


@pytest.mark.long
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_another_nonce, "cannot be believed"),
        (_another_text, "cannot be believed"),
        (_altered, "timestamp.wrong"),
        (_refusing, "cannot be believed"),
        (_nonsense, "cannot be believed"),
        (_broken, "HTTP 500"),
        (_endless, "gave none|cannot be believed"),
        (_hanging, "gave none"),
    ],
)
async def test_a_server_that_hangs_or_lies_leaves_nothing_signed(
    answer: Any, said: str, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    if answer is _hanging:
        monkeypatch.setattr(signing, "STAMP_SECONDS", 1.0)
    with pytest.raises(SigningFailed, match=said):
        await _stamped(answer, key)


async def test_a_server_that_is_away_leaves_nothing_signed(key: SigningKey) -> None:
    with pytest.raises(SigningFailed, match="stamp"):
        await sign(b"text", key, "http://127.0.0.1:9/")


# What is verified ---------------------------------------------------------------------


@pytest.mark.long
async def test_a_signed_archive_file_still_conforms(key: SigningKey) -> None:
    for level in ("2b", "2u", "3b"):
        made = await verify(await sign(archived(level, jpeg()), key))  # type: ignore[arg-type]
        assert (made.holds, made.pdfa, made.breaches) == (True, level, ())


@pytest.mark.long
async def test_a_second_signature_leaves_the_first_valid(key: SigningKey) -> None:
    twice = await sign(await sign(pdf(jpeg()), key), key)
    made = await verify(twice)
    assert (made.holds, len(made.signatures)) == (True, 2), _problems(made)


async def test_a_hidden_update_is_told(key: SigningKey) -> None:
    signed = await sign(pdf(jpeg()), key)
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(signed)) as document:
        document.pages[0].contents_add(b"0 0 100 100 re f")
        document.save(sink)
    assert not (await verify(sink.getvalue())).holds
    appended = signed + signed[signed.rindex(b"xref", 0, signed.rindex(b"startxref")) :]
    assert "updated" in _problems(await verify(appended))


@pytest.mark.long
async def test_what_is_not_signed_or_cannot_be_read(tmp_path: Path) -> None:
    assert _problems(await verify(pdf(jpeg()))) == {"unsigned"}
    assert _problems(await verify(b"text")) == {"unsigned"}
    for unreadable in (b"%PDF-1.7 no more", b"%PDF-"):
        with pytest.raises(SigningFailed, match="damaged"):
            await verify(unreadable)


@pytest.mark.long
@pytest.mark.parametrize("mode", list(pikepdf.ObjectStreamMode), ids=str)
async def test_javascript_is_noted(key: SigningKey, mode: pikepdf.ObjectStreamMode) -> None:
    """Also where it lies compressed among other objects."""
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(jpeg()))) as document:
        action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("a"))
        document.Root.OpenAction = document.make_indirect(action)
        document.save(sink, object_stream_mode=mode)
    assert (await verify(await sign(sink.getvalue(), key))).notes == ("javascript",)


def test_millions_of_values_are_looked_through_without_copies() -> None:
    many = b"\5\0" * (1 << 20)
    made = report(b"text", b"\x30\x83" + len(many).to_bytes(3) + many, b"")
    assert made.signatures[0].problems == ("signature.wrong",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_metadata_have_no_entities_in_any_encoding(encoding: str) -> None:
    entities = '<!DOCTYPE a [<!ENTITY b "bb">]>'
    spaces = 'xmlns:p="http://www.aiim.org/pdfa/ns/id/" xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    claim = f'<x {spaces}><r:Description p:part="2" p:conformance="&b;"/></x>'
    packet = f'<?xml version="1.0" encoding="{encoding}"?>{entities}{claim}'
    with pikepdf.new() as document:
        document.Root.Metadata = document.make_stream(packet.encode(encoding))
        assert claimed_level(document) == ""


def test_what_a_file_claims_moves_no_cursor() -> None:
    claim = VerificationReport(False, pdfa="\x9b2J", problems=("unsigned",))
    assert "\x9b" not in "".join(verify_command._lines(Path("a"), claim))


def _holds(data: bytes, signature: bytes) -> bool:
    try:
        return report(data, signature, b"").holds
    except Exception as exc:  # noqa: BLE001 - told by its name
        assert type(exc).__name__ == "JobRefused"
        return False


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore")
def test_one_byte_flipped_anywhere_is_told(key: SigningKey) -> None:
    small = pdf(file(PIL.Image.new("L", (8, 8)), "PNG"))
    paper = asyncio.run(sign(small, key))
    signature = asyncio.run(sign(b"text", key))
    assert _holds(paper, b"")
    assert _holds(b"text", signature)
    places = [(paper, False, at) for at in range(len(paper))] + [
        (signature, True, at) for at in range(len(signature))
    ]
    # Every byte is ``python -m benchmarks.archive every``.
    for data, beside, at in places[:: extent(97, 33)]:
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        assert not (_holds(b"text", bytes(flipped)) if beside else _holds(bytes(flipped), b"")), at


async def test_another_implementation_agrees(tmp_path: Path, key: SigningKey) -> None:
    """OpenSSL about what lies beside a file, Poppler about a PDF; each also about a flipped byte."""
    if shutil.which("openssl") is None or shutil.which("pdfsig") is None:
        pytest.skip("openssl or pdfsig is not installed")
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem)
    data = tmp_path / "a.txt"
    signature = tmp_path / "a.txt.p7s"
    words = ["cms", "-verify", "-binary", "-inform", "DER", "-in", str(signature), "-content", str(data)]
    words += ["-CAfile", str(tmp_path / "ca.pem"), "-purpose", "any", "-out", "/dev/null"]
    data.write_bytes(b"text")
    signature.write_bytes(await sign(b"text", key))
    assert _openssl(*words)
    data.write_bytes(b"texs")
    assert not _openssl(*words)
    paper = tmp_path / "a.pdf"
    signed = await sign(pdf(jpeg()), key)
    paper.write_bytes(signed)
    assert b"Signature is Valid" in _output("pdfsig", str(paper))
    paper.write_bytes(signed.replace(b"%%EOF", b"%%EOE", 1))
    assert b"Signature is Valid" not in _output("pdfsig", str(paper))


# The commands -------------------------------------------------------------------------


@pytest.mark.long
def test_the_commands_sign_and_verify(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("server.cli._home_is_ours", lambda: True)
    paper = tmp_path / "a.pdf"
    text = tmp_path / "a.txt"
    out = tmp_path / "s.pdf"
    paper.write_bytes(archived("2b", jpeg()))
    text.write_bytes(b"text")
    assert main(["sign", str(paper), "-o", str(out)]) == 0
    assert main(["sign", str(text), "-o", f"{text}.p7s"]) == 0
    assert main(["verify", str(out), str(text), f"{text}.p7s"]) == 0
    told = capsys.readouterr().out
    assert "identity unknown" in told
    assert "by the clock of the machine" in told
    assert "not certified" in told
    assert main(["verify", str(paper)]) == 1
    text.write_bytes(b"texs")
    assert main(["verify", "--json", str(text)]) == 1
    assert '"altered"' in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "missing"), str(text)]) == 2
    assert main(["sign", str(tmp_path / "missing"), "-o", str(out)]) == 2
    assert main(["sign", str(paper), "-o", str(tmp_path / "n.pdf"), "--key", str(text)]) == 2
    assert not (tmp_path / "n.pdf").exists()


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_key_that_the_disk_does_not_take_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"server.archive.worker.os.{step}", full)
    with pytest.raises(JobRefused, match="cannot be written"):
        worker._done(MakeKey(str(tmp_path / "key.pem"), "box"), b"-", bytes)
    assert not list(tmp_path.iterdir())


def test_a_table_that_the_reader_only_asserts_is_damage() -> None:
    stream = b"1 0 obj\n<</Type/Foo/Length 0>>stream\n\nendstream\nendobj\n"
    told = b"%PDF-1.7\n" + stream + b"/ByteRange\nstartxref\n9\n%%EOF\n"
    assert verification._embedded(told, b"") == ([], ("damaged",))


@pytest.mark.parametrize("level", ["1b", "2a", "3a", "4"])
def test_a_level_that_is_not_looked_at_does_not_hold(level: str, tmp_path: Path) -> None:
    claimed = archived("2b", jpeg())
    with pikepdf.open(io.BytesIO(claimed)) as document:
        packet = bytes(document.Root.Metadata.read_bytes())
        part = level[:1].encode()
        conformance = level[1:].upper().encode()
        packet = packet.replace(b'pdfaid:part="2"', b'pdfaid:part="%b"' % part)
        packet = packet.replace(b"<pdfaid:part>2<", b"<pdfaid:part>%b<" % part)
        packet = packet.replace(b'pdfaid:conformance="B"', b'pdfaid:conformance="%b"' % conformance)
        packet = packet.replace(b"<pdfaid:conformance>B<", b"<pdfaid:conformance>%b<" % conformance)
        document.Root.Metadata.write(packet)
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        sink = io.BytesIO()
        document.save(sink)
    key = _key(tmp_path)
    made, _ = worker.signature(Sign(key), sink.getvalue(), bytes)
    told = report(made, b"", b"")
    assert (told.pdfa, told.holds, _problems(told)) == (level, False, {"pdfa.unchecked"})
