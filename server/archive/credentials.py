"""Content credentials (C2PA) in JPEGs: made of a record, signed, and read back."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from asn1crypto import pem
from asn1crypto.algos import DSASignature, SignedDigestAlgorithm
from asn1crypto.x509 import Certificate

from server import __version__
from server.archive.pdfa import PRODUCER
from server.archive.record import DocumentRecord, FileDigest
from server.archive.revocation import is_revoked
from server.archive.signing import JobRefused, SignatureReport

MIME = "image/jpeg"
MOST_CERTIFICATES = 64
"""Limit of the certificates that are taken from one JPEG."""
_CERTIFICATE = re.compile(rb"(?=\x30\x82..\x30[\x81\x82])", re.DOTALL)
"""Head of a certificate in DER, in whatever it lies: a sequence of 256 bytes or more, and one in that."""
DEPTH = 8
"""Limit of the nesting of boxes."""
RECORD = "gaopai.record"
"""Label of the assertion with the record."""
AGENT = {"name": PRODUCER, "version": __version__}
_TURNED = dict.fromkeys(("rotate", "upright", "deskew"), "c2pa.orientation")
_ACTIONS = {
    **_TURNED,
    **{"crop": "c2pa.cropped", "resize": "c2pa.resized", "inset": "c2pa.placed"},
    **{"image_type": "c2pa.filtered", "colour_mode": "c2pa.color_adjustments", "watermark": "c2pa.drawing"},
}
"""Actions of the standard, by the stages that do them; any other stage is an edit."""
_KINDS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_CURVES = {
    "secp256r1": ("ES256", "sha256"),
    "secp384r1": ("ES384", "sha384"),
    "secp521r1": ("ES512", "sha512"),
}
_PSS = {
    "hash_algorithm": {"algorithm": "sha256"},
    "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": "sha256"}},
    "salt_length": 32,
}
"""Parameters of a signature by an RSA key: RSASSA-PSS with SHA-256 and a salt of 32 bytes."""
_PROBLEMS = {
    "assertion.dataHash.mismatch": "altered",
    "signingCredential.expired": "certificate.expired",
    "signingCredential.revoked": "certificate.revoked",
    "signingCredential.untrusted": "certificate.untrusted",
}
"""Problems of our reports, by the codes of the C2PA standard."""
_UUID = rb"\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
_BOXES = {rb"c2pa": rb"\x03c2pa", rb"c2ma": rb"\x03urn:c2pa:[^\0]+", rb"c2as": rb"\x03c2pa\.assertions"} | {
    **{rb"c2cl": rb"\x03c2pa\.claim\.v2", rb"c2cs": rb"\x03c2pa\.signature", rb"cbor": rb"\x13[^\0]+"}
}
_BOX = re.compile(b"|".join(b"jumd" + kind + _UUID + label + rb"\0" for kind, label in _BOXES.items()))
"""Pattern of the head of a box as it is written here: its kind, and its label."""
_ROOM = re.compile(rb"\xa1\x63pad\x59..\0*\xf6(?:\x58.|\x59..)[^\0].*\Z", re.DOTALL)
"""Pattern of what follows the signed part of a signature: room that was not needed, and the signature
itself."""


def definition(record: DocumentRecord | None) -> dict[str, Any]:
    """Return what is to be said of a picture; of one without a record nothing, as it was opened here."""
    said: dict[str, Any] = {"claim_generator_info": [AGENT], "format": MIME, "assertions": []}
    if record is not None:
        said["title"] = record.title
        said["assertions"].append({"label": RECORD, "data": msgspec.to_builtins(record)})
        if taken := record.capture:
            kind = "print" if taken.kind == "scanner" else "digitalCapture"
            kind = "computationalCapture" if taken.frames > 1 else kind
            created: dict[str, Any] = {
                "action": "c2pa.created",
                "when": taken.time,
                "digitalSourceType": _KINDS + kind,
            }
            actions = [created, *({"action": _ACTIONS.get(one, "c2pa.edited")} for one in taken.stages)]
            for action, words in zip(actions, (taken.device, *taken.stages), strict=True):
                action |= {"softwareAgent": AGENT, "parameters": {"description": words}}
            said["assertions"].append({"label": "c2pa.actions.v2", "data": {"actions": actions}})
    return said


def signed(content: bytes, record: DocumentRecord | None, signer: Any) -> bytes:
    """Return a JPEG with credentials in it, signed with a signer of pyHanko."""
    c2pa = _library()
    if not content.startswith(b"\xff\xd8"):
        raise JobRefused("内容凭证只用于 JPEG", "content credentials are for JPEGs alone")
    if record is not None and record.file != FileDigest.of([content]):
        raise JobRefused("记录不属于此文件", "the record is of another file")
    algorithm, digest = _algorithm(signer)

    def sign(data: bytes) -> bytes:
        made = asyncio.run(signer.async_sign_raw(data, digest))
        return bytes(DSASignature.load(made).to_p1363() if algorithm.startswith("ES") else made)

    chain = b"".join(pem.armor("CERTIFICATE", one.dump()) for one in _chain(signer)).decode()
    said = definition(record)
    sink = io.BytesIO()
    how: dict[str, Any] = {"thumbnail": {"enabled": False}}
    if len(said["assertions"]) < 2:
        how["intent"] = "edit"
    settings = {"builder": how, "verify": {"verify_after_sign": False}}
    try:
        with (
            c2pa.Context.from_dict(settings) as context,
            c2pa.Signer.from_callback(sign, c2pa.C2paSigningAlg[algorithm], chain, None) as by,
            c2pa.Builder(said, context) as builder,
        ):
            builder.sign(by, MIME, io.BytesIO(content), sink)
    except c2pa.C2paError as exc:
        reason = type(exc).__name__
        raise JobRefused(
            f"无法写入内容凭证（{reason}）", f"no content credentials can be made ({reason})"
        ) from exc
    return sink.getvalue()


def _library() -> Any:
    try:
        import c2pa  # noqa: PLC0415 - it may be missing
    except ImportError as exc:
        raise JobRefused("未安装 c2pa-python", "c2pa-python (gaopai[c2pa]) is not installed") from exc
    return c2pa


def _algorithm(signer: Any) -> tuple[str, str]:
    key = signer.signing_cert.public_key
    if key.algorithm == "rsa":
        # The salt that the standard has; pyHanko takes the longest.
        signer._signature_mechanism = SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": _PSS})
        return "PS256", "sha256"
    found = _CURVES.get(key.curve[1]) if key.algorithm == "ec" else None
    if found is None:
        raise JobRefused("此密钥不能用于内容凭证", "a key of this kind makes no content credentials")
    return found


def _chain(signer: Any) -> list[Any]:
    """Return the signer's certificate and those of its authorities, each before its issuer."""
    chain = [signer.signing_cert]
    others = list(signer.cert_registry)
    while found := [one for one in others if one.subject == chain[-1].issuer and one not in chain]:
        chain.append(found[0])
    return chain


def _segments(data: bytes) -> Iterator[bytes]:
    """Yield the segments of a JPEG before its pixels."""
    at = 2
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] != b"\xda":
        end = at + 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))
        yield data[at:end]
        at = end


def are_in(data: bytes) -> bool:
    """Return whether a JPEG has content credentials, or something in their place."""
    return data.startswith(b"\xff\xd8") and any(one[1] == 0xEB for one in _segments(data))


def without_credentials(data: bytes) -> bytes:
    """Return a JPEG without the segments that have its credentials."""
    found = list(_segments(data))
    kept = b"".join(one for one in found if one[1] != 0xEB)
    return data[:2] + kept + data[2 + sum(map(len, found)) :]


def _is_regular(data: bytes) -> bool:
    """Return whether what no hash covers is as it is written here: heads of segments and boxes, and room."""
    found = [one for one in _segments(data) if one[1] == 0xEB]
    if any(
        one[4:20] != b"JP\x02\x11%b" % number.to_bytes(4) + found[0][12:20]
        for number, one in enumerate(found, 1)
    ):
        return False
    store = found[0][12:20] + b"".join(one[20:] for one in found)
    heads = len(_BOX.findall(store)) == store.count(b"jumd")
    return heads and _fill(memoryview(store)) and _ROOM.search(store) is not None


def _fill(boxes: memoryview, depth: int = 0) -> bool:
    """Return whether boxes fill what they are in; readers pass over a wrong length."""
    while boxes:
        end = int.from_bytes(boxes[:4])
        if depth > DEPTH or not 8 <= end <= len(boxes):
            return False
        if bytes(boxes[4:8]) == b"jumb" and not _fill(boxes[8:end], depth + 1):
            return False
        boxes = boxes[end:]
    return True


def read(data: bytes, trusted: bytes) -> tuple[SignatureReport, DocumentRecord | None, tuple[str, ...]]:
    """Return the verdict on the credentials of a JPEG, the record in them, and what in it does not hold."""
    c2pa = _library()
    anchors = {"trust_anchors": trusted.decode(), "allowed_list": trusted.decode()} if trusted else {}
    verify = {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": bool(trusted)}
    try:
        with (
            c2pa.Context.from_dict({"verify": verify, "trust": anchors}) as context,
            c2pa.Reader(MIME, io.BytesIO(data), context=context) as reader,
        ):
            told = json.loads(reader.json())
        active = told["manifests"][told["active_manifest"]]
        makers = [one["name"] for one in active["claim_generator_info"]]
        state = told["validation_state"]
        results = told["validation_results"]["activeManifest"]
    except (c2pa.C2paError, KeyError, ValueError):
        return SignatureReport(False, "", "unknown", "", "none", ("signature.wrong",)), None, ()
    problems = {_PROBLEMS.get(one["code"], "signature.wrong") for one in results["failure"]}
    problems -= set() if trusted else {"certificate.untrusted"}
    if (not problems and state == "Invalid") or (makers == [PRODUCER] and not _is_regular(data)):
        problems.add("signature.wrong")
    by = active.get("signature_info", {})
    name = by.get("common_name", "")
    time = by.get("time", "")
    proven = _proven(time, results) if trusted else None
    if time and trusted and proven is None:
        problems.add("timestamp.untrusted")
    problems |= _doubts(data, by, trusted, proven or datetime.now(UTC))
    identity = "trusted" if state == "Trusted" and "certificate.revoked" not in problems else "unknown"
    source = "timestamp" if proven else "unproven" if time else "none"
    report = SignatureReport(not problems, name, identity, time, source, tuple(sorted(problems)))  # type: ignore[arg-type]
    return report, *_record(data, active)


def _proven(time: str, results: Mapping[str, Any]) -> datetime | None:
    """Return the time of a stamp whose authority is trusted: the library only informs of one that is not."""
    succeeded = {one["code"] for one in results["success"]}
    if not time or not succeeded >= {"timeStamp.validated", "timeStamp.trusted"}:
        return None
    return datetime.fromisoformat(time)


def _doubts(data: bytes, by: Mapping[str, Any], trusted: bytes, moment: datetime) -> set[str]:
    """Return what is wrong with the signer's certificate at a moment, which the library does not look at.

    It takes lists of revoked certificates for nothing, and the time of any stamp for the time.
    """
    known = _certificates(data)
    signers = [one for one in known if str(one.serial_number) == str(by.get("cert_serial_number"))]
    if not signers:
        # One that cannot be seen cannot be judged.
        return {"signature.wrong"}
    problems = set()
    if any(one.not_valid_after < moment for one in signers):
        problems.add("certificate.expired")
    if any(is_revoked(one, known, trusted, moment) for one in signers):
        problems.add("certificate.revoked")
    return problems


def _certificates(data: bytes) -> list[Certificate]:
    """Return the certificates in the credentials of a JPEG, wherever they are."""
    store = b"".join(one[20:] for one in _segments(data) if one[1] == 0xEB)
    found: dict[bytes, Certificate] = {}
    for at in (match.start() for match in _CERTIFICATE.finditer(store)):
        der = store[at : at + 4 + int.from_bytes(store[at + 2 : at + 4])]
        try:
            certificate = Certificate.load(der, strict=True)
            certificate.native  # noqa: B018 - read to be checked
        except (ValueError, TypeError, KeyError, OverflowError):
            continue
        found[der] = certificate
        if len(found) == MOST_CERTIFICATES:
            break
    return list(found.values())


def _record(data: bytes, active: Mapping[str, Any]) -> tuple[DocumentRecord | None, tuple[str, ...]]:
    found = [one["data"] for one in active.get("assertions", ()) if one["label"] == RECORD]
    if not found:
        return None, ()
    try:
        record = msgspec.convert(found[0], DocumentRecord)
    except msgspec.ValidationError:
        return None, ("record.unreadable",)
    whole = record.file == FileDigest.of([without_credentials(data)])
    return record, () if whole else ("record.file",)
