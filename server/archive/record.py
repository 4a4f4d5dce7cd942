"""Record of a file: what it was made of and how, when and how that is known, what the page says of it.

It is JSON, and XML with the names of DA/T 46-2009 where that has a name for it; the structure is our own, see
``docs/archive.md``. It lies inside of a PDF/A-3, and beside any other file.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, Literal
from xml.sax.saxutils import escape

import msgspec

from server import __version__
from server.archive import RECORD_SUFFIXES
from server.archive.pdfa import NO_XML, PRODUCER, Archival, Attachment, kind_of

NAME, XML_NAME = (f"record{suffix}" for suffix in RECORD_SUFFIXES)
Content = Sequence[bytes | memoryview]


class FileDigest(msgspec.Struct, frozen=True, rename="camel"):
    """Bytes of a file, and their media type."""

    mime: str
    size: int
    sha256: str

    @classmethod
    def of(cls, content: Content) -> FileDigest:
        """Return the record of content; blocks."""
        digest = hashlib.sha256()
        for piece in content:
            digest.update(piece)
        begin = bytes(content[0][:16]) if content else b""
        return cls(kind_of(begin), sum(map(len, content)), digest.hexdigest())


class CaptureRecord(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Record of how the service itself took a picture with a device.

    Attributes
    ----------
    serial
        Serial number that the device tells; empty where it tells none.
    time
        Time of the exposure, or of the page, by the machine's clock.
    original
        Picture as the device gave it; None for a scanner, which gives no file.
    frames
        Number of frames that it was merged from.
    settings
        Settings of the picture core that were not those of a picture left alone.
    stages
        Names of the stages that changed the picture, in their order.
    dpi, dpi_source
        Resolution, and how it is known: the scanner tells it, the desk was measured, the sheet has a standard
        format, the request or the configuration states it; empty where it is not known.
    crop, verdict
        As in the answer of the capture.
    """

    device: str
    kind: Literal["camera", "scanner"]
    time: str
    serial: str = ""
    original: FileDigest | None = None
    frames: int = 1
    settings: Mapping[str, Any] = {}
    stages: tuple[str, ...] = ()
    dpi: float = 0.0
    dpi_source: Literal["", "device", "desk", "format", "stated"] = ""
    crop: Mapping[str, Any] | None = None
    verdict: Mapping[str, Any] | None = None


class RecordedSource(msgspec.Struct, frozen=True, rename="camel"):
    """Original that pages came from, under its name as an attachment or in the storage."""

    name: str
    size: int
    sha256: str
    capture: CaptureRecord | msgspec.UnsetType = msgspec.UNSET


class DocumentRecord(msgspec.Struct, frozen=True, rename="camel"):
    """Record of a document.

    Attributes
    ----------
    time_source
        Nothing proves the time; a time stamp of a signature does.
    origin
        Origin of the page that asked; empty for a program that is no browser.
    said
        Claims of the page about it, such as operator, window and the answers of captures; not checked.
    wishes
        Members of the request that shaped the document.
    file
        The file that the record lies beside; none where it lies inside.
    capture
        Capture of that file, where it is one picture.
    """

    software: str
    time: str
    title: str
    pages: int
    sources: tuple[RecordedSource, ...] = ()
    time_source: Literal["clock"] = "clock"
    origin: str = ""
    profile: str = ""
    wishes: Mapping[str, Any] = {}
    said: Mapping[str, Any] = {}
    file: FileDigest | msgspec.UnsetType = msgspec.UNSET
    capture: CaptureRecord | msgspec.UnsetType = msgspec.UNSET


def as_json(record: DocumentRecord) -> bytes:
    """Return the record as JSON, the same for the same record."""
    return msgspec.json.format(msgspec.json.encode(record, order="sorted"))


def as_xml(record: DocumentRecord) -> bytes:
    """Return the record as XML."""
    told = "".join(_lines(record))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<电子文件元数据 标准="DA/T 46-2009">\n'
    return f"{head}{told}</电子文件元数据>\n".encode()


def _lines(record: DocumentRecord) -> Iterator[str]:
    yield _element("题名", record.title)
    yield _element("日期", record.time, 来源="本机时钟")
    yield _element("页数", record.pages)
    if record.file:
        yield _element("格式信息", record.file.mime)
        yield _element("计算机文件大小", record.file.size, **{"SHA-256": record.file.sha256})
    else:
        yield _element("格式信息", "PDF/A", 编号="ISO 19005")
    yield _element("文档创建程序", record.software)
    for one in record.sources:
        names = {"计算机文件大小": one.size, "SHA-256": one.sha256}
        yield _element("计算机文件名", one.name, **names)
        yield from _taken(one.capture, 文件=one.name) if one.capture else ()
    yield from _taken(record.capture) if record.capture else ()
    # Names of our own, as the standard has none.
    for name, value in (("来源网页", record.origin), ("方案", record.profile)):
        yield _element(name, value) if value else ""
    for name, members in (("处理参数", record.wishes), ("网页所述", record.said)):
        yield _element(name, _json(members)) if members else ""


def _taken(capture: CaptureRecord, **of: str) -> Iterator[str]:
    """Yield how a picture was taken; the names are our own."""
    yield _element("采集设备", capture.device, 序列号=capture.serial, 类型=capture.kind, **of)
    yield _element("采集时间", capture.time, 来源="本机时钟", **of)
    yield _element("处理步骤", " ".join(capture.stages), **of) if capture.stages else ""
    yield _element("分辨率", f"{capture.dpi:g}", 来源=capture.dpi_source, **of) if capture.dpi else ""
    for name, members in (("裁切", capture.crop), ("图像判定", capture.verdict)):
        yield _element(name, _json(members), **of) if members else ""


def _json(members: Mapping[str, Any]) -> str:
    return msgspec.json.encode(members, order="sorted").decode()


def _element(name: str, value: object, **attributes: object) -> str:
    told = "".join(f' {key}="{_text(one)}"' for key, one in attributes.items())
    return f"  <{name}{told}>{_text(value)}</{name}>\n"


def _text(value: object) -> str:
    return escape(NO_XML.sub("", str(value)), {'"': "&quot;"})


def document_record(title: str, pages: int, created: float | None = None, **told: Any) -> DocumentRecord:
    """Return the record of a document.

    Parameters
    ----------
    pages
        0 if they become several files.
    created
        Seconds since 1970; None for now.
    told
        Further members of `DocumentRecord`.
    """
    moment = time_told(time.time() if created is None else created)
    return DocumentRecord(f"{PRODUCER} {__version__}", moment, title, pages, **told)


def time_told(moment: float) -> str:
    """Return a moment, in seconds since 1970, with the machine's time zone."""
    return datetime.fromtimestamp(moment).astimezone().isoformat(timespec="seconds")


def taken_with(
    device: str, kind: Literal["camera", "scanner"], serial: str = "", data: bytes = b"", ago: float = 0.0
) -> CaptureRecord:
    """Return the record of a picture before anything was made of it; blocks.

    Parameters
    ----------
    data
        Picture as the device gave it; empty where it gives no file.
    ago
        Seconds since the exposure.
    """
    original = FileDigest.of([data]) if data else None
    return CaptureRecord(device, kind, time_told(time.time() - ago), serial, original)


FORMS = (as_json, as_xml)
Beside = Mapping[str, Content]
Taken = Callable[[str], CaptureRecord | None]
"""Finds how a picture was taken, by its SHA-256."""


def recorded_source(name: str, data: bytes, taken: Taken) -> RecordedSource:
    """Return the record of an original; blocks while it is hashed."""
    digest = hashlib.sha256(data).hexdigest()
    return RecordedSource(name, len(data), digest, taken(digest) or msgspec.UNSET)


def recorded(archival: Archival, record: DocumentRecord) -> Archival:
    """Return the archive format of a document with a record attached."""
    json = Attachment(NAME, "application/json", as_json(record), "Data")
    xml = Attachment(XML_NAME, "application/xml", as_xml(record), "Supplement")
    return msgspec.structs.replace(archival, attachments=(*archival.attachments, json, xml))


def beside(record: DocumentRecord, name: str, content: Content, taken: Taken | None = None) -> Beside:
    """Return the files of a record that lie beside a file; blocks while that is hashed."""
    file = FileDigest.of(content)
    capture = (taken and taken(file.sha256)) or msgspec.UNSET
    told = msgspec.structs.replace(record, title=PurePath(name).stem, file=file, capture=capture)
    return {f"{name}{suffix}": [form(told)] for suffix, form in zip(RECORD_SUFFIXES, FORMS, strict=True)}


def checked(
    files: Mapping[str, bytes], pages: int | None, file: bytes | None = None
) -> tuple[DocumentRecord | None, Sequence[str]]:
    """Return the record among the attachments of a document or beside a file, and what in it does not hold.

    Parameters
    ----------
    pages
        Of the file; None where they are not counted.
    file
        The file that it lies beside; None for one inside.
    """
    try:
        record = msgspec.json.decode(files[NAME], type=DocumentRecord)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None, ("record.unreadable",)
    found = ["record.pages"] if pages is not None and record.pages not in (0, pages) else []
    if file is not None and record.file != FileDigest.of([file]):
        found.append("record.file")
    sums = {name: hashlib.sha256(files[name]).hexdigest() for name in files.keys() - {NAME, XML_NAME}}
    if file is None and {one.name: one.sha256 for one in record.sources} != sums:
        found.append("record.sources")
    if files[NAME] != as_json(record):
        found.append("record.altered")
    if files.get(XML_NAME) != as_xml(record):
        found.append("record.xml")
    return record, found
