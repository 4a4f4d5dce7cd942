"""Words to set: sentences without meaning, numbers, code, in Latin and in Chinese."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from synthetic.arrays import Random

Writer = Callable[[Random, int], str]
"""Writes a line of about so many letters."""

_ENGLISH = tuple(
    """the of and to in is for that on with as are by this be or from at not an which have it shall
invoice total amount goods delivered undersigned account number customer address payment date signature
bank branch office company limited service agreement party contract receipt application form name birth
identity card issued authority valid until telephone street city province hospital department patient
registration insurance medicine quantity price unit tax rate subtotal balance transfer deposit withdrawal
counter window clerk reviewed approved copy original attached document archive page chapter section figure
when where each other after before between under while every only also into more than its their will may
please keep safe quality joy Zürich back zero express jumped quick fox lazy dog box equal
value system""".split()  # noqa: SIM905
)
_COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
    "定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由"
    "其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意"
    "建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统"
    "接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处理府研质信四却银行发票金额税合计姓名证号"
    "码单位地址电话日期签字盖章审核申请办理有限公司身份人民币开户账经营范围备注收款复核购买方销售货物服务规格型号"
)
_MARKS = "，，，，。。。、：；？！（）《》"
_KANA = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんがぎぐげござじずぜぞ"
    "だでどばびぶべぼぱぴぷっゃゅょアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンー"
)
_CODE = "{}[]()<>=+-*/&|!;:_.,'\"#%$@\\^~"

_OFFICE = (
    "the invoice total of goods delivered to undersigned and stamp copy received account number date amount "
    "Office Order ODOUR Oslo QUOTA 0.50 100 2008 (60 %) O'Neill book good room noon of or on do go so pool "
    "agreement between parties shall remain in force until cancelled by either with notice three months"
)
_OFFICE_CHINESE = list(
    "中华人民共和国居民身份证号码申请表银行业务凭证客户签名日期金额合计人民币大写元整经办复核单位公章收款付款"
    "电子发票增值税专用医院门诊收费票据姓名性别年龄科室项目数量单价备注以上内容真实有效特此证明国家口回日田圆"
)


def words(random: Random, length: int) -> str:
    """A line of English words, numbers and marks."""
    line = ""
    while len(line) < length:
        word = str(random.choice(_ENGLISH))
        chance = random.random()
        if chance < 0.06:
            word = f"{random.integers(1, 9999)}"
        elif chance < 0.16:
            word = word.capitalize()
        elif chance < 0.2:
            word = word.upper()
        line += word + str(random.choice(["", "", "", "", "", "", ",", ".", ";", ":"])) + " "
    return line[:length].rstrip()


def characters(random: Random, length: int) -> str:
    """A line of Chinese, common characters mostly, with marks and now and then a number."""
    line = ""
    while len(line) < length:
        chance = random.random()
        if chance < 0.1:
            line += str(random.choice(list(_MARKS)))
        elif chance < 0.14:
            line += f"{random.integers(1, 99999)}"
        else:
            line += str(random.choice(list(_COMMON if chance < 0.75 else _level_one())))
    return line[:length]


def japanese(random: Random, length: int) -> str:
    """Kana, and characters between them."""
    kana = random.choice(list(_KANA), max(1, length))
    hanzi = characters(random, max(1, length))
    return "".join(k if random.random() < 0.6 else c for k, c in zip(kana, hanzi, strict=False))


def capitals(random: Random, length: int) -> str:
    """English words in capitals."""
    return words(random, length).upper()


def code(random: Random, length: int) -> str:
    """An indented line with the marks of programs."""
    line = " " * int(random.integers(0, 9)) + words(random, length)
    return "".join(str(random.choice(list(_CODE))) if random.random() < 0.12 else letter for letter in line)


def digits(random: Random, length: int) -> str:
    """A number as statements have them: money, a date, a telephone number, a count."""
    return (
        f"{random.uniform(0, 10 ** random.integers(1, 6)):,.2f}",
        f"{random.integers(1990, 2030)}-{random.integers(1, 13):02}-{random.integers(1, 29):02}",
        f"({random.integers(100, 999)}) {random.integers(100, 999)}-{random.integers(1000, 9999)}",
        str(random.integers(0, 10 ** max(1, min(length, 12)))),
    )[int(random.integers(4))]


def sentence(random: Random, length: int, chinese: bool) -> str:
    """Words of an office without marks, in half as many letters if they are Chinese."""
    if chinese:
        return "".join(random.choice(_OFFICE_CHINESE, max(1, length // 2)))
    return " ".join(random.choice(_OFFICE.split(), max(1, length // 5)))[: max(1, length)]


@cache
def _level_one() -> str:
    """Return the 3755 characters of GB 2312's first level."""
    codes = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return "".join(code.decode("gb2312", "ignore") for code in codes)
