"""The record of a document: what holds of it, and what is told when it does not."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping

import pytest

from server.archive.pdfa import Archival, Attachment
from server.archive.record import NAME, XML_NAME, checked, recorded

ORIGINAL = Attachment("001-a.jpg", "image/jpeg", b"picture")
SAID = {"operator": '<&"\x0b>\ud7ff'}


def _files(pages: int = 2) -> dict[str, bytes]:
    made = recorded(Archival("3b", 0.0, "t<i>tle", (ORIGINAL,)), pages, said=SAID, wishes={"pdfa": "3b"})
    return {one.name: one.content for one in made.attachments}


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
