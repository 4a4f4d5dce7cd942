"""The codes of identity documents: ethnic groups by GB/T 3304, sexes by GB/T 2261.1."""

from __future__ import annotations

# fmt: off
_GROUPS = (
    "汉", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "朝鲜",  # from 01
    "满", "侗", "瑶", "白", "土家", "哈尼", "哈萨克", "傣", "黎", "傈僳",  # from 11
    "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西", "景颇", "柯尔克孜", "土",  # from 21
    "达斡尔", "仫佬", "羌", "布朗", "撒拉", "毛南", "仡佬", "锡伯", "阿昌", "普米",  # from 31
    "塔吉克", "怒", "乌孜别克", "俄罗斯", "鄂温克", "德昂", "保安", "裕固", "京", "塔塔尔",  # from 41
    "独龙", "鄂伦春", "赫哲", "门巴", "珞巴", "基诺",  # from 51
)
# fmt: on
"""The 56 of GB/T 3304-1991 in the order of their codes, from 01."""
_NATIONS = {f"{code:02}": name for code, name in enumerate(_GROUPS, 1)} | {
    "97": "其他",
    "98": "外国血统中国籍人士",
}
_GENDERS = {"0": "未知", "1": "男", "2": "女", "9": "未说明"}


def nation_name(code: str) -> str:
    """The ethnic group of a code, ``01`` to ``56``, ``97`` or ``98``, as cards print it: 汉, without 族.

    Returns
    -------
    str
        Empty for any other code.
    """
    return _NATIONS.get(code, "")


def gender_name(code: str) -> str:
    """男 of ``1``, 女 of ``2``, 未知 of ``0``, 未说明 of ``9``; empty for any other code."""
    return _GENDERS.get(code, "")
