"""Signed files, and what programs that scan ask for in XML."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from server.archive.signing import JobRefused, Sign, SigningKey
from server.archive.verification import report
from server.archive.worker import make_key, signature
from server.share.escl import DEPTH, LEAST_DOTS, MOST_DOTS, Malformed, NotSupported, parse_settings
from tests.fuzz.target import Target
from tests.unit.documents.samples import jpeg, pdf, text_pdf

SIGNED = b"text"


def attack_signature(data: bytes) -> None:
    """A signature beside a file; one that was touched does not hold."""
    try:
        found = report(SIGNED, data or b"-", b"")
    except JobRefused:
        return
    assert len(found.signatures) == 1
    assert not found.holds or data in signature_seeds()


def attack_signed_pdf(data: bytes) -> None:
    """A PDF with signatures in it; nothing holds that nobody signed."""
    data = b"%PDF-" + data.removeprefix(b"%PDF-")
    try:
        found = report(data, b"", b"")
    except JobRefused:
        return
    assert not found.holds or data in signed_pdf_seeds()


def attack_settings(data: bytes) -> None:
    """The settings of a scan job."""
    try:
        found = parse_settings(data)
    except (Malformed, NotSupported):
        return
    assert LEAST_DOTS <= found.dots <= MOST_DOTS
    assert found.region is None or all(0 <= side < 10**6 for side in found.region)


@cache
def _made() -> tuple[bytes, ...]:
    """A signature beside a file, and signed PDFs."""
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key.pem"
        make_key(key, "fuzz")
        files = (SIGNED, pdf(jpeg()), text_pdf("gaopai"))
        return tuple(signature(Sign(SigningKey(str(key))), one, bytes)[0] for one in files)


def signature_seeds() -> Sequence[bytes]:
    """A signature, and none."""
    return [_made()[0], b"0"]


def signed_pdf_seeds() -> Sequence[bytes]:
    """Signed ones, one signed and updated, one unsigned."""
    return [*_made()[1:], _made()[1] + b"\n%%EOF\n", pdf(jpeg())]


def settings_seeds() -> Sequence[bytes]:
    """As clients send them, and with a document type."""
    leaves = "".join(
        f"<scan:{name}>{value}</scan:{name}>"
        for name, value in {
            "InputSource": "Feeder",
            "Duplex": "true",
            "XResolution": 300,
            "ColorMode": "Grayscale8",
            "Width": 2550,
            "Height": 3300,
            "Intent": "Photo",
            "DocumentFormat": "application/pdf",
        }.items()
    )
    space = 'xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03"'
    plain = f'<?xml version="1.0" encoding="UTF-8"?><scan:ScanSettings {space}>{leaves}</scan:ScanSettings>'
    deep = "<a>" * DEPTH + "</a>" * DEPTH
    return [
        plain.encode(),
        plain.encode("utf-16"),
        f'<!DOCTYPE a [<!ENTITY b "c">]><ScanSettings>&b;{deep}</ScanSettings>'.encode(),
    ]


SIGNATURE = Target(
    attack_signature, signature_seeds, words=[b"\x30\x82", b"\x30\x80", b"\xa0\x82", b"\x06\x09"]
)
SIGNED_PDF = Target(
    attack_signed_pdf,
    signed_pdf_seeds,
    1 << 15,
    [
        b"/ByteRange",
        b"/Contents <",
        b"/Prev ",
        b"startxref\n",
        b"/Type/Sig",
        b"/JavaScript",
        b"/AcroForm",
        b" 0 R",
    ],
)
SETTINGS = Target(
    attack_settings, settings_seeds, words=[b"<!DOCTYPE ", b'encoding="gbk"', b"&#x", b"<![CDATA[", b"</"]
)
