"""Specimens of business licences; of firms that are none."""

from __future__ import annotations

from synthetic import codes
from synthetic.arrays import Random
from synthetic.documents import made_up
from synthetic.documents.ink import Column, Ink, lines
from synthetic.documents.specimen import Specimen, printing
from synthetic.text.typeface import Typefaces

SIZE = (297.0, 210.0)
DARK = (34, 32, 34)
GOLD = (190, 150, 70)
SCOPE = (
    "一般项目：办公用品销售；信息咨询服务；技术服务、技术开发、技术咨询；货物进出口；食品销售（仅销售预包装食品）。"
    "（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）"
)


def business_licence(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return a licence, A4 across."""
    founded = made_up.day(random, 1995, 2026)
    fields = {
        "name": made_up.firm(random),
        "code": made_up.credit_code(random),
        "legalPerson": made_up.name(random),
        "address": made_up.address(random),
        "date": founded.isoformat(),
    }
    ink = printing(random, faces, SIZE, (238, 246, 248), scale)
    for inset, width in ((7.0, 1.2), (9.5, 0.4)):
        right = SIZE[0] - inset
        bottom = SIZE[1] - inset
        frame = [(inset, inset), (right, inset), (right, bottom), (inset, bottom), (inset, inset)]
        ink.line(frame, width, GOLD)
    ink.centred((SIZE[0] / 2, 46), "营 业 执 照", "bold", 17.0, DARK)
    ink.centred((SIZE[0] / 2, 55), "（副 本）样张", "serif", 5.0, DARK)
    ink.text((22, 52), "统一社会信用代码", "bold", 4.4, DARK)
    ink.text((22, 59), fields["code"], "sans", 5.0, DARK)
    ink.stamp((246, 28), codes.qr("https://example.com/licence/sample", round(26 * scale)))
    _columns(ink, random, fields, f"{founded.year}年{founded.month:02}月{founded.day:02}日")
    ink.text((196, 180), ("登记机关", "Registry"), "serif", 5.0, DARK)
    ink.seal((206, 150), ("云川市样张监督管理局", "YUNCHUAN SAMPLE OFFICE"), ("样张专用章", "SAMPLE"), 38)
    return Specimen("business-licence", fields, ink.sheet(), SIZE)


def _columns(ink: Ink, random: Random, fields: dict[str, str], founded: str) -> None:
    capital = f"{made_up.pick(random, '壹贰叁伍')}佰万元整"
    left = (("名　　称", fields["name"]), ("类　　型", "有限责任公司（自然人独资）"),
            ("法定代表人", fields["legalPerson"]), ("经营范围", SCOPE))  # fmt: skip
    right = (("注册资本", capital), ("成立日期", founded), ("住　　所", fields["address"]))
    _column(ink, left, (22, 52, 88.0))
    _column(ink, right, (160, 188, 84.0))


def _column(ink: Ink, rows: tuple[tuple[str, str], ...], places: tuple[float, float, float]) -> None:
    """Print labels, and values of one or more lines beside them."""
    label, value, width = places
    y = 78.0
    for name, words in rows:
        ink.text((label, y), name, "bold", 4.6, DARK)
        for line in lines(Column(value, width, 4.4, 7.0), ink.faces.serif, words):
            ink.text((value, y), line, "serif", 4.4, DARK)
            y += 7.0
        y += 6.5
