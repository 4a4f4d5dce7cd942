"""Verification in a process of its own: the signatures and the archive format of a file."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import re
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import msgspec
import pikepdf
from asn1crypto import cms, x509
from cryptography.x509 import load_der_x509_certificate
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import SigningError, extract_signer_info
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
from pyhanko_certvalidator import ValidationContext

from server.archive import credentials
from server.archive.conformance import breaches, claimed_level
from server.archive.handwriting import hand_of
from server.archive.page_conformance import inside
from server.archive.record import NAME, XML_NAME, checked
from server.archive.revocation import blocks, is_revoked
from server.archive.signing import JobRefused, SignatureReport, VerificationReport
from server.children.program import Program

CHECKED = ("2b", "2u", "3b", "3u")
"""Levels of PDF/A that are looked at."""
_CONTENTS = re.compile(rb"<(?:[0-9a-f]*|[0-9A-F]*)>")
_CONTRADICTIONS = (TypeError, ValueError, KeyError, AttributeError, IndexError, ArithmeticError)
"""Raised by readers of files that contradict themselves."""
_HASHES = {"1.2.156.10197.1.401": "sm3"}
"""Hashes that asn1crypto has no name for."""
PROGRAM_SECONDS = 60.0
"""Time limit of one run of ``openssl``, in seconds."""
SM2_BYTES = 60 << 20
"""Limit of a file for SM2, in bytes: what a program may print, with room for the signature."""

Der = bytes | memoryview


def report(
    data: bytes, signature: bytes, trusted: bytes, record: Sequence[bytes] = (b"", b"")
) -> VerificationReport:
    """Return the verdict on a file; see `server.archive.signing.verify`."""
    found: list[SignatureReport] = []
    problems: tuple[str, ...] = ("unsigned",)
    is_pdf = data.startswith(b"%PDF-")
    made, pages = _document(data) if is_pdf else (VerificationReport(False), None)
    if signature:
        found = [_judged(lambda: _beside(data, signature, trusted))]
        problems = ()
    elif is_pdf:
        found, problems = _embedded(data, trusted)
    elif credentials.are_in(data):
        one, inside, problems = credentials.read(data, trusted)
        found = [one]
        made = msgspec.structs.replace(made, record=inside)
    if any(record):
        told, wrong = checked(dict(zip((NAME, XML_NAME), record, strict=True)), pages, data)
        made = msgspec.structs.replace(made, record=told, problems=(*made.problems, *wrong))
    problems = (*problems, *made.problems)
    holds = bool(found) and all(one.holds for one in found) and not problems and not made.breaches
    return msgspec.structs.replace(made, holds=holds, signatures=tuple(found), problems=problems)


def _document(data: bytes) -> tuple[VerificationReport, int]:
    """Return the verdict on what a PDF claims beside its signatures, and the number of its pages."""
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            level = claimed_level(document)
            found = breaches(data, document, level) if level in CHECKED else []
            scripts = any(map(_is_script, document.objects))
            files = document.attachments if NAME in document.attachments else {}
            contents = {name: one.get_file().read_bytes() for name, one in files.items()}
            pages = len(document.pages)
            record, wrong = checked(contents, pages) if contents else (None, ())
    except (pikepdf.PdfError, RuntimeError, *_CONTRADICTIONS) as exc:
        raise JobRefused("PDF 已损坏或受密码保护", "the PDF is damaged or protected") from exc
    if level and level not in CHECKED:
        # What is claimed and not looked at does not hold by that.
        wrong = (*wrong, "pdfa.unchecked")
    told = tuple(f"{one.clause} {one.text}" + (f" (page {one.page})" if one.page else "") for one in found)
    notes = ("javascript",) if scripts else ()
    return VerificationReport(False, (), tuple(wrong), level, told, notes, record), pages


def _is_script(value: Any) -> bool:
    return any(isinstance(one, pikepdf.Dictionary) and "/JS" in one for one in inside(value))


def _embedded(data: bytes, trusted: bytes) -> tuple[list[SignatureReport], tuple[str, ...]]:
    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        if reader.encrypted:
            raise JobRefused("PDF 受密码保护", "the PDF is protected by a password")
        signatures = list(reader.embedded_signatures)
        ranges = [tuple(map(int, one.byte_range)) for one in signatures]
    except (PdfError, SigningError, RecursionError, AssertionError, *_CONTRADICTIONS):
        # A signature that cannot be found is none that holds.
        return [], ("damaged",) if b"/ByteRange" in data else ("unsigned",)
    if not signatures:
        return [], ("unsigned",)
    last = max((sum(each[-2:]) for each in ranges if len(each) == 4), default=0)
    problems = () if last == len(data) else ("updated",)
    return [_judged(lambda one=one: _in_pdf(data, one, trusted)) for one in signatures], problems


def _in_pdf(data: bytes, one: Any, trusted: bytes) -> SignatureReport:
    problems = []
    start, size, again, _ = (int(number) for number in one.byte_range)
    gap = data[start + size : again]
    der = one.signed_data
    if start or not _CONTENTS.fullmatch(gap) or int(gap[1 + 2 * _length(one.pkcs7_content) : -1] or b"0", 16):
        problems.append("uncovered")
    if not _is_packed(memoryview(one.pkcs7_content)[: _length(one.pkcs7_content)]):
        problems.append("signature.wrong")
    evidence = _evidence(der, _store(one.reader))
    status = _validated(partial(async_validate_pdf_signature, one), trusted, evidence, one.signer_cert)
    if status.modification_level is ModificationLevel.OTHER:
        problems.append("updated")
    hand, wrong = hand_of(one, data)
    verdict = _verdict(status, der, one.signer_cert, trusted, evidence, [*problems, *wrong])
    return msgspec.structs.replace(verdict, hand=hand)


def _store(reader: Any) -> Any:
    """Return the security store of a PDF, where what its signatures were judged by is (PAdES-LT), or None."""
    try:
        return DocumentSecurityStore.read_dss(reader)
    except (NoDSSFoundError, PdfError, *_CONTRADICTIONS):
        return None


def _length(der: Der) -> int:
    """Return the length of the first value of DER, its head included."""
    head, content = _parts(der)
    return head + content


def _parts(der: Der) -> tuple[int, int]:
    """Return the lengths of the head and of the content of the first value of DER."""
    count = der[1] & 0x7F
    return (2, der[1]) if der[1] < 0x80 else (2 + count, int.from_bytes(der[2 : 2 + count]))


def _is_packed(der: Der) -> bool:
    """Return whether values fill what they are in, as DER has it; readers pass over blanks at the end.

    Of a view, since a hostile signature may have millions of values, each of which would copy the rest.
    """
    while der:
        head, content = _parts(der) if len(der) > 1 else (0, 0)
        end = head + content
        if der[0] == 0 or not 0 < end <= len(der):
            return False
        if der[0] & 0x20 and not _is_packed(der[head:end]):
            return False
        der = der[end:]
    return True


def _beside(data: bytes, signature: bytes, trusted: bytes) -> SignatureReport:
    signed = cms.ContentInfo.load(signature, strict=True)
    if not _is_packed(memoryview(signature)):
        raise ValueError("not DER")
    content = signed["content"]
    info = extract_signer_info(content)
    signer = _certificate_of(content, info)
    if is_sm2_certificate(signer):
        return _sm2(data, signature, content, signer, info, trusted)
    evidence = _evidence(content)
    status = _validated(partial(async_validate_detached_cms, data, content), trusted, evidence, signer)
    problems = [] if signed["content_type"].native == "signed_data" else ["signature.wrong"]
    return _verdict(status, content, signer, trusted, evidence, problems)


def _judged(judge: Any) -> SignatureReport:
    """Return a verdict; a signature that cannot be understood is wrong, whatever it is that is wrong."""
    try:
        return judge()  # type: ignore[no-any-return]
    except JobRefused:
        raise
    except Exception:  # noqa: BLE001 - bytes that contradict themselves raise everything that there is
        return SignatureReport(False, "", "unknown", "", "none", ("signature.wrong",))


def _certificate_of(content: Any, info: Any) -> Any:
    named = info["sid"].chosen
    wanted = (named["issuer"], named["serial_number"].native)
    certificates = [one.chosen for one in content["certificates"]]
    return next(one for one in certificates if (one.issuer, one.serial_number) == wanted)


class _Evidence(NamedTuple):
    """Certificates and lists that a signature is judged by, beside those that are trusted.

    Attributes
    ----------
    certificates
        Certificates that came along.
    lists, answers
        Lists of revoked certificates (CRL), and answers about single ones (OCSP), as DER.
    """

    certificates: tuple[Any, ...] = ()
    lists: tuple[bytes, ...] = ()
    answers: tuple[bytes, ...] = ()


def _evidence(content: Any, store: Any = None) -> _Evidence:
    """Return the evidence in a signature and in the security store of its PDF."""
    told = [one.chosen for one in content["certificates"] if one.name == "certificate"]
    told += [] if store is None else store.load_certs()
    lists = [one.chosen.dump() for one in content["crls"] or () if one.name == "crl"]
    lists += [] if store is None else [one.get_object().data for one in store.crls]
    answers = [] if store is None else [one.get_object().data for one in store.ocsps]
    return _Evidence(tuple(told), tuple(lists), tuple(answers))


def _context(
    trusted: bytes, evidence: _Evidence, signer: Any = None, moment: datetime | None = None
) -> ValidationContext:
    """Return what a signature is judged by; where nobody is trusted its own certificate stands for itself.

    Parameters
    ----------
    moment
        Time that it is judged at; None for now.
    """
    roots = list(map(x509.Certificate.load, blocks(trusted, "CERTIFICATE")))
    if not roots and signer is not None:
        roots = [signer]
    return ValidationContext(
        trust_roots=roots,
        other_certs=evidence.certificates,
        moment=moment,
        best_signature_time=moment,
        allow_fetching=False,
        crls=[*blocks(trusted, "X509 CRL"), *evidence.lists],
        ocsps=evidence.answers,
        revocation_mode="soft-fail",
        # A list that was made later tells of earlier times, too.
        retroactive_revinfo=True,
    )


def _validated(
    validate: Callable[[Any, Any], Coroutine[Any, Any, Any]], trusted: bytes, evidence: _Evidence, signer: Any
) -> Any:
    """Return the status of a signature, judged at its proven time, else now."""
    stamps = _context(trusted, evidence)
    status = asyncio.run(validate(_context(trusted, evidence, signer), stamps))
    if (moment := _proven(status.timestamp_validity, trusted)) is None:
        return status
    stamps = _context(trusted, evidence)
    return asyncio.run(validate(_context(trusted, evidence, signer, moment), stamps))


def _proven(stamp: Any, trusted: bytes) -> datetime | None:
    """Return the time that a stamp proves: one of an authority that is trusted, and no other."""
    if stamp is None or not trusted or not (stamp.intact and stamp.valid and stamp.trusted):
        return None
    return stamp.timestamp  # type: ignore[no-any-return]


def _verdict(
    status: Any, content: Any, signer: Any, trusted: bytes, evidence: _Evidence, problems: list[str]
) -> SignatureReport:
    stamp = status.timestamp_validity
    info = content["signer_infos"][0]
    now = datetime.now(UTC)
    if not status.intact:
        problems.append("altered")
    if not status.valid or not _is_regular(content, info, signer):
        problems.append("signature.wrong")
    if stamp is not None and not (stamp.intact and stamp.valid):
        problems.append("timestamp.wrong")
    elif stamp is not None and trusted and not (stamp.trusted and _is_good(stamp, info, trusted, evidence)):
        problems.append("timestamp.untrusted")
    proven = _proven(stamp, trusted) if "timestamp.untrusted" not in problems else None
    stated = stamp.timestamp if stamp is not None and "timestamp.wrong" not in problems else None
    moment = proven or stated or status.signer_reported_dt
    problems += _doubts(signer, proven or now, moment)
    # The clock of whoever signed is his own word: a thief of a key sets it back.
    if is_revoked(signer, evidence.certificates, trusted, proven or now, evidence.lists):
        problems.append("certificate.revoked")
    elif trusted and not status.trusted and not any(one.startswith("certificate") for one in problems):
        problems.append("certificate.revoked" if status.revoked else "certificate.untrusted")
    source = "timestamp" if proven else "unproven" if stated else "clock" if moment else "none"
    told = tuple(dict.fromkeys(problems))
    known = bool(trusted) and status.trusted and "certificate.revoked" not in told
    return SignatureReport(
        not told,
        str(signer.subject.native.get("common_name", "")),
        "trusted" if known else "unknown",
        moment.astimezone(UTC).isoformat(timespec="seconds") if moment else "",
        source,  # type: ignore[arg-type]
        told,
    )


def _is_good(stamp: Any, info: Any, trusted: bytes, evidence: _Evidence) -> bool:
    """Return whether nothing is known against the authority of a stamp, at any time: it dates itself."""
    own: list[Any] = []
    for one in info["unsigned_attrs"]:
        if one["type"].native == "signature_time_stamp_token":
            tokens = [value["content"] for value in one["values"]]
            own += [each.chosen for token in tokens for each in token["certificates"] or ()]
    others = (*own, *evidence.certificates)
    return not is_revoked(stamp.signing_cert, others, trusted, datetime.now(UTC), evidence.lists)


def _doubts(signer: Any, now: datetime, signed_at: datetime | None) -> list[str]:
    if signer.not_valid_after < now:
        return ["certificate.expired"]
    if signed_at is not None and signed_at < signer.not_valid_before:
        return ["certificate.future"]
    return []


def _is_regular(content: Any, info: Any, signer: Any) -> bool:
    """Return whether parts of a signature that are not signed themselves say nothing else than the rest."""
    certificates = [one.chosen for one in content["certificates"]]
    version = "v1" if content["encap_content_info"]["content_type"].native == "data" else "v3"
    unsigned = {one["type"].native for one in info["unsigned_attrs"]} if info["unsigned_attrs"] else set()
    return (
        content["version"].native in ("v1", version)
        and info["version"].native == "v1"
        # Without them the signature is of the content itself, and another's attributes could be that.
        and len(info["signed_attrs"] or ()) > 0
        and [one.dump() for one in content["digest_algorithms"]] == [info["digest_algorithm"].dump()]
        and info["sid"].chosen["issuer"].dump() == signer.issuer.dump()
        and len(content["signer_infos"]) == 1
        and unsigned <= {"signature_time_stamp_token"}
        and len({one.dump() for one in certificates}) == len(certificates)
        and all(one.dump() == signer.dump() or _is_issuer(one, certificates) for one in certificates)
        and _is_named(info, signer)
    )


def _names(info: Any) -> list[Any]:
    """Return the certificates that a signature says by their hashes it was made with."""
    named = [one for one in info["signed_attrs"] if one["type"].native == "signing_certificate_v2"]
    return [value["certs"][0] for one in named for value in one["values"]]


def _is_named(info: Any, signer: Any) -> bool:
    """Return whether the signature names this very certificate, where it names one by its hash."""
    for named in _names(info):
        algorithm = named["hash_algorithm"]["algorithm"]
        digest = hashlib.new(_HASHES.get(algorithm.dotted, algorithm.native), signer.dump()).digest()
        if named["cert_hash"].native != digest:
            return False
    return True


def _is_issuer(one: Any, certificates: list[Any]) -> bool:
    """Return whether a certificate signed another of the signature's; only then is it of any use."""
    loaded = load_der_x509_certificate(one.dump())
    if one.issuer == one.subject:
        # Nobody else vouches for the rest of it.
        loaded.verify_directly_issued_by(loaded)
    for other in certificates:
        if other.issuer == one.subject:
            load_der_x509_certificate(other.dump()).verify_directly_issued_by(loaded)
            return True
    return False


def _sm2(
    data: bytes, signature: bytes, content: Any, signer: Any, info: Any, trusted: bytes
) -> SignatureReport:
    # A program here can open no file, not even one in memory: what was signed goes into the signature.
    whole = cms.ContentInfo.load(signature).copy()
    whole["content"]["encap_content_info"]["content"] = data
    attached = whole.dump(force=True)
    intact = openssl(["-verify", "-binary", "-inform", "DER", "-noverify"], attached) == data
    times = [one["values"][0].native for one in info["signed_attrs"] if one["type"].native == "signing_time"]
    problems = [] if intact else ["altered"]
    # Nobody's chain is looked at: that it is this certificate is said by the signature alone.
    if not _is_regular(content, info, signer) or not _names(info):
        problems.append("signature.wrong")
    problems += _doubts(signer, datetime.now(UTC), times[0] if times else None)
    if trusted:
        problems.append("certificate.untrusted")
    return SignatureReport(
        not problems,
        str(signer.subject.native.get("common_name", "")),
        "unknown",
        times[0].isoformat(timespec="seconds") if times else "",
        "clock" if times else "none",
        tuple(problems),
    )


def is_sm2_certificate(certificate: Any) -> bool:
    """Return whether the key of a certificate is on the curve of SM2."""
    algorithm = certificate.public_key["algorithm"]
    return bool(
        algorithm["algorithm"].native == "ec" and algorithm["parameters"].native == "1.2.156.10197.1.301"
    )


def openssl(words: list[str], content: bytes, **variables: str) -> bytes | None:
    """Return what ``openssl cms`` makes of its input; None where it fails."""
    if len(content) > SM2_BYTES:
        raise JobRefused("文件过大，不能用 SM2", "the file is too large for SM2")
    try:
        program = Program(["openssl", "cms", *words], {"PATH": os.environ.get("PATH", ""), **variables})
        ended = program.run(PROGRAM_SECONDS, content)
    except OSError as exc:
        raise JobRefused("未安装 openssl", "openssl is not installed") from exc
    return ended.output if ended.code == 0 else None
