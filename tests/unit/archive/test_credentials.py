"""Content credentials: what they say of a picture, and that a touched one does not hold."""

from __future__ import annotations

import asyncio
import http.server
import io
import json
import threading
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("pyhanko", reason="the extra archive is not installed")
pytest.importorskip("c2pa", reason="the extra c2pa is not installed")

import c2pa
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from server.archive import credentials
from server.archive.credentials import definition, without_credentials
from server.archive.record import (
    CaptureRecord,
    DocumentRecord,
    FileDigest,
    as_json,
    beside,
    document_record,
)
from server.archive.signing import JobRefused, SigningKey, make_key, sign, verify
from server.archive.verification import report
from server.cli import main
from server.errors import SigningFailed
from tests.extent import extent
from tests.unit.archive.test_record import TAKEN
from tests.unit.archive.test_signing import AUTHORITY, DAY, NOW, Authority, _pem
from tests.unit.documents.samples import jpeg

PICTURE = jpeg()


def _record(taken: CaptureRecord = TAKEN) -> DocumentRecord:
    return document_record("a", 1, 0.0, file=FileDigest.of([PICTURE]), capture=taken)


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    """The key that a machine makes for itself."""
    asyncio.run(make_key(tmp_path / "signing.pem", "box"))
    return SigningKey(str(tmp_path / "signing.pem"))


def _told(data: bytes) -> dict[str, Any]:
    """Read a file by the library itself."""
    with c2pa.Reader("image/jpeg", io.BytesIO(data)) as reader:
        made = json.loads(reader.json())
    return {**made["manifests"][made["active_manifest"]], "state": made["validation_state"]}


@pytest.mark.long
async def test_credentials_say_how_a_picture_was_taken(key: SigningKey) -> None:
    signed = await sign(PICTURE, key, record=as_json(_record()))
    assert without_credentials(signed) == PICTURE
    made = await verify(signed)
    assert made.holds, made
    assert made.record == _record()
    assert (made.signatures[0].signer, made.signatures[0].identity) == ("gaopai box", "unknown")
    told = _told(signed)
    assert told["state"] == "Valid"
    (actions,) = (one["data"]["actions"] for one in told["assertions"] if one["label"].startswith("c2pa.act"))
    assert [one["action"] for one in actions] == ["c2pa.created", "c2pa.cropped", "c2pa.orientation"]
    assert actions[0]["when"] == TAKEN.time
    assert actions[0]["digitalSourceType"].endswith("/digitalCapture")
    assert actions[0]["parameters"]["description"] == TAKEN.device


def test_what_is_said_follows_from_the_device_and_the_frames() -> None:
    def kind(**changed: object) -> str:
        (_, actions) = definition(_record(msgspec.structs.replace(TAKEN, **changed)))["assertions"]
        return str(actions["data"]["actions"][0]["digitalSourceType"].rpartition("/")[2])

    assert kind(frames=4) == "computationalCapture"
    assert kind(kind="scanner") == "print"
    assert definition(None)["assertions"] == []


@pytest.mark.long
async def test_a_picture_without_a_record_was_opened(key: SigningKey) -> None:
    signed = await sign(PICTURE, key, record=b"")
    made = await verify(signed)
    assert (made.holds, made.record) == (True, None)
    (actions,) = (
        one["data"]["actions"] for one in _told(signed)["assertions"] if one["label"].startswith("c2pa.act")
    )
    assert [one["action"] for one in actions] == ["c2pa.opened"]


@pytest.mark.long
@pytest.mark.parametrize("kind", ["rsa", "p256", "p384"])
async def test_keys_of_an_authority_are_trusted(kind: str, tmp_path: Path) -> None:
    private: Any = {
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    }[kind]()
    key = _pem(tmp_path / "k", private, AUTHORITY.issue(private, credentials=True))
    signed = await sign(PICTURE, key, record=b"")
    made = await verify(signed, trusted=AUTHORITY.pem)
    assert made.holds, made
    assert made.signatures[0].identity == "trusted"
    other = await verify(signed, trusted=Authority().pem)
    assert [one.problems for one in other.signatures] == [("certificate.untrusted",)]


@pytest.mark.long
async def test_what_cannot_be_signed_is_told(key: SigningKey, tmp_path: Path) -> None:
    edwards = ed25519.Ed25519PrivateKey.generate()
    odd = _pem(tmp_path / "odd", edwards, AUTHORITY.issue(edwards))
    for data, by, record, said in (
        (b"text", key, b"", "JPEG"),
        (PICTURE, key, b"{", "record"),
        (PICTURE + b"more", key, as_json(_record()), "another file"),
        (PICTURE, odd, b"", "key"),
        (PICTURE[:20], key, b"", "credentials"),
    ):
        with pytest.raises(SigningFailed, match=said):
            await sign(data, by, record=record)


@pytest.mark.long
async def test_a_picture_that_was_signed_twice_holds(key: SigningKey) -> None:
    twice = await sign(await sign(PICTURE, key, record=as_json(_record())), key, record=b"")
    assert (await verify(twice)).holds


def _holds(data: bytes) -> bool:
    try:
        return report(data, b"", b"").holds
    except JobRefused:
        return False


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("record", [True, False])
def test_one_byte_flipped_anywhere_is_told(key: SigningKey, record: bool) -> None:
    signed = asyncio.run(sign(PICTURE, key, record=as_json(_record()) if record else b""))
    assert _holds(signed)
    # Every byte is ``python -m benchmarks.archive every``.
    for at in range(0, len(signed), extent(97, 35)):
        flipped = bytearray(signed)
        flipped[at] ^= 1 << at % 8
        assert not _holds(bytes(flipped)), at
    assert not _holds(signed + b"\0")


@pytest.mark.long
def test_the_commands_write_and_read_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("server.cli._home_is_ours", lambda: True)
    picture = tmp_path / "a.jpg"
    out = tmp_path / "s.jpg"
    picture.write_bytes(PICTURE)
    for name, content in beside(_record(), "a.jpg", [PICTURE], lambda _: TAKEN).items():
        (tmp_path / name).write_bytes(b"".join(content))
    with pytest.raises(SystemExit):
        main(["sign", "--c2pa", "--stamps", "http://127.0.0.1:9", str(picture), "-o", str(out)])
    assert not out.exists()
    assert main(["sign", "--c2pa", str(picture), "-o", str(out)]) == 0
    assert main(["verify", str(out)]) == 0
    told = capsys.readouterr().out
    assert "taken by Desk & camera SN-7" in told
    assert "crop, deskew" in told
    picture.write_bytes(PICTURE + b"!")
    assert main(["sign", "--c2pa", str(picture), "-o", str(tmp_path / "n.jpg")]) == 2
    assert not (tmp_path / "n.jpg").exists()


@pytest.mark.long
async def test_an_expired_certificate_signs_nothing(tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    old = AUTHORITY.issue(private, start=NOW - 60 * DAY, credentials=True)
    with pytest.raises(SigningFailed, match="expired"):
        await sign(PICTURE, _pem(tmp_path / "k", private, old), record=b"")


def test_a_machines_certificate_has_an_authority_whose_key_nobody_has(key: SigningKey) -> None:
    own, authority = x509.load_pem_x509_certificates(Path(key.path).read_bytes())
    own.verify_directly_issued_by(authority)
    assert Path(key.path).read_bytes().count(b"PRIVATE KEY-----") == 2
    assert own.subject != authority.subject


class _Stamps(http.server.BaseHTTPRequestHandler):
    """A server of time stamps."""

    stamper: DummyTimeStamper

    def do_POST(self) -> None:
        asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.stamper.request_tsa_response(asked).dump()
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


def _stamped(authority: Authority, certificate: Any, private: Any, moment: datetime) -> bytes:
    """Return a picture with credentials and a time stamp of an authority, as another program makes them."""
    stamping = rsa.generate_private_key(65537, 2048)
    issued = authority.issue(stamping, stamps=True, start=NOW - 90 * DAY, days=365, key_id=True)
    pem = Encoding.PEM
    pkcs8 = PrivateFormat.PKCS8
    plain = NoEncryption()
    info = asn1_keys.PrivateKeyInfo.load(stamping.private_bytes(Encoding.DER, pkcs8, plain))
    loaded = [
        asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in (issued, authority.certificate)
    ]
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register(loaded[1])
    stamper = DummyTimeStamper(loaded[0], info, fixed_dt=moment, certs_to_embed=store)
    handler = type("Handler", (_Stamps,), {"stamper": stamper})
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        chain = certificate.public_bytes(pem) + OLD.pem
        address = f"http://127.0.0.1:{server.server_port}/".encode()
        signer = c2pa.C2paSignerInfo(b"es256", chain, private.private_bytes(pem, pkcs8, plain), address)
        sink = io.BytesIO()
        said = {"claim_generator_info": [{"name": "x", "version": "1"}], "format": "image/jpeg"}
        said["assertions"] = [{"label": "c2pa.actions.v2", "data": {"actions": [CREATED]}}]
        try:
            with (
                c2pa.Context.from_dict({"verify": {"verify_after_sign": False}}) as context,
                c2pa.Signer.from_info(signer) as by,
                c2pa.Builder(said, context) as builder,
            ):
                builder.sign(by, "image/jpeg", io.BytesIO(PICTURE), sink)
        finally:
            server.shutdown()
            thread.join()
    return sink.getvalue()


CREATED = {
    "action": "c2pa.created",
    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}


OLD = Authority(NOW - 300 * DAY)


@pytest.mark.long
def test_a_stamp_proves_the_time_where_its_authority_is_trusted() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = OLD.issue(private, credentials=True, start=NOW - 60 * DAY, days=90)
    made = _stamped(OLD, certificate, private, NOW - 20 * DAY)
    (told,) = report(made, b"", OLD.pem).signatures
    assert (told.holds, told.time_source, told.problems) == (True, "timestamp", ())
    (told,) = report(made, b"", b"").signatures
    assert (told.holds, told.time_source) == (True, "unproven")


@pytest.mark.long
def test_a_stamp_of_anybody_proves_nothing() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    stranger = Authority(NOW - 300 * DAY)
    certificate = OLD.issue(private, credentials=True, start=NOW - 60 * DAY, days=90)
    made = _stamped(stranger, certificate, private, NOW - 20 * DAY)
    (told,) = report(made, b"", OLD.pem).signatures
    assert (told.holds, told.time_source, told.problems) == (False, "unproven", ("timestamp.untrusted",))


@pytest.mark.long
def test_a_stamp_of_anybody_brings_no_expired_certificate_back(monkeypatch: pytest.MonkeyPatch) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    stranger = Authority(NOW - 300 * DAY)
    certificate = OLD.issue(private, credentials=True, start=NOW - 60 * DAY, days=70)
    made = _stamped(stranger, certificate, private, NOW - 40 * DAY)
    assert report(made, b"", b"").holds

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Later:
            return cls.fromtimestamp((NOW + 20 * DAY).timestamp(), tz)

    monkeypatch.setattr(credentials, "datetime", Later)
    assert report(made, b"", b"").signatures[0].problems == ("certificate.expired",)


@pytest.mark.long
def test_a_revoked_signer_is_told_in_credentials_too() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = OLD.issue(private, credentials=True, start=NOW - 60 * DAY, days=90)
    trusted = OLD.pem + OLD.revoked(certificate)
    for days, problems in ((20, ()), (0, ("certificate.revoked",))):
        made = _stamped(OLD, certificate, private, NOW - days * DAY)
        assert report(made, b"", trusted).signatures[0].problems == problems
