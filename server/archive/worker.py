"""The process of one job: it alone reads the key of a signature, and what is verified may be anything."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from asn1crypto import keys, tsp
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from server.archive import credentials, signing
from server.archive.hand_record import HandOrder
from server.archive.handwriting import add_handwriting, is_free
from server.archive.record import DocumentRecord
from server.archive.revocation import blocks
from server.archive.signing import JobRefused
from server.archive.verification import is_sm2_certificate, openssl, report
from server.children import memory
from server.children.channel import Channel

Ask = Callable[[bytes], bytes]
SIGNED = 2048
"""Bytes that are reserved for a signature without its certificates."""
STAMPED = 10240
"""Bytes that are reserved for a time stamp, its own certificates included."""
YEARS = 20
"""Validity of a certificate that is made for this machine, in years of 365 days."""
_PEM = serialization.Encoding.PEM
_DER = serialization.Encoding.DER
_PLAIN = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
CLOCK = timedelta(minutes=5)
"""Difference between clocks that is tolerated where a certificate's validity begins."""


def main(channel: Channel) -> None:
    """Do one job."""
    data, file = channel.receive()
    assert file is not None
    content = memory.content(file)

    def ask(request: bytes) -> bytes:
        channel.send(signing.encode(signing.StampWanted(request)))
        return channel.receive().data

    try:
        done = _done(signing.decode_job(data), content, ask)
    except JobRefused as exc:
        channel.send(signing.encode(signing.JobFailed(*exc.texts)))
    except MemoryError:
        channel.send(signing.encode(signing.JobFailed("内存不足", "there is not enough memory")))
    else:
        channel.send_file(signing.encode(signing.JobDone()), [done or b"-"])


Job = signing.Sign | signing.Verify | signing.LookAtPlace | signing.MakeKey


def _done(job: Job, content: bytes, ask: Ask) -> bytes:
    if isinstance(job, signing.MakeKey):
        try:
            return make_key(Path(job.path), job.name)
        except OSError as exc:
            reason = exc.strerror or type(exc).__name__
            raise JobRefused(f"密钥无法写入（{reason}）", f"the key cannot be written ({reason})") from exc
    if isinstance(job, signing.Sign):
        order = content[len(content) - job.hand :] if job.hand else b""
        content = content[: len(content) - job.hand]
        signed, chain = signature(job, content, ask, order)
        inside = content.startswith(b"%PDF-") or job.record is not None
        made = report(signed if inside else content, b"" if inside else signed, chain)
        # Nothing leaves that would not be believed, such as a stamp of another text.
        # A level of PDF/A that is not checked is the file's own claim, and no fault of the signature.
        problems = [one for one in made.problems if one != "pdfa.unchecked"]
        if order and not all(one.holds for one in made.signatures):
            problems.append("another signature")
        if not made.signatures or made.signatures[-1].problems or problems:
            told = ", ".join([*problems, *(made.signatures[-1].problems if made.signatures else ())])
            raise JobRefused(
                f"签名未通过自检（{told}）", f"the signature does not pass its own check ({told})"
            )
        return signed
    if isinstance(job, signing.LookAtPlace):
        if not all(one.holds for one in report(content, b"", b"").signatures):
            raise JobRefused("已有的签名无效", "a signature that it has does not hold")
        return b"free" if is_free(content, job.page, job.place) else b"taken"
    data, beside, trusted, *record = map(io.BytesIO(content).read, job.sizes)
    return msgspec.json.encode(report(data, beside, trusted, record))


def signature(job: signing.Sign, content: bytes, ask: Ask, order: bytes = b"") -> tuple[bytes, bytes]:
    """Return the signed PDF, or a signature of anything else, and what to trust when it is checked.

    Parameters
    ----------
    order
        Order of a handwriting, as JSON; empty for none.
    """
    key = Path(job.key.path)
    if not job.key.token and is_sm2(_read(key)):
        return _sm2(job, content), b""
    signer = _signer(job.key)
    check_dates(signer.signing_cert)
    if job.record is not None:
        return _with_credentials(job.record, content, signer), b""
    stamps = _stamps(ask) if job.stamped else None
    try:
        if content.startswith(b"%PDF-"):
            return _signed_pdf(content, signer, stamps, order), b""
        made = asyncio.run(
            signer.async_sign_general_data(
                content, "sha256", detached=True, use_cades=True, timestamper=stamps
            )
        )
        return made.dump(), b""
    except TimestampRequestError as exc:
        raise JobRefused("时间戳服务器的应答不可信", "the server of time stamps cannot be believed") from exc
    except (SigningError, PdfError, ValueError, KeyError, TypeError, AssertionError) as exc:
        reason = str(exc)[:80] if isinstance(exc, SigningError) else type(exc).__name__
        raise JobRefused(f"无法签名（{reason}）", f"it cannot be signed ({reason})") from exc
    except Exception as exc:
        if type(exc).__module__.startswith("pkcs11"):
            raise _token(exc) from exc
        raise


def _with_credentials(size: int, content: bytes, signer: Any) -> bytes:
    data = content[: len(content) - size]
    record = content[len(content) - size :]
    try:
        told = msgspec.json.decode(record, type=DocumentRecord) if record else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise JobRefused("记录无法读取", "the record cannot be read") from exc
    return credentials.signed(data, told, signer)


def _signed_pdf(content: bytes, signer: Any, stamps: Any, order: bytes = b"") -> bytes:
    writer = _Appended(io.BytesIO(content), strict=False)
    if writer.prev.encrypted:
        raise JobRefused("PDF 受密码保护", "the PDF is protected by a password")
    name = f"gaopai-{sum(1 for _ in enumerate_sig_fields(writer.prev)) + 1}"
    hand = msgspec.json.decode(order, type=HandOrder) if order else None
    style = None if hand is None else add_handwriting(writer, name, hand)
    terms = PdfSignatureMetadata(
        field_name=name,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=None if hand is None else hand.record.signer,
        reason=hand.record.reason or None if hand is not None else None,
    )
    sink = io.BytesIO()
    chain = sum(len(one.dump()) for one in [signer.signing_cert, *signer.cert_registry])
    # Two digits a byte.
    reserved = 2 * (chain + SIGNED + STAMPED * (stamps is not None))
    made = PdfSigner(terms, signer, timestamper=stamps, stamp_style=style)
    asyncio.run(made.async_sign_pdf(writer, bytes_reserved=reserved, output=sink))
    return sink.getvalue()


class _Appended(IncrementalPdfFileWriter):  # type: ignore[misc,unused-ignore]
    """Writer of a signature alone, so that what a PDF says of itself stays in step."""

    def _update_meta(self) -> None:
        pass


def _stamps(ask: Ask) -> Any:
    class ServiceStamps(TimeStamper):
        """Asks the service, since this process has no network."""

        async def async_request_tsa_response(self, req: Any) -> Any:
            answer = ask(req.dump())
            try:
                response = tsp.TimeStampResp.load(answer, strict=True)
                response["status"]["status"].native  # noqa: B018 - read to be checked
                if response["status"]["status"].native == "granted":
                    info = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
                    if info["message_imprint"].dump() != req["message_imprint"].dump():
                        raise TimestampRequestError("another text was stamped")
                    if info["nonce"].native != req["nonce"].native:
                        raise TimestampRequestError("it answers another request")
            except (ValueError, TypeError, KeyError, AttributeError) as exc:
                raise TimestampRequestError("no response of RFC 3161") from exc
            return response

    return ServiceStamps()  # type: ignore[no-untyped-call]


def _signer(key: signing.SigningKey) -> Any:
    if key.token:
        return _token_signer(key)
    private, certificates = _from_file(Path(key.path), key.password.encode())
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    # A root is of no use in a signature, and what nobody signed of it could be changed unseen.
    store.register_multiple(one for one in certificates[1:] if one.issuer != one.subject)
    return SimpleSigner(signing_cert=certificates[0], signing_key=private, cert_registry=store)


def _from_file(path: Path, password: bytes) -> tuple[Any, list[Any]]:
    """Return a private key and its certificate, the latter with others behind it."""
    data = _read(path)
    try:
        if b"-----BEGIN" in data:
            private = serialization.load_pem_private_key(data, password or None)
            certificates = list(map(Certificate.load, blocks(data, "CERTIFICATE")))
        else:
            loaded, own, others = pkcs12.load_key_and_certificates(data, password)
            assert loaded is not None and own is not None
            private = loaded
            certificates = [Certificate.load(one.public_bytes(_DER)) for one in (own, *others)]
    except (ValueError, TypeError, AssertionError) as exc:
        raise JobRefused(
            "密钥文件无法读取，或口令有误", "the key cannot be read, or the password is wrong"
        ) from exc
    info = keys.PrivateKeyInfo.load(private.private_bytes(_DER, *_PLAIN))
    public = private.public_key().public_bytes(_DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    own_first = sorted(certificates, key=lambda one: one.public_key.dump() != public)
    if not own_first or own_first[0].public_key.dump() != public:
        raise JobRefused("密钥没有对应的证书", "there is no certificate of the key")
    return info, own_first


def _token_signer(key: signing.SigningKey) -> Any:
    try:
        from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session  # noqa: PLC0415 - it may be missing
    except ImportError as exc:
        raise JobRefused("未安装 python-pkcs11", "python-pkcs11 is not installed") from exc
    try:
        session = open_pkcs11_session(
            key.path, token_criteria=TokenCriteria(label=key.token), user_pin=key.password
        )
        signer = PKCS11Signer(session, cert_label=key.label)
        # Not every token hashes itself for ECDSA.
        signer.use_raw_mechanism = signer.signing_cert.public_key.algorithm == "ec"
        asyncio.run(signer.ensure_objects_loaded())  # type: ignore[no-untyped-call]
    except Exception as exc:
        raise _token(exc) from exc
    return signer


def _token(exc: Exception) -> JobRefused:
    kind = type(exc).__name__
    return JobRefused(f"密码设备不可用（{kind}）", f"the token cannot be used ({kind})")


def check_dates(certificate: Any) -> None:
    """Refuse a certificate that is not valid now."""
    now = datetime.now(UTC)
    if certificate.not_valid_after < now:
        raise JobRefused("证书已过期", "the certificate has expired")
    if certificate.not_valid_before > now + CLOCK:
        raise JobRefused(
            "证书尚未生效，或本机时钟有误", "the certificate is not valid yet, or the clock is wrong"
        )


def is_sm2(data: bytes) -> bool:
    """Return whether a PEM file has a certificate of SM2, which libraries do not know and OpenSSL does."""
    try:
        return any(map(is_sm2_certificate, map(Certificate.load, blocks(data, "CERTIFICATE"))))
    except ValueError:
        return False


def _sm2(job: signing.Sign, content: bytes) -> bytes:
    if content.startswith(b"%PDF-"):
        raise JobRefused("PDF 内不能用 SM2 签名，请另存签名文件", "SM2 signs beside a PDF, not inside it")
    path = job.key.path
    check_dates(Certificate.load(blocks(_read(Path(path)), "CERTIFICATE")[0]))
    words = ["-sign", "-binary", "-md", "sm3", "-cades", "-nosmimecap", "-outform", "DER"]
    made = openssl(
        [*words, "-signer", path, "-inkey", path, "-passin", "env:KEY"], content, KEY=job.key.password
    )
    if made is None:
        raise JobRefused(
            "OpenSSL 未能用 SM2 签名，或口令有误", "OpenSSL cannot sign with SM2, or the password is wrong"
        )
    return made


def make_key(path: Path, name: str) -> bytes:
    """Make a key on P-256 and a certificate that says that it is a machine's, and nobody's.

    It has an authority of its own, since content credentials take no certificate that signed itself; nobody
    keeps the key of that.
    """
    private, authority = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _certificate(name, authority, authority, " authority")
    made = _certificate(name, private, authority)
    certificates = [one.public_bytes(_PEM) for one in (made, issuer)]
    _write_new(path, b"".join([private.private_bytes(_PEM, *_PLAIN), *certificates]))
    return b""


def _certificate(name: str, private: Any, authority: Any, ending: str = "") -> Any:
    """Return a certificate of a key by an authority, which is its own where the key is the authority's."""
    now = datetime.now(UTC)
    is_authority = private is authority
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "gaopai")
    subject, issuer = (
        x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, f"gaopai {name}"[:50] + one)])
        for one in (ending, " authority")
    )
    serial = x509.random_serial_number()
    builder = x509.CertificateBuilder(issuer, subject, private.public_key(), serial)
    builder = builder.not_valid_before(now - CLOCK).not_valid_after(now + timedelta(days=365 * YEARS))
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    signs = not is_authority
    usage = x509.KeyUsage(signs, signs, False, False, False, is_authority, False, False, False)
    builder = builder.add_extension(usage, critical=True)
    key_id = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
    authority_id = x509.AuthorityKeyIdentifier(key_id.digest, None, None)
    builder = builder.add_extension(authority_id, critical=False)
    if is_authority:
        builder = builder.add_extension(key_id, critical=False)
    else:
        purposes = [x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"), ExtendedKeyUsageOID.EMAIL_PROTECTION]
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return builder.sign(authority, hashes.SHA256())


def _write_new(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, unless there is one."""
    number, name = tempfile.mkstemp(prefix=".key-", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(number)
        os.link(name, path)
    except FileExistsError:
        # Another was faster, and its key is as good.
        return
    finally:
        Path(name).unlink()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise JobRefused("密钥文件无法读取", "the file of the key cannot be read") from exc
