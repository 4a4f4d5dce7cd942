"""The record of a document: what holds of it, and what is told when it does not."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping

import pytest

from server.archive.pdfa import Archival, Attachment
from server.archive.record import (
    NAME,
    XML_NAME,
    CaptureRecord,
    beside,
    checked,
    document_record,
    recorded,
    recorded_source,
    taken_with,
)

ORIGINAL = Attachment("001-a.jpg", "image/jpeg", b"picture")
SAID = {"operator": '<&"\x0b>\ud7ff'}
TAKEN = CaptureRecord(
    *("Desk & camera", "camera", "2026-11-30T10:00:00+08:00", "SN-7"),
    stages=("crop", "deskew"),
    dpi=203.2,
    dpi_source="desk",
    verdict={"ok": True},
)


def _files(pages: int = 2) -> dict[str, bytes]:
    source = recorded_source(ORIGINAL.name, ORIGINAL.content, lambda _: TAKEN)
    record = document_record("t<i>tle", pages, 0.0, sources=(source,), said=SAID, wishes={"pdfa": "3b"})
    made = recorded(Archival("3b", 0.0, "t<i>tle", (ORIGINAL,)), record)
    return {one.name: one.content for one in made.attachments}


def _beside(content: bytes = b"\xff\xd8 picture") -> dict[str, bytes]:
    pieces = [content[:3], memoryview(content)[3:]]
    made = beside(document_record("", 1, 0.0), "case/a.jpg", pieces, lambda _: TAKEN)
    assert list(made) == ["case/a.jpg.json", "case/a.jpg.xml"]
    json, xml = (b"".join(one) for one in made.values())
    return {NAME: json, XML_NAME: xml}


def test_a_record_is_read_back() -> None:
    record, problems = checked(_files(), 2)
    assert record is not None
    assert (record.title, record.said, tuple(problems)) == ("t<i>tle", SAID, ())
    assert record.time.startswith(("1970-01-01", "1969-12-31"))


def test_the_same_is_the_same_bytes() -> None:
    assert _files() == _files()


def test_its_xml_has_the_names_of_the_standard() -> None:
    root = ET.fromstring(_files()[XML_NAME])
    assert [one.tag for one in root][:6] == [
        "题名",
        "日期",
        "页数",
        "格式信息",
        "文档创建程序",
        "计算机文件名",
    ]
    assert root[0].text == "t<i>tle"
    assert root[5].attrib["计算机文件大小"] == "7"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"001-a.jpg": b"Picture"}, "record.sources"),
        ({"002-b.jpg": b"more"}, "record.sources"),
        ({XML_NAME: b"<a/>"}, "record.xml"),
        ({NAME: _files()[NAME] + b" "}, "record.altered"),
        ({NAME: b"{"}, "record.unreadable"),
        ({NAME: b"[" * 100_000}, "record.unreadable"),
        ({NAME: b"\xff"}, "record.unreadable"),
    ],
)
def test_what_does_not_hold_is_told(changed: Mapping[str, bytes], told: str) -> None:
    assert told in checked({**_files(), **changed}, 2)[1]


def test_another_number_of_pages_is_told_unless_several_files_were_made() -> None:
    assert checked(_files(), 3)[1] == ["record.pages"]
    assert checked(_files(pages=0), 3)[1] == []


def test_a_record_beside_a_file_is_read_back_under_its_name() -> None:
    files = _beside()
    record, problems = checked(files, None, b"\xff\xd8 picture")
    assert record is not None
    assert record.file
    assert (record.title, record.file.mime, record.capture, tuple(problems)) == ("a", "image/jpeg", TAKEN, ())
    assert checked(files, 1, b"\xff\xd8 picture")[1] == []
    assert checked(files, 1, b"\xff\xd8 Picture")[1] == ["record.file"]
    assert checked(files, 2, b"\xff\xd8 picture")[1] == ["record.pages"]


def test_one_byte_of_a_record_that_is_another_is_told() -> None:
    files = _beside()
    for name in files:
        for at in range(len(files[name])):
            changed = bytearray(files[name])
            changed[at] ^= 1 << at % 7
            record, problems = checked({**files, name: bytes(changed)}, 1, b"\xff\xd8 picture")
            assert problems, (name, at, record)


def test_its_xml_says_how_a_picture_was_taken() -> None:
    for files, of in ((_files(), {"文件": "001-a.jpg"}), (_beside(), {})):
        root = ET.fromstring(files[XML_NAME])
        told = {one.tag: one for one in root if one.tag in ("采集设备", "处理步骤", "分辨率", "图像判定")}
        assert told["采集设备"].attrib == {"序列号": "SN-7", "类型": "camera", **of}
        assert told["处理步骤"].text == "crop deskew"
        assert (told["分辨率"].text, told["分辨率"].attrib["来源"]) == ("203.2", "desk")
        assert told["图像判定"].text == '{"ok":true}'


def test_a_device_that_gives_no_file_has_no_original() -> None:
    assert taken_with("scanner", "scanner").original is None
    taken = taken_with("camera", "camera", "SN", b"\xff\xd8")
    assert taken.original
    assert (taken.serial, taken.original.size) == ("SN", 2)
