"""Invoices out of lines of text: a wrong one is never said to be valid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgcore.fields.document import Draft, judged
from imgcore.fields.invoice import read_invoice
from imgcore.fields.rows import cells_of, rows_of
from synthetic.documents import made_up
from tests.unit.imgcore.printed import SIZE, line

BUYER_ID, SELLER_ID = (made_up.credit_code(np.random.default_rng(seed)) for seed in (1, 2))
FIELDS = {
    "code": "1100182130", "number": "37827827", "date": "2018-12-27", "amount": "1320.74", "tax": "79.24",
    "total": "1399.98", "buyer": "泉川文具店", "buyerTaxId": BUYER_ID, "seller": "样张饭店有限公司",
    "sellerTaxId": SELLER_ID,
}  # fmt: skip
CODE = "01,01,1100182130,37827827,1320.74,20181227,,0A1B,"
Placed = tuple[str, float, float]
PAPER: dict[str, Placed] = {
    "code": ("1100182130", 0.1, 0.05),
    "title": ("云川增值税专用发票", 0.35, 0.05),
    "number": ("No37827827", 0.66, 0.06),
    "code again": ("1100182130", 0.85, 0.05),
    "number again": ("37827827", 0.85, 0.09),
    "date label": ("开票日期：", 0.66, 0.13),
    "date": ("2018年12月27日", 0.78, 0.13),
    "buyer mark": ("购", 0.03, 0.2),
    "buyer label": ("称：", 0.12, 0.2),
    "buyer": ("泉川文具店", 0.2, 0.195),
    "buyerTaxId label": ("纳税人识别号：", 0.06, 0.24),
    "buyerTaxId": (BUYER_ID, 0.2, 0.24),
    "cipher": ("035<>7/<9>1*93<+50793-/35/0+", 0.55, 0.2),
    "goods": ("货物或应税劳务、服务名称", 0.05, 0.35),
    "model": ("规格型号单位", 0.3, 0.35),
    "amount label": ("金额", 0.6, 0.35),
    "tax label": ("税额", 0.85, 0.35),
    "item": ("*住宿服务*住宿费", 0.05, 0.4),
    "item amount": ("1320.74", 0.6, 0.4),
    "item tax": ("79.24", 0.85, 0.4),
    "sum label": ("合计", 0.1, 0.56),
    "amount": ("¥1320.74", 0.6, 0.54),
    "tax": ("¥79.24", 0.85, 0.53),
    "total label": ("价税合计（大写）", 0.05, 0.62),
    "capitals": ("壹仟叁佰玖拾玖圆玖角捌分", 0.3, 0.61),
    "figures label": ("（小写）", 0.6, 0.61),
    "total": ("¥1399.98", 0.7, 0.6),
    "seller mark": ("销", 0.03, 0.7),
    "seller label": ("称：", 0.12, 0.71),
    "seller": ("样张饭店有限公司", 0.2, 0.695),
    "sellerTaxId label": ("纳税人识别号：", 0.06, 0.75),
    "sellerTaxId": (SELLER_ID, 0.2, 0.74),
    "address label": ("地址、电话：", 0.06, 0.79),
    "address": ("样张市示例路6号000-0128", 0.2, 0.785),
}
NAMES = sorted(PAPER)
PRINTED = [*FIELDS, "capitals"]


def read(placed: dict[str, Placed], code: str = CODE) -> tuple[Draft, bool | None, tuple[str, ...]]:
    lines = [line(text, left, top, 0.026) for text, left, top in placed.values()]
    rows = rows_of(cells_of(lines, (SIZE[1], SIZE[0])), SIZE[0] / SIZE[1])
    looks = [draft for _ in range(2) if (draft := read_invoice(rows, [code])) is not None]
    return judged(looks)


def said(placed: dict[str, Placed], code: str = CODE) -> dict[str, str]:
    return {name: value.text for name, value in read(placed, code)[0].values.items()}


def with_text(name: str, text: str) -> dict[str, Placed]:
    return {**PAPER, name: (text, *PAPER[name][1:])}


def test_a_paper_invoice_is_read_and_holds() -> None:
    assert said(PAPER) == FIELDS
    assert read(PAPER)[1:] == (True, ())


def test_a_seal_may_hide_the_title() -> None:
    placed = {name: place for name, place in PAPER.items() if name != "title"}
    assert said(placed, "") == FIELDS
    rows = rows_of(cells_of([line("税额", 0.3, 0.1), line("开票日期：", 0.3, 0.3)], (SIZE[1], SIZE[0])), 1.6)
    assert read_invoice(rows, []) is None


def test_a_name_of_two_characters_is_a_name_and_a_header_never_is() -> None:
    private = with_text("buyer", "个人")
    del private["buyerTaxId"]
    assert said(private)["buyer"] == "个人" and "buyerTaxId" not in said(private)
    assert read(private)[1] is None and "buyer.uncertain" in read(private)[2]
    del private["buyer"]
    assert "buyer" not in said(private) and read(private)[1] is not True


@pytest.mark.parametrize(("gone", "left"), [("buyer", "seller"), ("seller", "buyer")])
def test_a_party_alone_is_read_by_its_place(gone: str, left: str) -> None:
    placed = {name: place for name, place in PAPER.items() if not name.startswith(gone)}
    answer = said(placed)
    assert (answer[left], answer[f"{left}TaxId"]) == (FIELDS[left], FIELDS[f"{left}TaxId"])
    assert gone not in answer and read(placed)[1] is False


def test_a_currency_sign_that_was_read_as_a_digit_is_none() -> None:
    assert said(with_text("total", "11399.98"))["total"] == "1399.98"
    assert said(with_text("amount", "11320.74"))["amount"] == "1320.74"
    assert read(with_text("total", "¥1398.98"))[1] is False


def test_the_reprint_of_the_number_checks_it() -> None:
    _, valid, problems = read(with_text("number again", "37827821"))
    assert valid is False and "number.differs" in problems


def test_the_code_lends_what_is_not_legible() -> None:
    placed = {name: place for name, place in PAPER.items() if not name.startswith(("number", "date"))}
    draft, valid, problems = read(placed)
    assert draft.values["number"].text == "37827827" and valid is None
    assert {"number.uncertain", "date.uncertain"} <= set(problems)


@pytest.mark.parametrize(
    "title",
    [
        "航空运输电子客票行程单",
        "出租汽车统一发票",
        "通用机打发票",
        "电子发票（铁路电子客票）",
        "机动车销售统一发票 纳税人识别号",
    ],
)
def test_an_invoice_of_another_kind_says_so_without_fields(title: str) -> None:
    rows = rows_of(cells_of([line(title, 0.3, 0.1), line("12.00", 0.3, 0.3)], (SIZE[1], SIZE[0])), 1.6)
    draft = read_invoice(rows, [])
    assert draft is not None and not draft.values
    assert judged([draft, draft])[1:] == (None, ("kind.unread",))


@given(st.sampled_from(PRINTED), st.sampled_from(PRINTED))
def test_fields_that_changed_places_are_never_valid(one: str, other: str) -> None:
    """But for names or numbers of both firms: nothing on the paper says whose they are."""
    if one == other or {one, other} in ({"buyer", "seller"}, {"buyerTaxId", "sellerTaxId"}):
        return
    swapped = {**PAPER, one: (PAPER[other][0], *PAPER[one][1:]), other: (PAPER[one][0], *PAPER[other][1:])}
    assert read(swapped)[1] is not True or said(swapped) == FIELDS


@given(st.sampled_from(PRINTED))
def test_an_invoice_without_a_field_is_never_valid(name: str) -> None:
    placed = {key: place for key, place in PAPER.items() if key != name}
    assert read(placed)[1] is not True or said(placed) == FIELDS


@given(st.sampled_from([0.05, 0.1, 0.2, 0.6, 0.7, 0.85]), st.floats(-0.12, 0.12))
def test_a_column_that_slipped_is_never_valid_and_wrong(left: float, by: float) -> None:
    placed = {
        name: (text, x, min(0.97, max(0.0, y + by)) if abs(x - left) < 0.02 else y)
        for name, (text, x, y) in PAPER.items()
    }
    try:
        answer = said(placed)
    except AssertionError:
        return
    assert read(placed)[1] is not True or answer == FIELDS


@given(st.data())
def test_a_misread_character_is_never_valid(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["amount", "tax", "total", "number", "date", "buyerTaxId", "capitals"]))
    text = PAPER[name][0]
    place = data.draw(st.sampled_from([at for at, one in enumerate(text) if one.isalnum()]))
    other = data.draw(st.sampled_from([one for one in "0123456789贰伍" if one != text[place]]))
    placed = with_text(name, text[:place] + other + text[place + 1 :])
    assert read(placed)[1] is not True or said(placed) == FIELDS


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    *(
                        "发票",
                        "名称：",
                        "称：",
                        "纳税人识别号：",
                        "价税合计",
                        "合计",
                        "（小写）",
                        "开票日期：",
                        "免税",
                    ),
                    *(
                        "310104123456789",
                        "91310104MA1FR5Q84",
                        "12345678901234567890",
                        "¥1.00",
                        "11.00",
                        "壹元整",
                    ),
                    *(
                        "发票号码：",
                        "No12345678",
                        "2020年1月1日",
                        "1100182130",
                        "个人",
                        "",
                        "¥" * 9,
                        "1," * 12 + "00.00",
                    ),
                ]
            ),
            st.floats(0, 0.9),
            st.floats(0, 0.95),
        ),
        max_size=14,
    ),
    st.sampled_from([CODE, "", "01,32,,12345678901234567890,1.00,20200101,,"]),
)
def test_whatever_is_read_has_an_outcome(lines: list[Placed], code: str) -> None:
    printed = [line(text, left, top, 0.03) for text, left, top in lines if text]
    rows = rows_of(cells_of(printed, (SIZE[1], SIZE[0])), SIZE[0] / SIZE[1])
    draft = read_invoice(rows, [code])
    assert draft is None or judged([draft, draft])[1] is not True or set(FIELDS) <= set(draft.values)
