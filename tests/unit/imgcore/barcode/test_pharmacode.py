"""Pharmacode: every number, from both ends, under blur and noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.barcode.bar_groups import ProfileSegment
from imgcore.barcode.code import Symbology
from imgcore.barcode.pharmacode.decoder import read_pharmacode, value_of
from imgcore.barcode.pharmacode.fit import PharmacodeFit, fit_pharmacode
from imgcore.barcode.runs import Lengths
from tests.extent import extent
from tests.unit.imgcore.barcode.profiles import Press, edges_of, pharmacode_widths, printed

PRESSES = st.builds(
    Press,
    pixels=st.floats(1.5, 5),
    blur=st.floats(0.2, 0.6),
    noise=st.floats(0, 3),
    spread=st.floats(-0.25, 0.25),
    shade=st.floats(0, 0.3),
    quiet=st.floats(6, 12),
    phase=st.floats(0, 1),
)
SOFT = st.builds(
    Press,
    pixels=st.floats(2, 4),
    blur=st.floats(0.6, 0.85),
    noise=st.floats(0, 1),
    spread=st.floats(-0.1, 0.1),
    quiet=st.floats(8, 12),
    phase=st.floats(0, 1),
)
MANY_BARS = st.integers(63, 131070)


@pytest.mark.long
def test_every_number_has_its_bars_and_every_bar_its_number() -> None:
    for value in range(3, 131071):
        bars = np.array(pharmacode_widths(value)[::2])
        assert value_of(bars == 3) == value


@pytest.mark.sampled(4)
@pytest.mark.parametrize("bars", range(2, 17))
def test_least_and_greatest_number_of_so_many_bars(bars: int) -> None:
    for value in (2**bars - 1, 2**bars, 2 ** (bars + 1) - 3, 2 ** (bars + 1) - 2):
        best = read_pharmacode(printed(pharmacode_widths(value), Press(pixels=3)))[0]
        assert (best.text, best.bars) == (str(value), bars)


@pytest.mark.parametrize("first", range(5))
def test_numbers_over_all_the_range(first: int) -> None:
    for value in range(63 + 311 * first, 131071, 5 * extent(3110, 311)):
        best = read_pharmacode(printed(pharmacode_widths(value), Press(pixels=3)))[0]
        assert best.text == str(value)


@pytest.mark.long
@settings(max_examples=extent(40, 150))
@given(MANY_BARS, PRESSES)
def test_what_was_printed_is_read(value: int, press: Press) -> None:
    widths = pharmacode_widths(value)
    best = read_pharmacode(printed(widths, press))[0]
    assert (best.text, best.symbology, best.checked) == (str(value), Symbology.PHARMACODE, False)
    edges = edges_of(widths, press)
    assert abs(best.start - edges[0]) < 0.5 * press.pixels
    assert abs(best.end - edges[-1]) < 0.5 * press.pixels
    assert best.variation < 0.2


@settings(max_examples=extent(25, 100))
@given(st.integers(63, 131070).filter(lambda value: (value + 1) & (value + 2)), SOFT)
def test_merged_bars_are_read_or_left(value: int, press: Press) -> None:
    sure = [r for r in read_pharmacode(printed(pharmacode_widths(value), press)) if r.confidence > 0.5]
    assert [reading.text for reading in sure] in ([str(value)], [])


def test_most_codes_at_a_blur_of_nine_tenths_are_read() -> None:
    random = np.random.default_rng(8)
    right = 0
    for seed in range(40):
        value = int(random.integers(63, 131071))
        press = Press(pixels=2, blur=0.9, noise=2, phase=random.uniform(), spread=random.uniform(-0.2, 0.2))
        found = read_pharmacode(printed(pharmacode_widths(value), press, seed))
        right += bool(found) and found[0].confidence > 0.5 and found[0].text == str(value)
    assert right >= 35


@settings(max_examples=extent(20, 60))
@given(MANY_BARS)
def test_from_the_other_end_it_says_the_alternative(value: int) -> None:
    profile = printed(pharmacode_widths(value), Press(pixels=3))
    here = read_pharmacode(profile)[0]
    there = read_pharmacode(profile[::-1])[0]
    assert (here.text, *here.alternatives) == (*there.alternatives, there.text)
    assert here.start == pytest.approx(len(profile) - 1 - there.end, abs=0.1)


@pytest.mark.parametrize(("value", "other"), [(123456, 98886), (3, 3), (4, 5)])
def test_known_alternatives(value: int, other: int) -> None:
    best = read_pharmacode(printed(pharmacode_widths(value), Press(pixels=3)))[0]
    assert best.alternatives == (str(other),)


@pytest.mark.parametrize(("narrow", "wide", "gap"), [(1, 3, 2), (0.7, 2, 1.3), (1, 2.5, 2), (1, 2.7, 1.7)])
def test_prints_with_other_proportions(narrow: float, wide: float, gap: float) -> None:
    best = read_pharmacode(printed(pharmacode_widths(84213, narrow, wide, gap), Press(pixels=4)))[0]
    assert best.text == "84213"
    assert best.confidence > 0.5
    assert best.ratio == pytest.approx(wide / narrow, rel=0.05)


def test_light_bars_on_a_dark_ground() -> None:
    profile = 255 - printed(pharmacode_widths(84213), Press())
    assert read_pharmacode(profile, inverse=True)[0].text == "84213"
    assert not [reading for reading in read_pharmacode(profile) if reading.confidence > 0.5]


def test_few_bars_and_bars_of_one_width_have_little_confidence() -> None:
    for value in (3, 4, 20, 61, 127, 65535, 131070):
        assert read_pharmacode(printed(pharmacode_widths(value), Press(pixels=4)))[0].confidence < 0.55
    assert read_pharmacode(printed(pharmacode_widths(100), Press(pixels=4)))[0].confidence > 0.9


def test_a_frame_about_the_code_is_no_bar() -> None:
    widths = (0.8, 6.0, *pharmacode_widths(84213), 6.0, 0.8)
    best = read_pharmacode(printed(widths, Press(pixels=4)))[0]
    assert best.text == "84213"
    assert best.confidence > 0.5


def test_a_part_of_longer_bars_is_no_code() -> None:
    # Room enough on both sides, and then more bars.
    widths = (1.0, 2.0, 3.0, 6.0, *pharmacode_widths(84213), 6.0, 3.0, 2.0, 1.0)
    assert not [r for r in read_pharmacode(printed(widths, Press(pixels=4))) if r.confidence > 0.3]


def test_bars_that_fade_out_under_glare_are_no_whole_code() -> None:
    bars = printed(pharmacode_widths(86979), Press(pixels=4))
    glare = 260 * np.exp(-((np.arange(len(bars)) - 265) ** 2) / (2 * 40.0**2))
    washed = np.minimum(bars + glare, 255).astype(np.float32)
    assert not [reading for reading in read_pharmacode(washed) if reading.confidence > 0.3]


def test_a_bar_of_neither_width_is_doubtful() -> None:
    widths = list(pharmacode_widths(84213))
    clear = read_pharmacode(printed(tuple(widths), Press(pixels=4)))[0]
    widths[8] = 1.9
    doubtful = read_pharmacode(printed(tuple(widths), Press(pixels=4)))[0]
    assert doubtful.confidence < 0.5 < clear.confidence


@pytest.mark.parametrize("gaps", [(2, 3), (1, 2), (2, 1.2)])
@pytest.mark.parametrize("blur", [0.3, 0.7])
def test_unequal_gaps_are_no_code(gaps: tuple[float, float], blur: float) -> None:
    widths = list(pharmacode_widths(84213))
    widths[1::2] = [gaps[place % 2] for place in range(len(widths) // 2)]
    assert not [
        r for r in read_pharmacode(printed(tuple(widths), Press(pixels=4, blur=blur))) if r.confidence > 0.5
    ]


def test_bars_are_fitted_once_however_smooth_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = []

    def fit(segment: ProfileSegment, edges: Lengths, blur: float) -> PharmacodeFit | None:
        fitted.append(len(edges) // 2)
        return fit_pharmacode(segment, edges, blur)

    monkeypatch.setattr("imgcore.barcode.pharmacode.decoder.fit_pharmacode", fit)
    widths = (1.0, 2.0, 2.0, 2.1, 1.4, 2.0, 1.8, 2.0, 2.4, 2.0, 1.2)
    assert not [r for r in read_pharmacode(printed(widths, Press(pixels=6))) if r.confidence > 0.3]
    assert fitted.count(6) == 1


def test_rough_bars_are_given_up_after_one_fit() -> None:
    levels = printed(pharmacode_widths(84213), Press(pixels=4))
    edges = np.asarray(edges_of(pharmacode_widths(84213), Press(pixels=4)), np.float64)
    rough = levels + np.random.default_rng(1).normal(0, 0.5 * np.ptp(levels), len(levels)).astype(np.float32)
    for profile, fits in ((levels, True), (rough, False)):
        segment = ProfileSegment(profile, float(edges[0]), float(edges[-1]))
        assert (fit_pharmacode(segment, edges, 1.0) is not None) is fits
