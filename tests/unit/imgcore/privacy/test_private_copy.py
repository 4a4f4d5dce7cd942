"""Private copies: what is found is filled, and a copy that still tells is none."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.fields import DocumentReader
from imgcore.privacy import Copier, Hidden, UnreadablePage
from imgcore.privacy.cover import cover, grown
from imgcore.privacy.patterns import private_parts
from imgcore.text import TextLine
from tests.unit.imgcore.printed import BLANK, Recited, line

PAGE = [
    line("申请人：周文玉", 0.1, 0.1),
    line("身份证号 339926199912077560", 0.1, 0.2),
    line("联系电话 199 0000 0000", 0.1, 0.3),
    line("账号 9972 2635 6040 8371 629", 0.1, 0.4),
    line("地址：水泉市东宁区示例路997号", 0.1, 0.5),
    line("本页为演示样张", 0.1, 0.7),
]
WORDS = [PAGE[-1]]


def copier(*looks: list[TextLine]) -> Copier:
    return Copier(Recited(*looks), DocumentReader(Recited([])))


@pytest.mark.parametrize(
    ("kind", "text", "part"),
    [
        (Hidden.ID, "身份证号 339926199912077560 有效", "339926199912077560"),
        (Hidden.ID, "号码 33992619991207756X", "33992619991207756X"),
        (Hidden.ID, "3399 2619 9912 0775 60", "3399 2619 9912 0775 60"),
        (Hidden.ID, "号码 3399261999I207756O", "3399261999I207756O"),
        (Hidden.ID, "P<UTOERIKSSON<<ANNA<MARIA<<<", "P<UTOERIKSSON<<ANNA<MARIA<<<"),
        (Hidden.ID, "税号91339976MA9GA94C0N", "91339976MA9GA94C0N"),
        (Hidden.ID, "通行证 H00000000", "H00000000"),
        (Hidden.BANK, "卡号 9972 2635 6040 8371", "9972 2635 6040 8371"),
        (Hidden.PHONE, "手机 199-0000-0000", "199-0000-0000"),
        (Hidden.PHONE, "+8619900000000", "+8619900000000"),
        (Hidden.PHONE, "电话(010)00000000", "(010)00000000"),
        (Hidden.NAME, "姓名：周文玉", "周文玉"),
        (Hidden.NAME, "Name: Anna Sample", "Anna Sample"),
        (Hidden.ADDRESS, "住址 水泉市东宁区示例路997号", "水泉市东宁区示例路997号"),
        (Hidden.ADDRESS, "送到水泉市东宁区示例路997号", "水泉市东宁区示例路997号"),
    ],
)
def test_parts_are_found(kind: Hidden, text: str, part: str) -> None:
    found = {text[start:end] for _, start, end in private_parts(text, {kind})}
    assert any(part in one for one in found)


@pytest.mark.parametrize("text", ["合计 1234.50", "2030年1月8日 20300108", "第 128 页", "共 30 份"])
def test_other_numbers_are_left(text: str) -> None:
    assert not list(private_parts(text, set(Hidden)))


def test_a_copy_is_filled_where_the_parts_are() -> None:
    page = np.random.default_rng(1).integers(0, 255, BLANK.shape, np.uint8)
    made = copier(PAGE, WORDS).copy(page, {Hidden.ID, Hidden.PHONE})
    assert dict(made.hidden).keys() == {Hidden.ID, Hidden.PHONE}
    for number, covered in ((1, True), (2, True), (5, False)):
        corners = PAGE[number].corners
        middle = corners.mean(axis=0).astype(int)
        right = corners[1:3].mean(axis=0).astype(int)
        part = made.image[middle[1] - 3 : middle[1] + 3, middle[0] + 10 : right[0]]
        assert bool(part.max() == 0) is covered
    assert (page.max(axis=2) > 0).mean() > 0.99, "the page itself stays"


def test_what_the_copy_still_tells_is_covered_too() -> None:
    late = [*WORDS, line("9972 2635 6040 8371 629", 0.5, 0.85)]
    reader = Recited(PAGE, late, WORDS)
    made = Copier(reader, DocumentReader(Recited([]))).copy(BLANK, {Hidden.BANK})
    assert len(reader.seen) == 3 and made.hidden[Hidden.BANK] >= 2


def test_a_copy_that_goes_on_telling_is_none() -> None:
    with pytest.raises(UnreadablePage):
        copier(PAGE).copy(BLANK, {Hidden.ID})


@pytest.mark.parametrize("lines", [[], [line("身份证号 339926199912077560", 0.1, 0.2, score=0.6)]])
def test_a_page_that_cannot_be_read_is_none(lines: list[TextLine]) -> None:
    with pytest.raises(UnreadablePage) as caught:
        copier(lines).copy(BLANK, {Hidden.ID})
    assert "3399" not in str(caught.value)


def test_faces_are_covered_with_the_head_around_them() -> None:
    made = copier(WORDS).copy(BLANK, {Hidden.PORTRAIT}, [(400.0, 200.0, 60.0, 80.0)])
    assert made.hidden[Hidden.PORTRAIT] == 1
    assert made.image[130:300, 370:490].max() == 0 and made.image[500:, :300].min() == 255


def test_a_margin_grows_a_part_on_all_sides() -> None:
    part = np.array([(10, 10), (50, 10), (50, 30), (10, 30)], np.float32)
    assert np.allclose(grown(part, 0.5), [(0, 0), (60, 0), (60, 40), (0, 40)])
    covered = cover(np.full((60, 80), 200, np.uint8), [part])
    assert covered[10:31, 10:51].max() == 0 and covered[0, 79] == 200
