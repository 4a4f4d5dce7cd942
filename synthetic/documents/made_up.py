"""Made-up people, places, firms and numbers for specimens of documents.

Every number has the right check digits and still is nobody's. Residents' numbers and credit codes are of
regions that were never assigned: in GB/T 2260 no province has a prefecture 99. Bank numbers begin with 9 and
a country code from 900 to 999, which ISO 3166 leaves to users and no issuer has. Passports are of Utopia
(UTO), the state of ICAO's own specimens.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import cycle

from synthetic.arrays import Random

PROVINCES = ("11", "13", "21", "32", "33", "37", "41", "44", "51", "61")
FOLKS = ("汉", "汉", "汉", "汉", "满", "回", "壮", "苗", "维吾尔", "土家", "彝", "蒙古", "藏", "布依")

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰萍红梅建国文斌宇轩浩然子涵雨欣晨曦博文思远嘉怡"
_PLACES = "云川青石白河长岭南溪东湖西林北原安平新丰永和高桥金沙玉泉清水明月海宁江阳"
_ROADS = ("示例路", "样张街", "虚构大道", "云川路", "青石巷", "白河街", "高桥路", "玉泉大街")
_TRADES = ("办公用品", "信息技术", "建筑工程", "食品", "物业管理", "电子科技", "医疗器械", "物流")
_FORMS = ("有限公司", "有限责任公司", "股份有限公司")
_LATIN = (
    "ERIKSSON",
    "SAMPLE",
    "MUSTER",
    "NOVAK",
    "LINDQVIST",
    "OCONNOR",
    "GARCIA",
    "ZHANG",
    "HUANG",
    "DUPONT",
)
_FIRST = (
    "ANNA",
    "MARIA",
    "JOHN",
    "PETER",
    "XIAOMING",
    "WEI",
    "JOSE",
    "LUCIA",
    "BORIS",
    "ZOE",
    "QUENTIN",
    "IDA",
)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def name(random: Random) -> str:
    """Return two or three characters."""
    given = "".join(pick(random, _GIVEN) for _ in range(int(random.choice([1, 2, 2]))))
    return pick(random, _SURNAMES) + given


def latin_name(random: Random) -> tuple[str, str]:
    """Return a surname and one or two given names, in capitals."""
    given = [pick(random, _FIRST) for _ in range(int(random.choice([1, 2])))]
    return pick(random, _LATIN), " ".join(given)


def place(random: Random) -> str:
    """Return two characters of no city's name."""
    return pick(random, _PLACES) + pick(random, _PLACES)


def address(random: Random) -> str:
    """Return an address of 15 to 35 characters."""
    street = f"{place(random)}市{place(random)}区{pick(random, _ROADS)}{random.integers(1, 999)}号"
    if random.random() < 0.6:
        street += f"{random.integers(1, 30)}栋{random.integers(1, 5)}单元{random.integers(101, 2900)}室"
    return street if random.random() < 0.5 else f"{place(random)}省{street}"


def firm(random: Random) -> str:
    """Return a firm's name."""
    return f"{place(random)}{pick(random, _PLACES)}{pick(random, _TRADES)}{pick(random, _FORMS)}"


def day(random: Random, first: int, last: int) -> date:
    """Return a day of the years from `first` to before `last`."""
    start = date(first, 1, 1)
    return start + timedelta(days=int(random.integers((date(last, 1, 1) - start).days)))


def pick(random: Random, options: str | tuple[str, ...]) -> str:
    """Return one of some."""
    return options[int(random.integers(len(options)))]


def digits(random: Random, count: int) -> str:
    """Return so many digits."""
    return "".join(str(digit) for digit in random.integers(0, 10, count))


def region(random: Random) -> str:
    """Return six digits of a region that was never assigned."""
    return f"{pick(random, PROVINCES)}99{random.integers(1, 99):02}"


def resident_number(random: Random, born: date, province: str = "") -> str:
    """Return eighteen characters by GB 11643, of a province or of any."""
    place = f"{province}99{random.integers(1, 99):02}" if province else region(random)
    return _checked(f"{place}{born:%Y%m%d}{digits(random, 3)}")


def _checked(first: str) -> str:
    """Return seventeen digits with their check character."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True))
    return first + "10X98765432"[total % 11]


def foreigner_number(random: Random, born: date) -> str:
    """Return eighteen characters of a foreigner, from a state whose number ISO 3166 leaves to users."""
    state = int(random.integers(900, 1000))
    return _checked(f"9{pick(random, PROVINCES)}{state}{born:%Y%m%d}{digits(random, 3)}")


def bank_number(random: Random) -> str:
    """Return sixteen or nineteen digits by ISO/IEC 7812."""
    first = "99" + digits(random, int(random.choice([13, 16, 16])))
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(first)))
    return first + str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def credit_code(random: Random) -> str:
    """Return eighteen characters by GB 32100, whose organisation code is right by GB 11714."""
    kind = pick(random, ("91", "92", "93"))
    organisation = "MA" + "".join(pick(random, _CREDIT) for _ in range(6))
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(one, 36) * weight for one, weight in zip(organisation, weights, strict=True))
    first = f"{kind}{region(random)}{organisation}{'0123456789X'[-total % 11]}"
    powers = (pow(3, place, 31) for place in range(17))
    rest = sum(_CREDIT.index(one) * power for one, power in zip(first, powers, strict=True)) % 31
    return first + _CREDIT[(31 - rest) % 31]


def vehicle_number(random: Random) -> str:
    """Return seventeen characters by GB 16735, of a maker that is none: no region begins with 0."""
    letters = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
    first = "00Z" + "".join(pick(random, letters) for _ in range(5))
    rest = "".join(pick(random, letters) for _ in range(4)) + digits(random, 4)
    values = {
        one: int(value) for one, value in zip(letters, "0123456789123456781234579" + "23456789", strict=True)
    }
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 9, 8, 7, 6, 5, 4, 3, 2)
    total = sum(values[one] * weight for one, weight in zip(first + rest, weights, strict=True))
    return f"{first}{'0123456789X'[total % 11]}{rest}"


def mrz_check(text: str) -> str:
    """Return the check digit of a text by ICAO 9303."""
    values = (0 if one == "<" else int(one, 36) for one in text)
    return str(sum(value * weight for value, weight in zip(values, cycle((7, 3, 1)), strict=False)) % 10)


def capitals(cents: int) -> str:
    """Return an amount of up to a hundred million in capitals, as on invoices."""
    yuan = cents // 100
    jiao = cents // 10 % 10
    fen = cents % 10
    said = f"{_integer(yuan)}圆" if yuan else ""
    if not jiao and not fen:
        return (said or "零圆") + "整"
    said += f"{_FIGURES[jiao]}角" if jiao else "零" if yuan else ""
    return said + (f"{_FIGURES[fen]}分" if fen else "整")


_FIGURES = "零壹贰叁肆伍陆柒捌玖"


def _integer(number: int) -> str:
    """Return a number in capitals; one 零 stands for the digits that are left out."""
    myriads, rest = divmod(number, 10_000)
    gap = "零" if myriads and rest and rest < 1000 else ""
    return (f"{_thousands(myriads)}万" if myriads else "") + gap + _thousands(rest)


def _thousands(number: int) -> str:
    said = ""
    for digit, unit in zip(f"{number:04}", ("仟", "佰", "拾", ""), strict=True):
        said += _FIGURES[int(digit)] + unit if digit != "0" else "零" if said else ""
    return re.sub("零+", "零", said).rstrip("零")
