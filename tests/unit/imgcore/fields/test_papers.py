"""Papers with labelled fields out of lines of text; none is ever said to be valid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgcore.checks.vehicle_number import is_vehicle_number, vehicle_number_in
from imgcore.fields import Document, DocumentReader
from imgcore.fields.document import KINDS
from imgcore.text import TextLine
from synthetic.documents import made_up
from tests.unit.imgcore.printed import BLANK, Recited, line

NUMBER = "339926199912077560"
SPOUSE = "339926199803055514"
VIN = made_up.vehicle_number(np.random.default_rng(1))
Cells = list[list[tuple[str, float]]]
PAPERS: dict[str, tuple[Cells, dict[str, str]]] = {
    "driving-licence": (
        [
            [("中华人民共和国机动车驾驶证", 0.2)],
            [(f"证号 {NUMBER}", 0.2)],
            [("姓名", 0.05), ("周文玉", 0.15), ("性别", 0.4), ("女", 0.5), ("国籍 中国", 0.65)],
            [("Name", 0.05), ("Sex", 0.4), ("Nationality", 0.65)],
            [("住址", 0.05), ("水泉市东宁区示例路99", 0.18)],
            [("Address", 0.05), ("7号6栋", 0.18)],
            [("出生日期", 0.3), ("1999-12-07", 0.5)],
            [("初次领证日期", 0.3), ("2019-03-04", 0.52)],
            [("准驾车型", 0.3), ("Class", 0.44), ("C1D", 0.56)],
            [("有效期限", 0.05), ("2019-03-04至2025-03-04", 0.24)],
        ],
        {
            "id": NUMBER, "name": "周文玉", "gender": "女", "nationality": "中国",
            "address": "水泉市东宁区示例路997号6栋", "birth": "1999-12-07", "date": "2019-03-04",
            "vehicleClass": "C1D", "startDate": "2019-03-04", "endDate": "2025-03-04",
        },
    ),
    "vehicle-licence": (
        [
            [("中华人民共和国机动车行驶证", 0.2)],
            [("号牌号码", 0.05), ("沪NM5930", 0.2), ("车辆类型", 0.5), ("小型轿车", 0.68)],
            [("PlateNo.", 0.05), ("VehicleType", 0.5)],
            [("所有人", 0.05), ("周文玉", 0.2)],
            [("住址", 0.05), ("水泉市东宁区示例路997号", 0.2)],
            [("使用性质", 0.05), ("非营运", 0.22), ("品牌型号", 0.5), ("云川牌YC6767A", 0.66)],
            [("车辆识别代号", 0.3), ("VIN", 0.52), (VIN, 0.6)],
            [("发动机号码", 0.3), ("01K05564", 0.52)],
            [("注册日期", 0.3), ("2019-09-03", 0.46), ("发证日期", 0.66), ("2020-01-02", 0.82)],
        ],
        {
            "number": "沪NM5930", "vehicleType": "小型轿车", "name": "周文玉",
            "address": "水泉市东宁区示例路997号",
            "usage": "非营运", "model": "云川牌YC6767A", "vin": VIN, "engineNumber": "01K05564",
            "date": "2019-09-03", "issueDate": "2020-01-02",
        },
    ),
    "household-register": (
        [
            [("常住人口登记卡", 0.3)],
            [("姓 名", 0.05), ("周文玉", 0.2), ("户主或与户主关系", 0.5), ("长女", 0.8)],
            [("曾用名", 0.05), ("性别", 0.5), ("女", 0.8)],
            [("出生地", 0.05), ("水泉市", 0.2), ("民族", 0.5), ("彝族", 0.8)],
            [("籍贯", 0.05), ("白石省水泉市", 0.2), ("出生日期", 0.5), ("1999年12月7日", 0.7)],
            [("公民身份号码", 0.05), (NUMBER, 0.24), ("身高", 0.7)],
        ],
        {
            "name": "周文玉", "relation": "长女", "gender": "女", "folk": "彝", "nativePlace": "白石省水泉市",
            "birth": "1999-12-07", "id": NUMBER,
        },
    ),
    "property-certificate": (
        [
            [("沪（2021）云川市不动产权第4767373号", 0.2)],
            [("权利人", 0.05), ("周文玉", 0.25)],
            [("共有情况", 0.05), ("单独所有", 0.25)],
            [("坐落", 0.05), ("水泉市东宁区示例路997号", 0.25)],
            [("不动产单元号", 0.05), ("339926 412006 GB32697 F58037082", 0.25)],
            [("权利类型", 0.05), ("国有建设用地使用权/房屋所有权", 0.25)],
            [("用途", 0.05), ("住宅", 0.25)],
            [("面积", 0.05), ("房屋建筑面积57.19平方米", 0.25)],
        ],
        {
            "number": "沪（2021）云川市不动产权第4767373号", "name": "周文玉",
            "address": "水泉市东宁区示例路997号",
            "unitNumber": "339926412006GB32697F58037082", "rightType": "国有建设用地使用权/房屋所有权",
            "usage": "住宅", "area": "房屋建筑面积57.19平方米",
        },
    ),
    "marriage-certificate": (
        [
            [("结婚证", 0.1), ("姓名", 0.55), ("周文玉", 0.65), ("性别", 0.8), ("女", 0.9)],
            [("国籍", 0.55), ("中国", 0.65), ("出生日期", 0.73), ("1999年12月07日", 0.85)],
            [("持证人 周文玉", 0.05), ("身份证件号", 0.55), (NUMBER, 0.7)],
            [("登记日期", 0.05), ("2024年05月20日", 0.18), ("姓名 李博远", 0.55), ("性别 男", 0.8)],
            [("结婚证字号", 0.05), ("J339926-2024-031733", 0.2), ("出生日期", 0.55), ("1998年03月05日", 0.7)],
            [("身份证件号", 0.55), (SPOUSE, 0.7)],
        ],
        {
            "number": "J339926-2024-031733", "date": "2024-05-20", "name": "周文玉", "gender": "女",
            "birth": "1999-12-07", "id": NUMBER, "spouseName": "李博远", "spouseBirth": "1998-03-05",
            "spouseId": SPOUSE,
        },
    ),
    "train-ticket": (
        [
            [("N184583", 0.05), ("检票:23A", 0.7)],
            [("云川站", 0.1), ("G7064", 0.4), ("南金北站", 0.65)],
            [("2022年06月12日8:02开", 0.05), ("08车18B号", 0.65)],
            [("¥360.5元", 0.05), ("一等座", 0.65)],
            [("3399261999****866X周文玉", 0.05)],
        ],
        {
            "number": "N184583", "departure": "云川", "train": "G7064", "destination": "南金北",
            "date": "2022-06-12",
            "time": "08:02", "seat": "08车18B号", "seatClass": "一等座", "total": "360.50", "name": "周文玉",
        },
    ),
}  # fmt: skip


def printed(cells: Cells) -> list[TextLine]:
    # Lines of an address are less than two heights apart.
    step = 0.9 / len(cells)
    height = 0.05 if len(cells) > 9 else 0.04
    return [
        line(text, left, 0.04 + step * at, height)
        for at, row in enumerate(cells)
        for text, left in row
        if text
    ]


def read(lines: list[TextLine]) -> tuple[Document, ...]:
    return DocumentReader(Recited(lines)).read(BLANK, crop=False)


def with_text(kind: str, old: str, new: str) -> list[TextLine]:
    cells = PAPERS[kind][0]
    return printed([[(text.replace(old, new), left) for text, left in row] for row in cells])


@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_is_read_and_left_to_a_person(kind: str) -> None:
    cells, fields = PAPERS[kind]
    (document,) = read(printed(cells))
    assert (document.kind, dict(document.fields), document.valid) == (kind, fields, None)
    assert all(problem.endswith(".uncertain") for problem in document.problems)
    assert kind in KINDS


@pytest.mark.parametrize(
    ("kind", "old", "new", "problem"),
    [
        ("driving-licence", NUMBER, NUMBER[:-1] + "1", "id.check"),
        ("driving-licence", "1999-12-07", "1999-12-08", "birth.differs"),
        ("driving-licence", "至2025", "至2015", "endDate.check"),
        ("driving-licence", "C1D", "", "vehicleClass.missing"),
        ("vehicle-licence", VIN, VIN[:16] + str((int(VIN[16]) + 1) % 10), "vin.check"),
        ("vehicle-licence", "2020-01-02", "2018-01-02", "issueDate.check"),
        ("household-register", "女", "男", "gender.differs"),
        ("household-register", "彝族", "人族", "folk.check"),
        ("property-certificate", "GB32697", "GB3269", "unitNumber.missing"),
        ("marriage-certificate", SPOUSE, SPOUSE[:-1] + "1", "spouseId.check"),
        ("marriage-certificate", "1998年03月05日", "1998年03月06日", "spouseBirth.differs"),
        ("train-ticket", "G7064", "", "train.missing"),
    ],
)
def test_what_does_not_hold_is_named(kind: str, old: str, new: str, problem: str) -> None:
    (document,) = read(with_text(kind, old, new))
    assert document.valid is False and problem in document.problems


@given(st.sampled_from(sorted(PAPERS)), st.data())
def test_texts_that_changed_places_or_are_gone_are_never_valid(kind: str, data: st.DataObject) -> None:
    cells = [list(row) for row in PAPERS[kind][0]]
    places = [(at, number) for at, row in enumerate(cells) for number in range(len(row))]
    (one, first), (other, second) = (data.draw(st.sampled_from(places)) for _ in range(2))
    gone = data.draw(st.booleans())
    swapped = cells[one][first]
    kept = cells[other][second]
    cells[one][first] = ("" if gone else kept[0], swapped[1])
    cells[other][second] = (swapped[0], kept[1])
    documents = read(printed(cells))
    assert all(document.valid is not True for document in documents)


def test_a_fare_that_is_sent_is_an_invoice() -> None:
    (document,) = read(
        [*printed(PAPERS["train-ticket"][0]), line("电子发票（铁路电子客票）", 0.2, 0.96, 0.03)]
    )
    assert (document.kind, dict(document.fields)) == ("invoice", {})


@pytest.mark.parametrize(
    ("text", "holds"), [("1M8GDM9AXKP042788", True), ("1M8GDM9A1KP042788", False), ("1M", False)]
)
def test_the_ninth_character_checks_a_vehicles_number(text: str, holds: bool) -> None:
    assert is_vehicle_number(text) is holds
    assert is_vehicle_number(vehicle_number_in(text.lower())) is holds


def test_a_drawn_vehicles_number_holds_and_a_changed_one_does_not() -> None:
    assert is_vehicle_number(VIN)
    assert not any(
        is_vehicle_number(f"{VIN[:at]}{'1' if VIN[at] != '1' else '2'}{VIN[at + 1 :]}") for at in (9, 12, 16)
    )
