"""Specimens of value-added tax invoices, with a check code or fully digital; of firms that are none."""

from __future__ import annotations

from typing import NamedTuple

from synthetic import codes
from synthetic.arrays import Random
from synthetic.documents import made_up
from synthetic.documents.ink import Ink
from synthetic.documents.specimen import Specimen
from synthetic.text.typeface import Typefaces

SIZE = (210.0, 140.0)
BROWN = (128, 64, 24)
DARK = (30, 30, 34)
LEFT = 12.0
RIGHT = 198.0
GOODS = (
    "*纸制品*复印纸",
    "*文具*签字笔",
    "*计算机外部设备*扫描仪",
    "*信息技术服务*维护费",
    "*住宿服务*住宿费",
    "*餐饮服务*餐费",
)


class Bill(NamedTuple):
    """Goods, net amounts and taxes in cents."""

    items: tuple[tuple[str, int, int], ...]
    rate: int

    @property
    def net(self) -> int:
        """Sum without tax."""
        return sum(amount for _, amount, _ in self.items)

    @property
    def tax(self) -> int:
        """Sum of taxes."""
        return sum(tax for _, _, tax in self.items)


def tax_invoice(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return an invoice of either kind."""
    digital = bool(random.random() < 0.5)
    bill = _bill(random)
    issued = made_up.day(random, 2018, 2030)
    net = bill.net
    tax = bill.tax
    fields = {
        "code": "" if digital else "0" + made_up.region(random)[:4] + made_up.digits(random, 7),
        "number": made_up.digits(random, 20 if digital else 8),
        "date": issued.isoformat(),
        "checkCode": "" if digital else made_up.digits(random, 20),
        "amount": money(net),
        "tax": money(tax),
        "total": money(net + tax),
        "seller": made_up.firm(random),
        "buyer": made_up.firm(random),
        "sellerTaxId": made_up.credit_code(random),
        "buyerTaxId": made_up.credit_code(random),
    }
    ink = Ink(random, faces, SIZE, (248, 249, 248), scale)
    _head(ink, fields, digital)
    _parties(ink, fields, digital)
    _goods(ink, bill)
    _totals(ink, net + tax, fields)
    _code(ink, fields, digital)
    return Specimen("invoice", {name: value for name, value in fields.items() if value}, ink.sheet(), SIZE)


def money(cents: int) -> str:
    """Return figures with two decimals."""
    return f"{cents // 100}.{cents % 100:02}"


def _bill(random: Random) -> Bill:
    rate = int(random.choice([1, 3, 6, 13]))
    items = []
    for _ in range(int(random.integers(1, 4))):
        net = int(random.integers(500, 2_000_000))
        items.append((made_up.pick(random, GOODS), net, round(net * rate / 100)))
    return Bill(tuple(items), rate)


def _head(ink: Ink, fields: dict[str, str], digital: bool) -> None:
    title = "电子发票（普通发票）" if digital else "云川增值税电子普通发票"
    ink.centred((SIZE[0] / 2, 17), title, "serif", 6.6, BROWN)
    ink.rule(64, 146, 20, 0.4, BROWN)
    ink.rule(64, 146, 21.4, 0.2, BROWN)
    rows = [("发票号码：", "number"), ("开票日期：", "date")]
    if not digital:
        rows = [("发票代码：", "code"), *rows, ("校 验 码：", "checkCode")]
    for place, (label, field) in enumerate(rows):
        value = fields[field]
        if field == "date":
            value = "{}年{}月{}日".format(*value.split("-"))
        if field == "checkCode":
            value = " ".join(value[at : at + 5] for at in range(0, 20, 5))
        y = 11 + 5.4 * place + (3 if digital else 0)
        ink.text((149, y), label, "serif", 3.0, BROWN)
        ink.text((163.5, y), value, "sans", 2.9, DARK)


def _parties(ink: Ink, fields: dict[str, str], digital: bool) -> None:
    """Print buyer and seller: side by side, or above and below the goods."""
    places = (((LEFT, 30.0), "购买方信息", "buyer"), ((106.0, 30.0), "销售方信息", "seller"))
    if not digital:
        places = (((LEFT, 30.0), "购买方", "buyer"), ((LEFT, 108.0), "销售方", "seller"))
    for (x, y), head, party in places:
        for row, character in enumerate(head):
            ink.text((x + 1.5, y + 4 + 3.8 * row), character, "serif", 3.0, BROWN)
        ink.text((x + 8, y + 6), "名称：" if digital else "名　　　　称：", "serif", 3.0, BROWN)
        ink.text((x + (19 if digital else 34), y + 6), fields[party], "sans", 3.0, DARK)
        label = "统一社会信用代码/纳税人识别号：" if digital else "纳税人识别号："
        ink.text((x + 8, y + 13), label, "serif", 3.0 if not digital else 2.6, BROWN)
        ink.text((x + (49 if digital else 34), y + 13), fields[f"{party}TaxId"], "sans", 3.2, DARK)
    ink.line([(LEFT, 29), (RIGHT, 29), (RIGHT, 130), (LEFT, 130), (LEFT, 29)], 0.3, BROWN)
    for y in (52.0, 92.0, 102.0):
        ink.rule(LEFT, RIGHT, y, 0.3, BROWN)


def _goods(ink: Ink, bill: Bill) -> None:
    heads = (
        ("项目名称", 16, "ls"),
        ("数量", 92, "ms"),
        ("金额", 140, "rs"),
        ("税率", 160, "ms"),
        ("税额", 194, "rs"),
    )
    for words, x, anchor in heads:
        ink.text((x, 57), words, "serif", 3.0, BROWN, anchor)
    for row, (goods, net, tax) in enumerate(bill.items):
        y = 63 + 5.6 * row
        ink.text((16, y), goods, "sans", 2.9, DARK)
        for value, x in (("1", 92), (money(net), 140), (f"{bill.rate}%", 163), (money(tax), 194)):
            ink.text((x, y), value, "sans", 2.9, DARK, "rs")
    ink.text((26, 89), "合　　　计", "serif", 3.2, BROWN)
    ink.text((140, 89), f"¥{money(bill.net)}", "sans", 3.0, DARK, "rs")
    ink.text((194, 89), f"¥{money(bill.tax)}", "sans", 3.0, DARK, "rs")


def _totals(ink: Ink, total: int, fields: dict[str, str]) -> None:
    ink.text((18, 98.5), "价税合计（大写）", "serif", 3.2, BROWN)
    ink.text((52, 98.5), made_up.capitals(total), "sans", 3.4, DARK)
    ink.text((136, 98.5), "（小写）", "serif", 3.2, BROWN)
    ink.text((152, 98.5), f"¥{fields['total']}", "sans", 3.4, DARK)
    ink.text((132, 137), "本票为演示样张，不能报销", "sans", 2.6, (110, 110, 112))
    ink.text((LEFT + 4, 137), "开票人：样张", "serif", 3.0, BROWN)


def _code(ink: Ink, fields: dict[str, str], digital: bool) -> None:
    kind, amount = ("32", fields["total"]) if digital else ("10", fields["amount"])
    said = (
        "01",
        kind,
        fields["code"],
        fields["number"],
        amount,
        fields["date"].replace("-", ""),
        fields["checkCode"],
    )
    ink.stamp((13, 4), codes.qr(",".join((*said, "0A1B", "")), round(23 * ink.scale)))
