"""Specimens of papers with labelled fields; of nobody, with numbers that were never given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from synthetic.arrays import Random
from synthetic.documents import made_up
from synthetic.documents.ink import Column, Ink, lines
from synthetic.documents.specimen import Specimen, portrait, printing
from synthetic.text.typeface import Typefaces

LICENCE = (88.0, 60.0)
REGISTER = (143.0, 105.0)
DEED = (190.0, 260.0)
COUPLE = (180.0, 128.0)
TICKET = (87.0, 54.0)
LABEL = (70, 74, 96)
DARK = (32, 30, 36)
GOLD = (150, 110, 50)

Labelled = tuple[str, str, str, float, float]
"""Label, the same in English, value, and where the label begins."""


def driving_licence(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return the main page of a driving licence."""
    born = made_up.day(random, 1950, 2000)
    first = made_up.day(random, 2018, 2026)
    number = made_up.resident_number(random, born)
    begun = first.replace(day=min(first.day, 28))
    fields = {
        "name": made_up.name(random), "gender": _gender(number), "nationality": "中国",
        "address": made_up.address(random), "birth": born.isoformat(), "id": number,
        "date": first.isoformat(),
        "vehicleClass": made_up.pick(random, ("C1", "C2", "B2", "A2", "C1D", "A1A2")),
        "startDate": begun.isoformat(), "endDate": begun.replace(year=begun.year + 6).isoformat(),
    }  # fmt: skip
    ink = printing(random, faces, LICENCE, (240, 246, 240), scale)
    ink.centred((44, 6.6), "中华人民共和国机动车驾驶证", "bold", 4.0, DARK)
    ink.centred((44, 9.9), "Driving License of the People's Republic of China", "sans", 1.8, LABEL)
    term = f"{fields['startDate']} 至 {fields['endDate']}"
    _print(ink, 17.0, (
        ("证号", "", number, 20, 14.4),
        ("姓名", "Name", fields["name"], 5, 20.0),
        ("性别", "Sex", fields["gender"], 38, 20.0),
        ("国籍", "Nationality", "中国", 56, 20.0),
        ("住址", "Address", fields["address"], 5, 26.0),
        ("出生日期", "Date of Birth", fields["birth"], 26, 37.0),
        ("初次领证日期", "Date of First Issue", fields["date"], 26, 43.0),
        ("准驾车型", "Class", fields["vehicleClass"], 26, 49.0),
        ("有效期限", "Valid Period", term, 5, 55.4),
    ))  # fmt: skip
    portrait(ink, random, (66.0, 30.0, 84.0, 52.0))
    return Specimen("driving-licence", fields, ink.sheet(), LICENCE)


def vehicle_licence(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return the main page of a vehicle licence."""
    first = made_up.day(random, 2010, 2026)
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    plate = made_up.pick(random, "京沪苏浙鲁粤川") + made_up.pick(random, letters)
    plate += made_up.pick(random, letters) + made_up.digits(random, 4)
    owner = made_up.name(random) if random.random() < 0.6 else made_up.firm(random)
    fields = {
        "number": plate, "vehicleType": made_up.pick(random, ("小型轿车", "小型普通客车", "轻型厢式货车")),
        "name": owner, "address": made_up.address(random),
        "usage": made_up.pick(random, ("非营运", "货运", "预约出租客运")),
        "model": f"{made_up.place(random)}牌YC{made_up.digits(random, 4)}A",
        "vin": made_up.vehicle_number(random),
        "engineNumber": made_up.digits(random, 2) + "K" + made_up.digits(random, 5),
        "date": first.isoformat(), "issueDate": first.isoformat(),
    }  # fmt: skip
    ink = printing(random, faces, LICENCE, (236, 242, 248), scale)
    ink.centred((44, 6.6), "中华人民共和国机动车行驶证", "bold", 4.0, DARK)
    ink.centred((44, 9.9), "Vehicle License of the People's Republic of China", "sans", 1.8, LABEL)
    _print(ink, 17.0, (
        ("号牌号码", "Plate No.", plate, 5, 14.6),
        ("车辆类型", "Vehicle Type", fields["vehicleType"], 45, 14.6),
        ("所有人", "Owner", owner, 5, 20.8),
        ("住址", "Address", fields["address"], 5, 27.0),
        ("使用性质", "Use Character", fields["usage"], 5, 37.0),
        ("品牌型号", "Model", fields["model"], 40, 37.0),
        ("车辆识别代号", "VIN", fields["vin"], 32, 43.0),
        ("发动机号码", "Engine No.", fields["engineNumber"], 32, 49.0),
        ("注册日期", "Register Date", fields["date"], 27, 55.4),
        ("发证日期", "Issue Date", fields["issueDate"], 57, 55.4),
    ))  # fmt: skip
    ink.seal((5, 41), ("云川市样张车辆管理所", "SAMPLE OFFICE"), ("样张", "SAMPLE"), 17)
    return Specimen("vehicle-licence", fields, ink.sheet(), LICENCE)


def household_register(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return the page of one person in a register of a household."""
    born = made_up.day(random, 1940, 2020)
    number = made_up.resident_number(random, born)
    fields = {
        "name": made_up.name(random),
        "relation": made_up.pick(random, ("户主", "妻", "长子", "次女", "母亲")),
        "gender": _gender(number), "folk": made_up.pick(random, made_up.FOLKS),
        "nativePlace": f"{made_up.place(random)}省{made_up.place(random)}市",
        "birth": born.isoformat(), "id": number,
    }  # fmt: skip
    ink = printing(random, faces, REGISTER, (236, 244, 240), scale)
    ink.centred((REGISTER[0] / 2, 11), "常住人口登记卡", "bold", 5.6, DARK)
    rows = (
        (("姓名", fields["name"]), ("户主或与户主关系", fields["relation"])),
        (("曾用名", ""), ("性别", fields["gender"])),
        (("出生地", f"{made_up.place(random)}市"), ("民族", fields["folk"])),
        (("籍贯", fields["nativePlace"]), ("出生日期", _said(born))),
        (("本市（县）其他住址", ""), ("宗教信仰", "")),
        (("公民身份号码", number), ("身高", "")),
        (("文化程度", "大学本科"), ("婚姻状况", "未婚")),
        (("服务处所", ""), ("职业", "")),
    )
    _grid(ink, rows, (6.0, 15.0, 137.0, 10.2))
    ink.seal((98, 74), ("云川市样张派出所", "SAMPLE OFFICE"), ("样张专用章", "SAMPLE"), 26)
    return Specimen("household-register", fields, ink.sheet(), REGISTER)


def property_certificate(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return the page with the fields of a certificate of real property."""
    year = int(random.integers(2016, 2026))
    place = made_up.place(random)
    serial = made_up.digits(random, 7)
    fields = {
        "number": f"{made_up.pick(random, '沪苏浙鲁粤川')}（{year}）{place}市不动产权第{serial}号",
        "name": made_up.name(random), "address": made_up.address(random),
        "unitNumber": f"{made_up.region(random)}{made_up.digits(random, 6)}GB{made_up.digits(random, 5)}"
        f"F{made_up.digits(random, 8)}",
        "rightType": "国有建设用地使用权/房屋所有权", "usage": "城镇住宅用地/住宅",
        "area": f"房屋建筑面积{random.integers(40, 200)}.{random.integers(10, 99)}平方米",
    }  # fmt: skip
    ink = printing(random, faces, DEED, (238, 240, 250), scale)
    ink.centred((DEED[0] / 2, 24), fields["number"], "serif", 5.0, DARK)
    kinds = ("权利人", "共有情况", "坐落", "不动产单元号", "权利类型", "权利性质", "用途", "面积", "使用期限")
    said = (
        *(
            fields["name"],
            "单独所有",
            fields["address"],
            fields["unitNumber"],
            fields["rightType"],
            "出让/商品房",
        ),
        *(fields["usage"], fields["area"], "2018年01月01日起2088年12月31日止"),
    )
    _grid(ink, tuple((pair,) for pair in zip(kinds, said, strict=True)), (14.0, 32.0, 176.0, 15.0))
    return Specimen("property-certificate", fields, ink.sheet(), DEED)


def marriage_certificate(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return an open marriage certificate."""
    day = made_up.day(random, 2004, 2026)
    fields = {
        "number": f"J{made_up.region(random)}-{day.year}-{made_up.digits(random, 6)}",
        "date": day.isoformat(),
    }
    ink = printing(random, faces, COUPLE, (232, 236, 252), scale)
    ink.centred((45, 16), "结 婚 证", "bold", 6.0, (170, 40, 40))
    people = [_person(random, gender) for gender in ("男", "女")]
    for prefix, top, (name, born, number) in zip(("", "spouse"), (22.0, 72.0), people, strict=True):
        keys = ("name", "birth", "id") if not prefix else ("spouseName", "spouseBirth", "spouseId")
        fields |= dict(zip(keys, (name, born.isoformat(), number), strict=True))
        gender = _gender(number)
        fields |= {"gender": gender} if not prefix else {}
        _print(ink, 24.0, (
            ("姓名", "", name, 98, top), ("性别", "", gender, 145, top),
            ("国籍", "", "中国", 98, top + 9), ("出生日期", "", _said(born), 98, top + 18),
            ("身份证件号", "", number, 98, top + 27),
        ), 3.6)  # fmt: skip
    _print(ink, 24.0, (
        ("持证人", "", people[0][0], 10, 84), ("登记日期", "", _said(day), 10, 93),
        ("结婚证字号", "", fields["number"], 10, 102), ("备注", "", "", 10, 111),
    ), 3.6)  # fmt: skip
    ink.seal((50, 92), ("云川市样张民政局", "SAMPLE OFFICE"), ("样张", "SAMPLE"), 30)
    return Specimen("marriage-certificate", fields, ink.sheet(), COUPLE)


def train_ticket(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return a train ticket of paper."""
    day = made_up.day(random, 2012, 2025)
    cents = int(random.integers(50, 9000)) * 50
    hour = f"{random.integers(5, 24):02}:{random.integers(0, 60):02}"
    fields = {
        "number": made_up.pick(random, "ABCDEFGHJKLMNPRSTUVWXYZ") + made_up.digits(random, 6),
        "departure": made_up.place(random) + made_up.pick(random, ("", "东", "南", "虹桥")),
        "destination": made_up.place(random) + made_up.pick(random, ("", "西", "北")),
        "train": made_up.pick(random, "GDCZTK") + str(random.integers(1, 9000)), "date": day.isoformat(),
        "time": hour,
        "seat": f"{random.integers(1, 17):02}车{random.integers(1, 19):02}{made_up.pick(random, 'ABCDF')}号",
        "seatClass": made_up.pick(random, ("二等座", "一等座", "商务座")),
        "total": f"{cents / 100:.2f}", "name": made_up.name(random),
    }  # fmt: skip
    ink = printing(random, faces, TICKET, (248, 236, 222), scale)
    text = partial(ink.text, colour=DARK)
    text((6, 7.4), fields["number"], "sans", 3.6)
    text((62, 7.4), f"检票:{random.integers(1, 30)}A", "sans", 3.0)
    text((8, 14.6), f"{fields['departure']}站", "bold", 4.4)
    text((38, 14.2), fields["train"], "sans", 4.0)
    text((58, 14.6), f"{fields['destination']}站", "bold", 4.4)
    text((6, 24.6), f"{_said(day)} {hour}开", "sans", 3.2)
    text((56, 24.6), fields["seat"], "sans", 3.2)
    text((6, 30.0), f"¥{cents / 100:.1f}元", "sans", 3.2)
    text((56, 30.0), fields["seatClass"], "sans", 3.2)
    text((6, 35.4), "限乘当日当次车", "sans", 2.8)
    text(
        (6, 41.6),
        f"{made_up.region(random)}{day.year - 30}****{made_up.digits(random, 3)}X {fields['name']}",
        "sans",
        3.2,
    )
    text((6, 49.6), "样张 不可乘车 SPECIMEN", "sans", 2.6)
    return Specimen("train-ticket", fields, ink.sheet(), TICKET)


def _gender(number: str) -> str:
    return "男" if int(number[16]) % 2 else "女"


def _said(day: date) -> str:
    return f"{day.year}年{day.month:02}月{day.day:02}日"


def _person(random: Random, gender: str) -> tuple[str, date, str]:
    born = made_up.day(random, 1950, 2000)
    numbers = iter(partial(made_up.resident_number, random, born), "")
    return made_up.name(random), born, next(number for number in numbers if _gender(number) == gender)


def _print(ink: Ink, wide: float, rows: Sequence[Labelled], em: float = 2.6) -> None:
    """Print labels with their English below in small print, and values beside them."""
    for label, english, value, left, y in rows:
        ink.text((left, y), label, "sans", 0.9 * em, LABEL)
        if english:
            ink.text((left, y + 2.0), english, "sans", 1.5, LABEL)
        beside = left + max(0.9 * em * len(label), 0.8 * len(english)) + 2.0
        column = Column(beside, 74.0 - beside if label == "住址" else 200.0, 1.1 * em, 1.5 * em)
        for line in lines(column, ink.faces.sans, value):
            ink.text((beside, y), line, "sans", 1.1 * em, DARK)
            y += 1.5 * em


def _grid(
    ink: Ink, rows: Sequence[Sequence[tuple[str, str]]], place: tuple[float, float, float, float]
) -> None:
    """Print a table of labels and values: left, top, right and the height of a row."""
    left, top, right, step = place
    width = (right - left) / len(rows[0])
    share = 0.42 if len(rows[0]) > 1 else 0.2
    for number, row in enumerate(rows):
        y = top + step * number
        for at, (label, value) in enumerate(row):
            x = left + width * at
            middle = x + share * width
            ink.box((x, y, middle, y + step), rim=GOLD)
            ink.box((middle, y, x + width, y + step), rim=GOLD)
            ink.text(
                (x + 1.5, y + 0.62 * step),
                label,
                "serif",
                min(3.4, (share * width - 2) / max(1, len(label))),
                DARK,
            )
            em = min(3.6, 1.7 * (width * (1 - share) - 3) / max(1, len(value)))
            ink.text((middle + 1.5, y + 0.62 * step), value, "sans", em, DARK)
