"""Record of a merged document: what it was made of, when and how that is known, what the page says of it.

It is JSON, and XML with the names of DA/T 46-2009 where that has a name for it; the structure is our own, see
``docs/archive.md``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from xml.sax.saxutils import escape

import msgspec

from server import __version__
from server.archive.pdfa import PRODUCER, Archival, Attachment

NAME, XML_NAME = "record.json", "record.xml"
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class RecordedSource(msgspec.Struct, frozen=True, rename="camel"):
    """Original that pages came from, under its name as an attachment."""

    name: str
    size: int
    sha256: str


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
    """

    software: str
    time: str
    title: str
    pages: int
    sources: tuple[RecordedSource, ...]
    time_source: Literal["clock"] = "clock"
    origin: str = ""
    profile: str = ""
    wishes: Mapping[str, Any] = {}
    said: Mapping[str, Any] = {}


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
    yield _element("格式信息", "PDF/A", 编号="ISO 19005")
    yield _element("文档创建程序", record.software)
    for one in record.sources:
        names = {"计算机文件大小": one.size, "SHA-256": one.sha256}
        yield _element("计算机文件名", one.name, **names)
    # Names of our own, as the standard has none.
    for name, value in (("来源网页", record.origin), ("方案", record.profile)):
        yield _element(name, value) if value else ""
    for name, members in (("处理参数", record.wishes), ("网页所述", record.said)):
        yield _element(name, msgspec.json.encode(members, order="sorted").decode()) if members else ""


def _element(name: str, value: object, **attributes: object) -> str:
    told = "".join(f' {key}="{_text(one)}"' for key, one in attributes.items())
    return f"  <{name}{told}>{_text(value)}</{name}>\n"


def _text(value: object) -> str:
    return escape(_NO_XML.sub("", str(value)), {'"': "&quot;"})


def recorded(archival: Archival, pages: int, **told: Any) -> Archival:
    """Return the archive format of a document with the record of it attached; blocks.

    Parameters
    ----------
    pages
        0 if they become several files.
    told
        Further members of `DocumentRecord`.
    """
    record = DocumentRecord(
        software=f"{PRODUCER} {__version__}",
        time=datetime.fromtimestamp(archival.created).astimezone().isoformat(timespec="seconds"),
        title=archival.title,
        pages=pages,
        sources=tuple(
            RecordedSource(one.name, len(one.content), hashlib.sha256(one.content).hexdigest())
            for one in archival.attachments
        ),
        **told,
    )
    files = (
        Attachment(NAME, "application/json", as_json(record), "Data"),
        Attachment(XML_NAME, "application/xml", as_xml(record), "Supplement"),
    )
    return msgspec.structs.replace(archival, attachments=(*archival.attachments, *files))


def checked(files: Mapping[str, bytes], pages: int) -> tuple[DocumentRecord | None, Sequence[str]]:
    """Return the record among the attachments of a document, and what in it does not hold."""
    try:
        record = msgspec.json.decode(files[NAME], type=DocumentRecord)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None, ("record.unreadable",)
    found = ["record.pages"] if record.pages not in (0, pages) else []
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    if {one.name: one.sha256 for one in record.sources} != {
        name: digest for name, digest in sums.items() if name not in (NAME, XML_NAME)
    }:
        found.append("record.sources")
    if files.get(XML_NAME) != as_xml(record):
        found.append("record.xml")
    return record, found
