"""Lines of text as a page shows them, of which documents, zones and private parts are made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imgcore.checks.mrz import read_zone
from imgcore.fields.reader import DocumentReader
from imgcore.privacy import Hidden
from imgcore.privacy.patterns import private_parts
from tests.fakes.text import line
from tests.fuzz.target import Target

LINES = 60
_PAGE = np.full((1200, 1600, 3), 255, np.uint8)


class _Reader:
    """`LineReader` that reads nothing again."""

    def read(self, image: object, careful: bool = False, as_it_lies: bool = False) -> list[object]:
        return []

    def read_again(self, image: object, lines: Sequence[object], alphabet: str) -> list[object]:
        return list(lines)


def attack(data: bytes) -> None:
    """Read what documents and zones the lines make; a tab begins the next line in the same row."""
    rows = data.decode("utf-8", "replace").splitlines()[:LINES]
    placed = [
        line(cell, 20 + 500 * column, 20 + 30 * row, 8 * len(cell) + 8)
        for row, text in enumerate(rows)
        for column, cell in enumerate(text.split("\t")[:4])
    ]
    DocumentReader(_Reader())._draft(placed, _PAGE)  # type: ignore[arg-type]
    for at in range(len(rows)):
        read_zone(rows[at : at + 2])
        read_zone(rows[at : at + 3])
        list(private_parts(rows[at], Hidden))


def seeds() -> Sequence[bytes]:
    """Return a passport's zone without a numeric expiry, a card, an invoice and a licence."""
    texts = (
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F<<<<<<<ZE184226B<<<<<10",
        "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        "姓名\t张三\n性别男民族汉\n出生1980年1月1日\n住址某市某路1号\n公民身份号码11010519491231002X",
        "电子发票（普通发票）\n发票号码：24312000000123456789\n开票日期：2024年03月05日\n价税合计\t（小写）¥113.00",
        "营业执照\n统一社会信用代码\t91350100M000100Y43\n名称\t某某公司\n类型\t有限责任公司",
        "6222 0212 3456 7890 123\n有效期 12/30",
    )
    return [text.encode() for text in texts]


TARGET = Target(attack, seeds, words=[b"<<", "¥".encode(), "发票".encode(), "身份".encode()])
