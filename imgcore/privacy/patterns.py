"""Private parts of a text, by their form and by the labels before them; rather too many than too few."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import StrEnum

from imgcore.checks.confusions import DIGITS, in_alphabet


class Hidden(StrEnum):
    """Kind of private part."""

    ID = "id"
    BANK = "bank"
    PHONE = "phone"
    NAME = "name"
    ADDRESS = "address"
    PORTRAIT = "portrait"


_APART = r"[\s\-.·—]{0,2}"
"""Characters that may stand between two digits of one number."""
_ID = (
    rf"(?<!\d)\d(?:{_APART}\d){{13}}(?:{_APART}[\dX]){{1,4}}(?!\d)",
    r"(?<![A-Z])[A-Z]{1,2}\d{7,9}(?!\d)|(?<![A-Z0-9])\d{8}[A-Z](?![A-Z0-9])",
    r"(?<![A-Z0-9])[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![A-Z0-9])",
    r"(?<![A-Z0-9<])(?:[A-Z0-9<]{8,}<[A-Z0-9<]*|[A-Z0-9<]+<[A-Z0-9<]{8,})",
)
"""Patterns of identity numbers: residents', of fifteen digits too; permits' and passports'; firms'; and the
lines of a machine-readable zone."""
_BANK = (rf"(?<!\d)\d(?:{_APART}\d){{12,18}}(?!\d)",)
"""Pattern of a bank card's number, of 13 to 19 digits."""
_PHONE = (
    rf"(?<!\d)(?:\+?86{_APART})?1[3-9]\d(?:{_APART}\d){{8}}(?!\d)",
    r"(?<!\d)\(?0\d{2,3}[)\-\s]{0,2}\d{7,8}(?!\d)",
    rf"(?<!\d)[48]00{_APART}\d{{3,4}}{_APART}\d{{3,4}}(?!\d)",
)
"""Patterns of telephone numbers: mobile ones, those with an area code, and those that begin with 400 or
800."""
_VALUE = r"(?:[:：]\s*|\s+|(?=[\u3400-\u9fff]))"
"""Separator of a label and its value: a colon, blanks, or nothing before a Chinese character."""
_NAME_LABELS = (
    "姓名|申请人|经办人|联系人|委托人|受托人|代理人|户主|法定代表人|负责人|经营者|收款人|付款人|持卡人|户名|患者|监护人|配偶|签名"
    "|购买方|销售方|名称"
)
"""Labels that a name follows, as alternatives of a pattern."""
_NAME = (
    rf"(?:{_NAME_LABELS}){_VALUE}(?P<part>[\u3400-\u9fff·]{{2,20}})",
    r"(?i:(?:sur|given |first |last |full )?names?)(?:\s*[:：])?\s+(?P<part>[A-Z][A-Za-z' \-]{1,40})",
)
"""Patterns of a label and the name after it, in Chinese and in English; the name is the group `part`."""
_ADDRESS = (
    rf"(?:住址|地址|住所|经营场所|现住|户籍地){_VALUE}(?P<part>.{{4,}})",
    # From the beginning of a run of characters, and its first unit: all others are within that match.
    r"(?<![\u3400-\u9fff])(?P<part>(?>[\u3400-\u9fff]{2,}?(?:省|市|区|县|州))[\u3400-\u9fff\d]*(?:路|街|道|巷|村|镇|号|栋|室|单元|小区)[\u3400-\u9fff\d\-]*)",
    r"(?<![\u3400-\u9fff])(?P<part>[\u3400-\u9fff]{2,}(?:路|街|大道|巷)\d+号?[\u3400-\u9fff\d\-]*)",
)
"""Patterns of addresses, with a label before them and by their units alone; the address is the group
`part`."""
_PATTERNS = {
    Hidden.ID: _ID,
    Hidden.BANK: _BANK,
    Hidden.PHONE: _PHONE,
    Hidden.NAME: _NAME,
    Hidden.ADDRESS: _ADDRESS,
}
"""Patterns of each kind of private part that text can tell."""
_COMPILED = {kind: tuple(map(re.compile, patterns)) for kind, patterns in _PATTERNS.items()}
"""Compiled patterns of each kind."""
NAME_LABEL = re.compile(rf"(?:{_NAME_LABELS})[:：]?")
"""Label of a name that is alone in its line, with or without its colon."""
_BESIDE_DIGITS = re.compile(r"(?<=\d)[A-Za-z|]{1,2}(?=[\s\-]?\d|\W|$)")
"""Up to two letters right after a digit that may be digits themselves, misread."""
ADDRESS_LABEL = re.compile("(?:住址|地址|住所|经营场所|现住|户籍地)[:：]?")
"""Label of an address that is alone in its line, with or without its colon."""


def private_parts(text: str, kinds: Collection[Hidden]) -> Iterator[tuple[Hidden, int, int]]:
    """Yield kind, start and end of the private parts of a line of text; they may overlap."""
    as_digits = _as_digits(text)
    for kind in _PATTERNS.keys() & set(kinds):
        for said in {text, text.upper(), as_digits}:
            for pattern in _COMPILED[kind]:
                for match in pattern.finditer(said):
                    yield kind, *match.span("part" if "part" in pattern.groupindex else 0)


def _as_digits(text: str) -> str:
    """Return a text with the letters that stand beside digits taken for the digits they look like."""
    return _BESIDE_DIGITS.sub(lambda one: in_alphabet(one[0].upper(), DIGITS), text)
