"""MSI: every text, check rule, print and direction, under blur and noise; and never from other bars."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.barcode.code import Symbology
from imgcore.barcode.msi.check_digits import checks_of, is_reliable
from imgcore.barcode.msi.decoder import read_msi
from tests.extent import extent
from tests.unit.imgcore.barcode.profiles import (
    CHECKED,
    Press,
    Profile,
    edges_of,
    msi_widths,
    printed,
)

PRESSES = st.builds(
    Press,
    pixels=st.floats(1.5, 5),
    blur=st.floats(0.2, 0.6),
    noise=st.floats(0, 3),
    spread=st.floats(-0.25, 0.25),
    shade=st.floats(0, 0.4),
    quiet=st.floats(6, 12),
    phase=st.floats(0, 1),
)
SOFT = st.builds(
    Press,
    pixels=st.floats(2, 4),
    blur=st.floats(0.6, 0.9),
    noise=st.floats(0, 2),
    spread=st.floats(-0.15, 0.15),
    quiet=st.floats(6, 12),
    phase=st.floats(0, 1),
)
TEXTS = st.text("0123456789", min_size=4, max_size=14)


@pytest.mark.long
@settings(max_examples=extent(40, 150))
@given(TEXTS, st.sampled_from(sorted(CHECKED)), st.floats(2, 3), st.booleans(), PRESSES)
def test_what_was_printed_is_read(text: str, rule: str, wide: float, backwards: bool, press: Press) -> None:
    checked = CHECKED[rule](text)
    widths = msi_widths(checked, wide)[:: -1 if backwards else 1]
    best = read_msi(printed(widths, press))[0]
    assert (best.text, best.symbology, best.reversed) == (checked, Symbology.MSI, backwards)
    assert rule == "none" or rule in best.checks
    assert best.confidence > 0.3
    edges = edges_of(widths, press)
    assert abs(best.start - edges[0]) < 0.5 * press.pixels
    assert abs(best.end - edges[-1]) < 0.5 * press.pixels
    assert best.bars == len(widths) // 2 + 1


@settings(max_examples=extent(25, 100))
@given(TEXTS, st.floats(2, 3), SOFT)
def test_a_blur_that_leaves_no_edges_is_read_through(text: str, wide: float, press: Press) -> None:
    best = read_msi(printed(msi_widths(text, wide), press))[0]
    assert best.text == text
    assert best.confidence > 0.3


@pytest.mark.parametrize("digit", "0123456789")
def test_each_digit_at_each_place(digit: str) -> None:
    for place in range(5):
        text = "10305"[:place] + digit + "70809"[place:]
        assert read_msi(printed(msi_widths(text), Press(pixels=2.5)))[0].text == text


@pytest.mark.parametrize(
    "press",
    [
        Press(pixels=3, white=130, black=110, noise=0.4),
        Press(pixels=2, spread=0.3, blur=0.4),
        Press(pixels=2, spread=-0.3, blur=0.4),
        Press(pixels=3, shade=0.7),
        Press(pixels=3, quiet=4),
        Press(pixels=10, blur=0.1, noise=3),
        Press(pixels=3, noise=15),
    ],
    ids=["20 levels", "thick ink", "thin ink", "shade", "narrow ground", "large", "noise"],
)
def test_hard_prints(press: Press) -> None:
    assert read_msi(printed(msi_widths("90817263544"), press, seed=1))[0].text == "90817263544"


def test_light_bars_on_a_dark_ground() -> None:
    profile = 255 - printed(msi_widths("12345674"), Press())
    assert read_msi(profile, inverse=True)[0].text == "12345674"
    assert not [reading for reading in read_msi(profile) if reading.confidence > 0.3]


def seen_at_a_slant(profile: Profile, nearer: float) -> Profile:
    """Pairs at one end are wider than at the other by this share."""
    along = np.linspace(0, 1, len(profile))
    places = along / (1 + nearer * (1 - along)) * (len(profile) - 1)
    return np.interp(places, np.arange(len(profile)), profile).astype(np.float32)


@pytest.mark.parametrize("nearer", [-0.12, -0.05, 0.05, 0.12])
def test_one_end_nearer_than_the_other(nearer: float) -> None:
    profile = printed(msi_widths("1234567890"), Press(pixels=3, blur=0.4))
    best = read_msi(seen_at_a_slant(profile, nearer))[0]
    assert best.text == "1234567890"
    assert best.confidence > 0.5


def test_two_codes_in_a_strip() -> None:
    press = Press(pixels=3, quiet=10)
    strip = np.concatenate([printed(msi_widths(text), press) for text in ("40815", "2718281")])
    assert [r.text for r in sorted(read_msi(strip), key=lambda r: r.start) if r.confidence > 0.3] == [
        "40815",
        "2718281",
    ]


def test_a_print_of_one_to_two_shows_its_ratio() -> None:
    assert read_msi(printed(msi_widths("135790", 2.0), Press()))[0].ratio == pytest.approx(2, abs=0.1)
    assert read_msi(printed(msi_widths("135790", 3.0), Press()))[0].ratio == pytest.approx(3, abs=0.15)


@pytest.mark.parametrize("cut", [3, 6, 11])
def test_a_part_of_a_code_is_no_code(cut: int) -> None:
    widths = msi_widths("1234567890")
    for part in (widths[2 * cut :], widths[: -2 * cut]):
        assert not [r for r in read_msi(printed(part, Press(pixels=3))) if r.confidence > 0.3]


def test_bars_without_ground_beside_them_are_no_code() -> None:
    # A bar two modules before the start, as within another code.
    widths = (2.0, 2.0, *msi_widths("482915"))
    assert not [r for r in read_msi(printed(widths, Press(pixels=3))) if r.confidence > 0.3]


@pytest.mark.parametrize("ground", [0.5, 1.5, 2.5])
def test_a_code_that_touches_the_end_of_the_strip_is_not_believed(ground: float) -> None:
    profile = printed(msi_widths("482915"), Press(pixels=4, quiet=8))
    cut = round((8 - ground) * 4)
    for part in (profile[cut:], profile[:-cut]):
        assert not [r for r in read_msi(part) if r.confidence > 0.3]


@pytest.mark.parametrize(
    ("text", "nearer", "noise", "seed"),
    [
        ("9305137", 0.2, 4, 72),
        ("1316152682", 0.2, 1, 110),
        ("067510304", 0.3, 4, 137),
        ("1234567890", 0.35, 0, 0),
    ],
)
def test_a_part_whose_pairs_fit_alone_is_not_believed(
    text: str, nearer: float, noise: float, seed: int
) -> None:
    profile = printed(msi_widths(text), Press(pixels=2, noise=noise, quiet=6), seed)
    leaning = seen_at_a_slant(profile, nearer)
    assert {reading.text for reading in read_msi(leaning) if reading.confidence > 0.3} <= {text}


def test_four_bits_above_nine_are_no_digit() -> None:
    bits = "1" + "0001" + "1010" + "0011" + "0110" + "0"
    widths = (*(w for bit in bits for w in ((2.0, 1.0) if bit == "1" else (1.0, 2.0))), 1.0)
    assert not [r for r in read_msi(printed(widths, Press(pixels=3))) if r.confidence > 0.3]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("12345674", {"mod 10", "mod 11 IBM"}),
        ("123456741", {"mod 10, mod 10", "mod 11 IBM, mod 10", "mod 10"}),
        ("12345679", {"mod 11 NCR"}),
        ("123456790", {"mod 11 NCR, mod 10", "mod 10"}),
        ("100910", {"mod 11 IBM", "mod 11 NCR"}),
        ("1234567", set()),
        ("7", set()),
    ],
)
def test_check_rules_of_known_texts(text: str, rules: set[str]) -> None:
    found = set(checks_of(text))
    assert rules <= found if rules else not found


@given(st.text("0123456789", min_size=1, max_size=20), st.sampled_from(sorted(set(CHECKED) - {"none"})))
def test_check_digits_obey_their_rule(text: str, rule: str) -> None:
    assert rule in checks_of(CHECKED[rule](text))


def test_few_texts_obey_a_rule_by_chance() -> None:
    by_chance = [is_reliable(checks_of(f"{number:06}")) for number in range(0, 1_000_000, 997)]
    assert 0.08 < np.mean(by_chance) < 0.14
    assert not is_reliable(("mod 11 IBM", "mod 11 NCR"))
