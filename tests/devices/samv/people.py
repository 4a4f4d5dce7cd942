"""Cards of people that do not exist, laid out as real ones are. Whatever they say may appear nowhere."""

from __future__ import annotations

import random
from dataclasses import dataclass

NAME = "金丝雀"
NUMBER = "110101199003070134"
ADDRESS = "北京市东城区无名胡同甲4号"
LATEST = "上海市徐汇区新址路8号"
ISSUER = "北京市公安局东城分局"
ENGLISH = "CANARY, SERINUS THE VERY LONG NAMED OF LAS PALMAS"
_BYTES = random.Random(7)
PORTRAIT = b"WLf\0" + _BYTES.randbytes(1020)
FINGERS = _BYTES.randbytes(1024)
CANARIES = (NAME, NUMBER, ADDRESS, LATEST, ISSUER, ENGLISH, "Serinus", PORTRAIT[8:24], FINGERS[8:24])


@dataclass(frozen=True)
class FakeCard:
    """What a module reads from it; without `fingers` or `latest` it has none."""

    text: bytes
    portrait: bytes = PORTRAIT
    fingers: bytes = b""
    latest: str = ""


def laid_out(**items: tuple[int, int, str]) -> bytes:
    """256 bytes of text from items of (offset, length, content)."""
    text = bytearray(" ".encode("utf-16-le") * 128)
    for offset, length, content in items.values():
        text[offset : offset + length] = content.ljust(length // 2).encode("utf-16-le")
    assert len(text) == 256
    return bytes(text)


def citizen(end: str = "20360101", kind: str = " ") -> bytes:
    return laid_out(
        name=(0, 30, NAME),
        sex=(30, 2, "2"),
        nation=(32, 4, "11"),
        birth=(36, 16, "19900307"),
        address=(52, 70, ADDRESS),
        number=(122, 36, NUMBER),
        issuer=(158, 30, ISSUER),
        start=(188, 16, "20160101"),
        end=(204, 16, end),
        kind=(248, 2, kind),
    )


def residence() -> bytes:
    return laid_out(
        name=(0, 30, NAME),
        sex=(30, 2, "1"),
        birth=(36, 16, "19850630"),
        address=(52, 70, ADDRESS),
        number=(122, 36, "810000198506300018"),
        issuer=(158, 30, ISSUER),
        start=(188, 16, "20180901"),
        end=(204, 16, "20230901"),
        pass_number=(220, 18, "H12345678"),
        count=(238, 4, "02"),
        kind=(248, 2, "J"),
    )


def foreigner_2017(chinese: str = NAME) -> bytes:
    return laid_out(
        english=(0, 120, ENGLISH),
        sex=(120, 2, "1"),
        number=(122, 30, "ESP310070010101"),
        nationality=(152, 6, "ESP"),
        chinese=(158, 30, chinese),
        start=(188, 16, "20170801"),
        end=(204, 16, "20270731"),
        birth=(220, 16, "19700102"),
        version=(236, 4, "01"),
        authority=(240, 8, "1500"),
        kind=(248, 2, "I"),
    )


def foreigner_2023(chinese: str = NAME, english: str = ENGLISH[:46]) -> bytes:
    padded = english.ljust(46)
    return laid_out(
        chinese=(0, 30, chinese),
        sex=(30, 2, "2"),
        renewals=(32, 4, "01"),
        birth=(36, 16, "19700102"),
        english=(52, 70, padded[:35]),
        number=(122, 36, "911110197001020026"),
        start=(188, 16, "20231201"),
        end=(204, 16, "20331130"),
        english_rest=(220, 22, padded[35:]),
        nationality=(242, 6, "ESP"),
        kind=(248, 2, "Y"),
        old_number=(250, 6, "001"),
    )
