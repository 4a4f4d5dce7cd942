"""PDF/A: the parts that make a PDF one of ISO 19005-2 or -3; written to the standard, not certified."""

from __future__ import annotations

import io
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import PurePath
from typing import Any, Literal
from xml.sax.saxutils import escape

import msgspec
import pikepdf
import PIL.ImageCms

Level = Literal["2b", "2u", "3b"]
PRODUCER = "gaopai"
ADDED_BYTES = 6144
"""Bytes that the format adds to a PDF at the most, attachments not counted."""

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="{part}" \
pdfaid:conformance="{conformance}"/>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" \
xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmp:CreateDate="{time}" xmp:ModifyDate="{time}" \
pdf:Producer="{producer}"/>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
_INTENT = b"""<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB)
/Info (sRGB IEC61966-2.1) >>"""
MAGICS = (
    *((b"\xff\xd8", "image/jpeg"), (b"\x89PNG", "image/png"), (b"%PDF", "application/pdf")),
    *((b"II", "image/tiff"), (b"MM", "image/tiff"), (b"BM", "image/bmp"), (b"RIFF", "image/webp")),
)
"""Beginnings of files, and their kinds."""
NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Attachment(msgspec.Struct, frozen=True):
    """File inside a PDF of part 3.

    Attributes
    ----------
    relationship
        Its value of ``AFRelationship``.
    """

    name: str
    mime: str
    content: bytes
    relationship: Literal["Source", "Data", "Supplement"] = "Source"


class Archival(msgspec.Struct, frozen=True):
    """Archive format of a PDF.

    Attributes
    ----------
    created
        Seconds since 1970, told as the time at which the PDF was made.
    """

    level: Level
    created: float
    title: str = ""
    attachments: tuple[Attachment, ...] = ()

    def without_contents(self) -> Archival:
        """Return the same with attachments that are empty."""
        emptied = (msgspec.structs.replace(one, content=b"") for one in self.attachments)
        return msgspec.structs.replace(self, attachments=tuple(emptied))


@dataclass(frozen=True, slots=True)
class _Stamp:
    time: datetime
    title: str


def kind_of(content: bytes) -> str:
    """Return the media type of a file by its beginning."""
    return next((kind for magic, kind in MAGICS if content.startswith(magic)), "application/octet-stream")


def attachment(name: str, number: int, content: bytes) -> Attachment:
    """Return an original of a document as an attachment, under a name with its number."""
    stem, _, suffix = PurePath(name).name.rpartition(".")
    kind = kind_of(content)
    # Names of a folder tree may be one name here, and must not be too long to travel.
    name = f"{number:03}-{stem[:60] or 'original'}.{suffix[:8] or kind.rpartition('/')[2]}"
    return Attachment(name, kind, content)


def make_archival(document: pikepdf.Pdf, archival: Archival) -> None:
    """Add what the level asks for; what it forbids must not be there, see `server.archive.conformance`."""
    stamp = _Stamp(datetime.fromtimestamp(archival.created, UTC), NO_XML.sub("", archival.title) or PRODUCER)
    _add_metadata(document, archival.level, stamp)
    intent = pikepdf.Object.parse(_INTENT)
    intent.DestOutputProfile = document.make_stream(srgb_profile(), N=3)
    document.Root.OutputIntents = pikepdf.Array([document.make_indirect(intent)])
    if archival.attachments:
        _attach(document, archival.attachments, stamp)


def archived(data: bytes, level: Level, title: str) -> bytes:
    """Return a PDF that was made here as one of the archive format, made now.

    Raises
    ------
    pikepdf.PdfError
        It is damaged.
    """
    with pikepdf.open(io.BytesIO(data)) as document:
        make_archival(document, Archival(level, time.time(), title))
        return bytes(saved(document))


def saved(document: pikepdf.Pdf, deterministic: bool = True) -> memoryview:
    """Return the file; if `deterministic` the same document gives the same bytes, which takes a digest."""
    sink = io.BytesIO()
    document.save(
        sink,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        deterministic_id=deterministic,
    )
    return sink.getbuffer()


def is_signed(document: pikepdf.Pdf) -> bool:
    """Return whether a signature would break if the document were written again."""
    form: Any = document.Root.get("/AcroForm", {})
    # Bit 1 says that there are signatures, bit 2 that only appending keeps them.
    if int(form.get("/SigFlags", 0)) & 2 or "/Perms" in document.Root:
        return True
    return any(_is_signature(one) for one in form.get("/Fields", []))


@cache
def srgb_profile() -> bytes:
    """Return an ICC profile of sRGB, made here by Little CMS; its date is fixed."""
    made = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    # Bytes 24 to 36 are the time at which it was made.
    return made[:24] + bytes.fromhex("07ce00020009000600310000") + made[36:]


def _is_signature(field: Any) -> bool:
    if field.get("/FT") == "/Sig" and "/V" in field:
        return True
    return any(_is_signature(kid) for kid in field.get("/Kids", []))


def _add_metadata(document: pikepdf.Pdf, level: Level, stamp: _Stamp) -> None:
    time = f"{stamp.time:%Y-%m-%dT%H:%M:%S}+00:00"
    packet = _XMP.format(
        part=level[0], conformance=level[1].upper(), time=time, producer=PRODUCER, title=escape(stamp.title)
    )
    metadata = document.make_stream(packet.encode(), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
    document.Root.Metadata = metadata
    # Pages may come from a document that said other things of itself.
    document.trailer.Info = document.make_indirect(
        pikepdf.Dictionary(
            Title=pikepdf.String(stamp.title),
            Producer=pikepdf.String(PRODUCER),
            CreationDate=_date(stamp.time),
            ModDate=_date(stamp.time),
        )
    )


def _attach(document: pikepdf.Pdf, attachments: tuple[Attachment, ...], stamp: _Stamp) -> None:
    files = [document.make_indirect(_file(document, one, stamp)) for one in attachments]
    named = sorted(zip((one.name for one in attachments), files, strict=True), key=lambda one: one[0])
    names = [part for name, file in named for part in (pikepdf.String(name), file)]
    document.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array(names)))
    document.Root.AF = pikepdf.Array(files)


def _file(document: pikepdf.Pdf, one: Attachment, stamp: _Stamp) -> pikepdf.Dictionary:
    content = document.make_stream(
        one.content,
        Type=pikepdf.Name.EmbeddedFile,
        Subtype=pikepdf.Name(f"/{one.mime}"),
        Params=pikepdf.Dictionary(Size=len(one.content), ModDate=_date(stamp.time)),
    )
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Filespec,
        F=pikepdf.String(one.name),
        UF=pikepdf.String(one.name),
        AFRelationship=pikepdf.Name(f"/{one.relationship}"),
        EF=pikepdf.Dictionary(F=content, UF=content),
    )


def _date(time: datetime) -> pikepdf.String:
    return pikepdf.String(f"D:{time:%Y%m%d%H%M%S}+00'00'")
