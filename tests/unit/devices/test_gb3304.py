"""Names of ethnic groups and sexes."""

from __future__ import annotations

import pytest

from server.devices.resident import gender_name, nation_name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("01", "汉"),
        ("05", "维吾尔"),
        ("11", "满"),
        ("15", "土家"),
        ("20", "傈僳"),
        ("29", "柯尔克孜"),
        ("38", "锡伯"),
        ("43", "乌孜别克"),
        ("50", "塔塔尔"),
        ("56", "基诺"),
        ("97", "其他"),
        ("98", "外国血统中国籍人士"),
    ],
)
def test_a_group_has_its_name(code: str, name: str) -> None:
    assert nation_name(code) == name


@pytest.mark.parametrize("code", ["", "0", "00", "1", "57", "96", "99", "汉", "１１", "001"])
def test_what_is_no_group_has_none(code: str) -> None:
    assert nation_name(code) == ""


def test_all_groups_differ() -> None:
    names = [nation_name(f"{code:02}") for code in range(100)]
    assert len({name for name in names if name}) == 58


@pytest.mark.parametrize(
    ("code", "name"),
    [("0", "未知"), ("1", "男"), ("2", "女"), ("9", "未说明"), ("", ""), ("3", ""), ("男", "")],
)
def test_a_sex_has_its_name(code: str, name: str) -> None:
    assert gender_name(code) == name
