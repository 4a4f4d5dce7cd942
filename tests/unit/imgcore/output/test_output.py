"""Files of finished pictures: colours, quality, size, resolution."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest

from imgcore.codec import decode, has_quality, with_dots
from imgcore.output.finish import (
    LEAST_SIDE,
    ColourMode,
    Encoded,
    OutputSettings,
    TooManyBytes,
    encode_within,
    finish,
)
from imgcore.types import Image, ImageError

RANDOM = np.random.default_rng(3)
NOISE: Image = RANDOM.integers(0, 256, (600, 800, 3), np.uint8)


def length(limit: int, suffix: str = "jpg", quality: int | None = None) -> Encoded:
    return encode_within(NOISE, suffix, OutputSettings(quality, limit))


def test_of_the_qualities_that_fit_the_best_is_taken() -> None:
    free = len(encode_within(NOISE, "jpg", OutputSettings(75)).data)
    fitting = length(free)
    assert len(fitting.data) <= free and (fitting.width, fitting.height) == (800, 600)
    # One step more would not have fit.
    sizes = [len(encode_within(NOISE, "jpg", OutputSettings(quality)).data) for quality in range(70, 80)]
    assert len(fitting.data) == max(size for size in sizes if size <= free)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_what_no_quality_brings_down_is_made_smaller(suffix: str) -> None:
    tight = length(12_000, suffix)
    assert len(tight.data) <= 12_000 and tight.width < 800
    assert tight.width / tight.height == pytest.approx(800 / 600, rel=0.02)
    assert decode(tight.data, 10**6).shape[:2] == (tight.height, tight.width)
    assert tight.scale == pytest.approx(tight.width / 800)


def test_the_quality_asked_for_is_the_most() -> None:
    asked = encode_within(NOISE, "jpg", OutputSettings(40))
    assert length(10**6, quality=40).data == asked.data
    assert len(length(len(asked.data) - 1, quality=40).data) < len(asked.data)
    assert length(3000, quality=10).width < 800


def test_the_wrapping_counts() -> None:
    wrapped = encode_within(NOISE, "jpg", OutputSettings(max_bytes=100_000), lambda data: data + bytes(5000))
    assert 90_000 < len(wrapped.data) <= 100_000


def test_what_cannot_be_made_so_small_says_how_small_it_is() -> None:
    for suffix in ("png", "bmp", "tif"):
        assert not has_quality(suffix)
        with pytest.raises(TooManyBytes) as caught:
            length(1000, suffix)
        assert caught.value.size > 100_000 and caught.value.limit == 1000
    with pytest.raises(TooManyBytes):
        encode_within(np.resize(NOISE, (LEAST_SIDE, 2000, 3)), "jpg", OutputSettings(max_bytes=1000))


def stated(data: bytes) -> float:
    with PIL.Image.open(io.BytesIO(data)) as opened:
        return float(opened.info["dpi"][0])


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_the_resolution_is_stated_and_follows_the_size(suffix: str) -> None:
    assert stated(encode_within(NOISE, suffix, OutputSettings(dots=300)).data) == pytest.approx(300, abs=0.1)
    if has_quality(suffix):
        smaller = encode_within(NOISE, suffix, OutputSettings(max_bytes=12_000, dots=300))
        assert stated(smaller.data) == pytest.approx(300 * smaller.scale, abs=1)


def test_a_jpeg_without_a_header_for_it_gets_one() -> None:
    sink = io.BytesIO()
    PIL.Image.fromarray(NOISE).save(sink, "JPEG")
    plain = sink.getvalue()
    bare = plain[:2] + plain[4 + int.from_bytes(plain[4:6]) :]
    assert b"JFIF" not in bare[:30]
    assert stated(with_dots(bare, 200)) == 200
    assert (decode(with_dots(bare, 200), 10**6) == decode(bare, 10**6)).all()


def test_colours_are_taken_away_and_never_added() -> None:
    grey = finish(NOISE, OutputSettings(colour_mode=ColourMode.GREY), None)
    assert grey.ndim == 2 and finish(grey, OutputSettings(colour_mode=ColourMode.GREY), None) is grey
    page = np.full((600, 800, 3), 235, np.uint8)
    page[100:110, 100:700] = 30
    pure = finish(page, OutputSettings(colour_mode=ColourMode.BLACK_WHITE), None)
    assert pure.ndim == 2 and set(np.unique(pure)) == {0, 255}
    assert finish(pure, OutputSettings(colour_mode=ColourMode.BLACK_WHITE), None) is pure
    assert finish(NOISE, OutputSettings(), None) is NOISE


@pytest.mark.parametrize("values", [{"quality": 0}, {"quality": 101}, {"max_bytes": -1}, {"dots": -1}])
def test_a_value_out_of_its_range_is_refused(values: dict[str, int]) -> None:
    with pytest.raises(ImageError):
        OutputSettings(**values)  # type: ignore[arg-type]
