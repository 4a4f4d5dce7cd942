"""Papers with labelled fields: licences of drivers and vehicles, registers, certificates, train tickets.

The fields are those of public forms: licences by GA 482 and GA 801, registers of households by GA 458,
certificates of property (2015) and marriage (2016), and tickets of paper.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from imgcore.checks.resident_number import number_in
from imgcore.checks.vehicle_number import is_vehicle_number, vehicle_number_in
from imgcore.fields.document import Draft, Value
from imgcore.fields.labels import dated, labelled
from imgcore.fields.resident_card import contradictions
from imgcore.fields.rows import Row, search, searches

Said = Mapping[str, Value]

_DAY = r"[12]\d{3}[\t年.·,，—-]{1,2}\d{1,2}[\t月.·,，—-]{1,2}\d{1,2}"
"""Day as year, month and day, with what stands between them."""
_DAYS = frozenset(("birth", "date", "startDate", "endDate", "issueDate", "spouseBirth"))
"""Fields that are days."""
_GENDER = "[男女]"
"""Gender in Chinese."""
_FOLK = r"[\u3400-\u9fff]{1,5}族?"
"""Name of a people, with or without the word for it."""
_CHINESE = r"[\u3400-\u9fff\U00020000-\U000323af·•]"
"""Character of a Chinese name."""
_RESIDENT = r"[0-9OIZSBGDQL|]{17}[0-9OIZSBGDQLXx×]"
"""Resident's number with letters that are misread figures."""
_PROVINCE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
"""Character that stands for a province on plates and deeds."""
_PLATE = rf"{_PROVINCE}[A-HJ-Z][A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9学警港澳挂]"
"""Number of a vehicle's plate."""
_DEED = rf"{_PROVINCE}\t?[（(]\t?\d{{4}}\t?[）)]\t?[^\t\d]{{2,12}}\t?不动产权第\t?\d{{5,9}}\t?号"
"""Number of a certificate of property."""
_GLOSS = r"(?>[:：]?(?:\t?(?:[A-Z]?[a-z.]|VIN))*[:：]?\t?)"
"""Label in English, in small print, between a label and its value."""
_LEAST = 4
"""Least number of fields found of a paper."""


class _Form(NamedTuple):
    """Form of a paper.

    Attributes
    ----------
    marks
        Words that are on this paper alone.
    labels
        All its labels.
    fields
        Label and form of each field; an empty form is any text up to the next label, in one line or more.
    checks
        Returns the problems of fields that contradict each other.
    covered
        Fields that the checks cover.
    """

    kind: str
    marks: str
    labels: str
    fields: Mapping[str, tuple[str, str]]
    checks: Callable[[Said], Sequence[str]]
    covered: tuple[str, ...]


def read_paper(rows: Sequence[Row]) -> Draft | None:
    """Return the fields of a paper; None where the rows are of none.

    None is ever proven whole: of most fields nothing on these papers tells whether they were read right.
    """
    drafts = (*(_of_form(rows, form) for form in _FORMS), _married(rows), _ticket(rows))
    return next((draft for draft in drafts if draft is not None), None)


def _of_form(rows: Sequence[Row], form: _Form) -> Draft | None:
    if search(rows, form.marks) is None or search(rows, "发\t?票") is not None:
        return None
    values = {name: _field(rows, form, name) for name in form.fields}
    said = {name: value for name, value in values.items() if value is not None}
    if len(said) < _LEAST:
        return None
    missing = [f"{name}.missing" for name in values if name not in said]
    return _doubted(form.kind, said, [*missing, *form.checks(said)], form.covered)


def _field(rows: Sequence[Row], form: _Form, name: str) -> Value | None:
    pattern = _pattern(form, name)
    if not form.fields[name][1]:
        return labelled(rows, pattern, form.labels)
    found = search(rows, pattern)
    return _tidy(name, found[0].found(found[1])) if found else None


def _pattern(form: _Form, name: str) -> str:
    """Return the regular expression of a field with its label; its first group is the value."""
    label, shape = form.fields[name]
    others = "|".join(one for one in form.labels.split("|") if one not in label.split("|"))
    value = shape or rf"(?:(?!{others})[^\t])+"
    return rf"(?:{label}){_GLOSS}({value})" if label else f"({value})"


def _tidy(name: str, value: Value) -> Value | None:
    """Return a value in the form that a field has; None for a day that the calendar has not."""
    if name in _DAYS and "长期" not in value.text:
        return dated(value)
    if name in ("id", "spouseId"):
        return Value(number_in(value.text) or value.text, value.score, value.places)
    if name == "vin":
        return Value(vehicle_number_in(value.text), value.score, value.places)
    return Value(value.text.removesuffix("族"), value.score, value.places) if name == "folk" else value


def _doubted(kind: str, said: Said, broken: Sequence[str], covered: Sequence[str]) -> Draft:
    doubts = tuple(f"{name}.uncertain" for name in said if name not in covered)
    return Draft(kind, dict(said), tuple(broken), (), doubts)


def _of_resident(said: Said) -> Sequence[str]:
    """Return what of a person contradicts the number of the resident."""
    return (
        contradictions({name: said[name] for name in _RESIDENT_FIELDS if name in said})
        if "id" in said
        else ()
    )


_RESIDENT_FIELDS = ("id", "birth", "gender", "folk", "name")
"""Fields of a person that the resident's number is checked against, and the number."""


def _of_driver(said: Said) -> Sequence[str]:
    term = [said[name].text for name in ("startDate", "endDate") if name in said]
    # Dates of this form are in order where their texts are.
    broken = ["endDate.check"] if len(term) == 2 and term[1] != "长期" and term[1] <= term[0] else []
    return [*_of_resident(said), *broken]


def _of_vehicle(said: Said) -> Sequence[str]:
    """Return the check of the vehicle's number: it has one on all that are sold in China."""
    days = [said[name].text for name in ("date", "issueDate") if name in said]
    late = ["issueDate.check"] if len(days) == 2 and days[1] < days[0] else []
    return late if "vin" not in said or is_vehicle_number(said["vin"].text) else [*late, "vin.check"]


def _unchecked(said: Said) -> Sequence[str]:
    return ()


def _spread(labels: str) -> str:
    """Return labels of which each character may stand apart."""
    return "|".join("\t?".join(label) for label in labels.split("|"))


_DRIVER = _spread("证号|姓名|性别|国籍|住址|出生日期|初次领证日期|准驾车型|有效期限|有效起始日期")
"""All labels of a driving licence."""
_VEHICLE = _spread(
    "号牌号码|车辆类型|所有人|住址|使用性质|品牌型号|车辆识别代号|发动机号码|注册日期|发证日期"
)
"""All labels of a vehicle licence."""
_HOUSEHOLD = _spread(
    "户主或与户主关系|与户主关系|姓名|曾用名|性别|出生地|民族|籍贯|出生日期|宗教信仰|公民身份号码|公民身份证件编号|公民身份|身高|血型"
    "|文化程度|婚姻状况|兵役状况|服务处所|职业|本市|其他住址|何时何因|登记日期|承办人"
)
"""All labels of a household register."""
_PROPERTY = _spread("权利人|共有情况|坐落|不动产单元号|权利类型|权利性质|用途|面积|使用期限|权利其他状况")
"""All labels of a certificate of property."""

_FORMS = (
    _Form(
        "driving-licence",
        "机动车驾驶证|准驾车型|初次领证",
        _DRIVER,
        {
            "name": (_spread("姓名"), ""),
            "gender": (_spread("性别"), _GENDER),
            "nationality": (_spread("国籍"), ""),
            "address": (_spread("住址"), ""),
            "birth": ("出\t?生\t?日?\t?期?", _DAY),
            "id": (_spread("证号"), _RESIDENT),
            "date": ("初次领证日?期?|初次领证", _DAY),
            "vehicleClass": ("准驾车型", r"(?:A[123]|B[12]|C[1-6]|[DEFMNP])+(?![A-Za-z0-9])"),
            "startDate": ("有效期限|有效起始日期", _DAY),
            "endDate": (rf"有效期限{_GLOSS}{_DAY}[\t至一~—-]{{0,3}}", rf"{_DAY}|长期"),
        },
        _of_driver,
        ("id", "birth", "gender"),
    ),
    _Form(
        "vehicle-licence",
        "机动车行驶证|行驶证|号牌号码.{0,20}车辆类型",
        _VEHICLE,
        {
            "number": ("号牌号码", _PLATE),
            "vehicleType": ("车辆类型", ""),
            "name": (_spread("所有人"), ""),
            "address": (_spread("住址"), ""),
            "usage": ("使用性质", ""),
            "model": ("品牌型号", ""),
            "vin": ("车辆识别代号", "[0-9A-Za-z]{17}(?![0-9A-Za-z])"),
            "engineNumber": ("发动机号码", "[0-9A-Z*-]{4,20}(?![a-z])"),
            "date": ("注册日期", _DAY),
            "issueDate": ("发证日期", _DAY),
        },
        _of_vehicle,
        ("vin",),
    ),
    _Form(
        "household-register",
        _spread("常住人口登记卡|户主或与户主关系|与户主关系"),
        _HOUSEHOLD,
        {
            "name": (_spread("姓名"), ""),
            "relation": (_spread("户主或与户主关系|与户主关系"), ""),
            "gender": (_spread("性别"), _GENDER),
            "folk": (_spread("民族"), _FOLK),
            "nativePlace": (_spread("籍贯"), ""),
            "birth": (_spread("出生日期"), _DAY),
            "id": (_spread("公民身份号码|公民身份证件编号"), _RESIDENT),
        },
        _of_resident,
        ("id", "birth", "gender"),
    ),
    _Form(
        "property-certificate",
        "不动产权第|不动产单元号|不动产权证书",
        _PROPERTY,
        {
            "number": ("", _DEED),
            "name": (_spread("权利人"), ""),
            "address": (_spread("坐落"), ""),
            "unitNumber": ("不动产单元号", r"\d{6}\t?\d{6}\t?[A-Z]{2}\d{5}\t?[A-Z]\d{8}"),
            "rightType": ("权利类型", ""),
            "usage": (_spread("用途"), ""),
            "area": (_spread("面积"), ""),
        },
        _unchecked,
        (),
    ),
)  # fmt: skip
"""Forms of the papers that are read by their labels."""


_COUPLE = _spread("持证人|登记日期|结婚证字号|备注|姓名|性别|国籍|出生日期|身份证件号")
"""All labels of a marriage certificate."""
_PEOPLE = {
    "name": rf"(?:{_spread('姓名')}){_GLOSS}((?:(?!{_COUPLE}){_CHINESE}){{2,20}})",
    "gender": rf"(?:{_spread('性别')}){_GLOSS}({_GENDER})",
    "birth": rf"(?:{_spread('出生日期')}){_GLOSS}({_DAY})",
    "id": rf"(?:{_spread('身份证件号')}){_GLOSS}({_RESIDENT})",
}
"""Regular expressions of what a marriage certificate says of each of two persons."""


def _married(rows: Sequence[Row]) -> Draft | None:
    """Return the fields of a marriage certificate: two persons, each beside or below the other."""
    if search(rows, "结\t?婚\t?证") is None:
        return None
    number = search(rows, rf"结婚证字号{_GLOSS}([A-Z]{{0,2}}\d{{6}}[-—]\d{{4}}[-—]\d{{4,8}})")
    day = search(rows, rf"{_spread('登记日期')}{_GLOSS}({_DAY})")
    people = {name: _both(rows, pattern) for name, pattern in _PEOPLE.items()}
    values: dict[str, Value | None] = {
        "number": number[0].found(number[1]) if number else None,
        "date": _tidy("date", day[0].found(day[1])) if day else None,
        **{name: _tidy(name, pair[0]) for name, pair in people.items() if pair},
        **{f"spouse{name.title()}": _tidy(name, pair[1]) for name, pair in people.items() if pair},
    }
    values.pop("spouseGender", None)
    wanted = ("number", "date", "name", "birth", "id", "spouseName", "spouseBirth", "spouseId")
    said = {name: value for name, value in values.items() if value is not None}
    if len(said) < _LEAST:
        return None
    spouse = {
        name: said[f"spouse{name.title()}"] for name in ("id", "birth") if f"spouse{name.title()}" in said
    }
    problems = [f"spouse{problem.capitalize()}" for problem in _of_resident(spouse)]
    missing = [f"{name}.missing" for name in wanted if name not in said]
    covered = ("id", "birth", "gender", "spouseId", "spouseBirth")
    return _doubted("marriage-certificate", said, [*missing, *_of_resident(said), *problems], covered)


def _both(rows: Sequence[Row], pattern: str) -> tuple[Value, Value] | None:
    """Return what is there twice; None where it is not there twice: nobody knew whose it is."""
    found = [row.found(match) for row, match in searches(rows, pattern)]
    return (found[0], found[1]) if len(found) == 2 else None


_STOP = rf"({_CHINESE}{{2,8}}?)\t?站?"
"""Name of a station."""
_WAY = ("departure", "train", "destination")
"""Fields of a train ticket that stand in one row, from the left."""


def _ticket(rows: Sequence[Row]) -> Draft | None:
    """Return the fields of a train ticket of paper; those that are sent are invoices."""
    departs = search(rows, rf"({_DAY})\t?日?\t?(\d{{1,2}}[:：]\d\d)\t?开")
    seat = search(rows, r"(\d{1,2}\t?车\t?(?:\d{1,3}[A-F]?\t?号?(?:\t?[上中下]\t?铺)?|无座))")
    if departs is None or seat is None or search(rows, "发\t?票|电子客票") is not None:
        return None
    way = search(
        rows, rf"(?:^|\t){_STOP}(?:\t?[A-Z][a-z]+)?\t?([GDCZTKYLS]?\d{{1,4}})\t?次?\t?{_STOP}(?:\t|$)"
    )
    price = search(rows, r"[¥￥]\t?(\d{1,5}[.．]\d{1,2})\t?元?")
    owner = search(rows, rf"\d{{6,10}}\*{{3,8}}[\dXx]{{2,4}}\t?({_CHINESE}{{2,20}})")
    number = search(rows, r"(?<![0-9A-Z])([A-Z]\d{6}|[A-Z]\d{9}|\d{2}[A-Z]\d{6})(?![0-9A-Z])")
    level = search(rows, "(商务座|特等座|一等座|二等座|硬座|软座|硬卧|软卧|动卧)")
    row, match = departs
    values: dict[str, Value | None] = {
        "number": number[0].found(number[1]) if number else None,
        **{name: way[0].found(way[1], at + 1) if way else None for at, name in enumerate(_WAY)},
        "date": dated(row.found(match)),
        "time": row.found(match, 2, match[2].replace("：", ":").zfill(5)),
        "seat": seat[0].found(seat[1]),
        "seatClass": level[0].found(level[1]) if level else None,
        "total": price[0].found(price[1], 1, f"{float(price[1][1].replace('．', '.')):.2f}")
        if price
        else None,
        "name": owner[0].found(owner[1]) if owner else None,
    }
    said = {name: value for name, value in values.items() if value is not None}
    missing = [f"{name}.missing" for name in values if name not in said and name != "name"]
    return _doubted("train-ticket", said, missing, ())
