"""Forms are read in the process of text: zones travel there and back, and nonsense is told from them."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from imgcore.forms import CheckRule, FilledZone, Form, FormZone, FoundForm, Tick, ZoneKind, find_form, taught
from server.decoding import packing
from server.decoding.text_process import FormDecoder, TextDecoder
from server.documents import text_reader
from server.documents.faults import DocumentFault
from synthetic.datasets.form_copies import draw_copy, draw_form
from tests.fakes.forms import zones

QUAD = np.array([(1, 1), (40, 1), (40, 30), (1, 30)], np.float32)
ZONES = (
    FormZone("卡号", ZoneKind.NUMBER, 1.5, 2, 90, 40, "9999", CheckRule.LUHN, ("1230",), True),
    FormZone("code", ZoneKind.BARCODE, 1, 50, 90, 80),
)


@pytest.fixture(scope="module")
def found() -> FoundForm:
    return FoundForm(Form("claim", 3, taught(draw_form(0).sample, ZONES)), np.eye(3), 0.9)


def read(value: str = "1230", score: float = 0.5, problem: str = "", corners=QUAD) -> list[FilledZone]:
    return [
        FilledZone(ZONES[0], value, score, problem, True, corners),
        FilledZone(ZONES[1], "\x1d01\n", 1.0, "", None, QUAD),
    ]


def test_zones_travel_unharmed(found: FoundForm) -> None:
    assert packing.unpacked_zones(packing.packed_zones(ZONES)) == ZONES
    made = packing.unpacked_form(packing.packed_form(read()), found)
    assert made.found is found and [one.zone for one in made.zones] == list(ZONES)
    first, second = made.zones
    assert (first.value, first.score, first.problem, first.valid) == ("1230", 0.5, "", True)
    assert np.array_equal(first.corners, QUAD) and second.value == "\x1d01\n", "codes hold any character"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode({}),
        packing.packed_form(read()[:1]),
        packing.packed_form(read() + read()),
        packing.packed_form(read(value="a\x00")),
        packing.packed_form(read(score=float("nan"))),
        packing.packed_form(read(score=2.0)),
        packing.packed_form(read(problem="周文玉")),
        packing.packed_form(read(corners=QUAD * 1e9)),
        packing.packed_form(read(corners=QUAD * np.nan)),
    ],
)
def test_nonsense_is_no_form(content: bytes, found: FoundForm) -> None:
    with pytest.raises(DocumentFault, match="nonsense"):
        packing.unpacked_form(content, found)


def test_what_is_too_large_is_no_form(found: FoundForm, monkeypatch: pytest.MonkeyPatch) -> None:
    content = packing.packed_form(read())
    monkeypatch.setattr(packing, "LONGEST_FORM", len(content) - 1)
    with pytest.raises(DocumentFault, match="nonsense"):
        packing.unpacked_form(content, found)


@pytest.mark.long
async def test_a_copy_is_read_in_the_process() -> None:
    if not text_reader.is_there():
        pytest.skip("the text models are not here: gaopai models fetch")
    form = Form("claim", 1, taught(draw_form(0).sample, [*zones(0), *_codes()]))
    copy = draw_copy(70_000, 0)
    place = find_form(copy.picture, [form])
    assert place is not None
    texts = TextDecoder(30_000_000)
    try:
        made = await FormDecoder(texts).read(copy.picture, place)
    finally:
        await texts.close()
    said = {one.zone.name: one.value for one in made.zones}
    assert said["number2"] == "30128" and said["number1"] == "" and said["code"] == ""
    for name, state in copy.ticks.items():
        assert said[name] in (state, Tick.UNSURE)
    assert said["signature1"] == str(copy.signed).lower()


def _codes() -> list[FormZone]:
    """A zone for a barcode where there is none: the process has what looks for it."""
    return [FormZone("code", ZoneKind.BARCODE, 1000, 2000, 1400, 2128)]
