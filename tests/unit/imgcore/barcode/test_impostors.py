"""What is neither MSI nor Pharmacode is not read as such: other codes, text, noise."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imgcore.barcode.code import Reading
from imgcore.barcode.msi.decoder import read_msi
from imgcore.barcode.pharmacode.decoder import read_pharmacode
from tests.extent import extent
from tests.unit.imgcore.barcode.profiles import (
    Press,
    Profile,
    msi_widths,
    pharmacode_widths,
    printed,
    text_widths,
)

pytestmark = pytest.mark.long

DIGITS = {"EAN13": 12, "EAN8": 7, "UPCA": 11, "ITF": 10, "Code128": 8, "Code39": 6, "Code93": 7, "Codabar": 5}


def others(kind: str, count: int) -> list[Profile]:
    """Codes of another kind, printed well and badly."""
    zxingcpp = pytest.importorskip("zxingcpp", reason="draws the other codes")
    random = np.random.default_rng(sum(map(ord, kind)))
    profiles = []
    for seed in range(count):
        text = "".join(map(str, random.integers(0, 10, DIGITS[kind])))
        text = f"A{text}B" if kind == "Codabar" else text
        code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
        row = np.array(code.to_image(scale=1, add_quiet_zones=False))[3]
        widths = [float(len(list(run))) for _, run in groupby(row.tolist())]
        press = Press(
            pixels=random.choice([1.5, 2, 3, 4]),
            blur=random.choice([0.3, 0.6, 0.9]),
            noise=random.choice([0, 2, 6]),
            spread=random.uniform(-0.3, 0.3),
            shade=random.uniform(0, 0.4),
            quiet=random.uniform(5, 12),
        )
        profiles.append(printed(tuple(widths[: len(widths) - 1 + len(widths) % 2]), press, seed))
    return profiles


def believed(profile: Profile) -> list[Reading]:
    return [
        *(reading for reading in read_msi(profile) if reading.confidence > 0.3),
        *(reading for reading in read_pharmacode(profile) if reading.confidence > 0.5),
    ]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kind", sorted(DIGITS))
def test_other_codes(kind: str) -> None:
    assert not [reading for profile in others(kind, extent(4, 12)) for reading in believed(profile)]


def test_each_is_not_the_other() -> None:
    random = np.random.default_rng(3)
    for _ in range(extent(6, 15)):
        text = "".join(map(str, random.integers(0, 10, 8)))
        msi = printed(msi_widths(text), Press(pixels=3, blur=0.5))
        assert {reading.text for reading in believed(msi)} == {text}
        value = int(random.integers(127, 131070))
        pharmacode = printed(pharmacode_widths(value), Press(pixels=3, blur=0.5))
        assert {reading.text for reading in believed(pharmacode)} <= {str(value)}


def test_lines_of_text() -> None:
    for seed in range(extent(5, 25)):
        press = Press(pixels=3, blur=0.4, noise=3, white=230, black=100)
        assert not believed(printed(text_widths(seed), press, seed))


def test_noise() -> None:
    random = np.random.default_rng(11)
    for size in range(40, 640, extent(100, 20)):
        assert not believed(random.normal(128, 40, size).astype(np.float32))
        assert not believed(np.cumsum(random.normal(0, 10, size)).astype(np.float32))


@pytest.mark.parametrize("period", [3.0, 5.5, 9.0, 16.0])
def test_gratings(period: float) -> None:
    wave = 128 + 100 * np.sin(np.arange(400) * (2 * np.pi / period))
    assert not believed(wave.astype(np.float32))


@settings(max_examples=extent(20, 50))
@given(arrays.arrays(np.float32, st.integers(0, 160), elements=st.floats(0, 255, width=32)))
def test_anything_is_answered(profile: Profile) -> None:
    for reading in (*read_msi(profile), *read_pharmacode(profile)):
        assert 0 <= reading.confidence <= 1
        assert reading.start < reading.end
