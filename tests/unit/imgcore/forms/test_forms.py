"""Forms that were taught: which one lies there, where its zones are, and what they hold."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from imgcore.forms import CheckRule, Form, FormZone, Tick, ZoneKind, filled, find_form, taught
from imgcore.forms.checks import problem, value
from imgcore.forms.marks import has_portrait, read_tick
from imgcore.forms.reading import text_zones, with_texts
from imgcore.types import Image, ImageError
from synthetic.datasets.form_copies import SCALE, draw_copy, draw_form

KINDS = (0, 2, 3)
"""Kinds of the tests; 3 has the rows of 2 beneath other words."""
PORTRAYED = 4
"""Kind with a place for a portrait."""


@cache
def forms() -> tuple[Form, ...]:
    return tuple(_form(kind) for kind in KINDS)


def _form(kind: int) -> Form:
    drawn = draw_form(kind)
    zones = [
        FormZone(zone.name, ZoneKind(zone.kind), *(SCALE * edge for edge in _edges(zone)))
        for zone in drawn.zones
    ]
    return Form(str(kind), 1, taught(drawn.sample, zones))


def _edges(zone) -> tuple[float, float, float, float]:
    return zone.left, zone.top, zone.right, zone.bottom


@pytest.mark.parametrize("seed", range(6))
def test_a_copy_is_told_laid_and_its_marks_are_read(seed: int) -> None:
    copy = draw_copy(500 + seed, KINDS[seed % 3])
    found = find_form(copy.picture, forms())
    assert found is not None
    assert found.form.name == str(copy.kind)
    read = with_texts(copy.picture, found, [[] for _ in text_zones(found.form)])
    for zone in read.zones:
        true = copy.places[zone.zone.name]
        millimetre = np.linalg.norm(true[1] - true[0]) * SCALE / (zone.zone.right - zone.zone.left)
        assert np.linalg.norm(zone.corners - true, axis=1).max() < 2 * millimetre
        if zone.zone.kind is ZoneKind.TICK:
            assert zone.value in (copy.ticks[zone.zone.name], Tick.UNSURE)
        if zone.zone.kind is ZoneKind.SIGNATURE:
            assert zone.value in (str(copy.signed).lower(), "")
        if zone.zone.kind is ZoneKind.PORTRAIT:
            assert zone.value in (str(copy.portrayed).lower(), "")


def test_a_form_that_was_not_taught_is_none() -> None:
    assert find_form(draw_copy(7, 9).picture, forms()) is None
    assert find_form(draw_copy(8, 3).picture, forms()[:2]) is None


def test_a_form_with_print_at_the_same_places_is_another() -> None:
    assert find_form(draw_copy(60_005, 25).picture, [_form(19)]) is None


def shaded(sample: Image, left: float, top: float, right: float, bottom: float) -> Image:
    """A sample of which a part lies in a shadow with a soft edge."""
    light = np.ones(sample.shape[:2], np.float32)
    light[max(0, round(top)) : round(bottom), max(0, round(left)) : round(right)] = 0.45
    light = cv2.GaussianBlur(light, (0, 0), 4)
    return (sample * light[:, :, None]).astype(np.uint8)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_edge_of_a_shadow_is_no_ink(share: float) -> None:
    sample = draw_form(0).sample
    rows, cols = sample.shape[:2]
    ticks = [zone for zone in forms()[0].print.zones if zone.kind is ZoneKind.TICK]
    edge = ticks[0].top + share * (ticks[0].bottom - ticks[0].top)
    page = shaded(sample, 0, edge, cols, rows)
    found = find_form(page, forms()[:1])
    assert found is not None
    assert [read_tick(page, found, zone).state for zone in ticks] == [Tick.EMPTY] * len(ticks)


def test_a_shadow_is_no_portrait() -> None:
    form = _form(PORTRAYED)
    sample = draw_form(PORTRAYED).sample
    (zone,) = (zone for zone in form.print.zones if zone.kind is ZoneKind.PORTRAIT)
    shadow = shaded(sample, zone.left + 80, zone.top - 200, zone.right + 200, zone.bottom + 200)
    for page, said in ((sample, False), (shadow, None)):
        found = find_form(page, [form])
        assert found is not None
        assert has_portrait(page, found, zone) is said


@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (1, 5000), (70, 70, 3)])
def test_a_picture_without_print_is_no_form(shape: tuple[int, ...]) -> None:
    assert filled(np.full(shape, 200, np.uint8), forms(), lambda _: []) is None


@pytest.mark.parametrize("shape", [(0, 0), (5, 5, 4)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError):
        find_form(np.zeros(shape, np.uint8), forms())


def test_a_sample_without_print_is_refused() -> None:
    blank: Image = np.full((800, 600), 255, np.uint8)
    with pytest.raises(ImageError, match="too little print"):
        taught(blank, [])


def test_what_zones_hold_is_not_kept_with_the_print() -> None:
    sample = draw_form(0).sample.copy()
    cv2.putText(sample, "SECRET", (700, 420), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (0, 0, 0), 4)
    zone = FormZone("name", ZoneKind.TEXT, 650, 350, 950, 450)
    left, top, right, bottom = (round(edge * taught(sample, [zone]).scale) for edge in (690, 370, 900, 430))
    assert taught(sample, [zone]).grey[top:bottom, left:right].min() == 255
    assert taught(sample, []).grey[top:bottom, left:right].min() < 100


@pytest.mark.parametrize(
    ("kind", "rules", "said", "found"),
    [
        (ZoneKind.DATE, {}, "2030年1月8日", ""),
        (ZoneKind.DATE, {}, "2030-02-30", "date"),
        (ZoneKind.TEXT, {"mask": "A99"}, "B12", ""),
        (ZoneKind.TEXT, {"mask": "A99"}, "B1", "mask"),
        (ZoneKind.NUMBER, {"check": CheckRule.LUHN}, "79927398713", ""),
        (ZoneKind.NUMBER, {"check": CheckRule.LUHN}, "79927398714", "check"),
        (ZoneKind.NUMBER, {"check": CheckRule.GS1}, "4006381333931", ""),
        (ZoneKind.NUMBER, {"check": CheckRule.GS1}, "4006381333932", "check"),
        (ZoneKind.TEXT, {"check": CheckRule.MRZ}, "D231458907", ""),
        (ZoneKind.TEXT, {"check": CheckRule.MRZ}, "D23145890é", "check"),
        (ZoneKind.TEXT, {"choices": ("Yes", "No")}, "YES", ""),
        (ZoneKind.TEXT, {"choices": ("Yes", "No")}, "Maybe", "list"),
        (ZoneKind.TEXT, {"required": True}, " ", "empty"),
        (ZoneKind.TEXT, {}, "", ""),
    ],
)
def test_checks(kind: ZoneKind, rules: dict[str, object], said: str, found: str) -> None:
    zone = FormZone("a", kind, 0, 0, 10, 10, **rules)
    assert problem(zone, value(zone, said)) == found


def test_dates_and_numbers_have_one_form() -> None:
    date = FormZone("a", ZoneKind.DATE, 0, 0, 10, 10)
    assert [value(date, one) for one in ("2030年1月8日", "20300108", "8.1.2030")] == ["2030-01-08"] * 3
    assert value(FormZone("a", ZoneKind.NUMBER, 0, 0, 10, 10), "1O 25") == "1025"
