"""Whatever bytes come in, a picture or an `ImageError` comes out, before memory is spent."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imgcore import codec, tiff
from imgcore.types import Image, ImageError

LIMIT = 1 << 20


def picture(rows: int = 24, cols: int = 40) -> Image:
    """Each corner of its own colour, so that every turn shows."""
    corners = np.array([[(30, 60, 220), (40, 200, 50)], [(230, 80, 30), (240, 240, 240)]], np.uint8)
    return np.asarray(cv2.resize(corners, (cols, rows), interpolation=cv2.INTER_LINEAR), np.uint8)


def saved(image: PIL.Image.Image, kind: str, **options: object) -> bytes:
    sink = io.BytesIO()
    image.save(sink, kind, **options)
    return sink.getvalue()


def pillow(image: Image) -> PIL.Image.Image:
    return PIL.Image.fromarray(image[:, :, ::-1] if image.ndim == 3 else image)


SOUND = {
    "jpg": codec.encode(picture(), "jpg"),
    "grey jpg": codec.encode(picture()[:, :, 1], "jpg"),
    "progressive": saved(pillow(picture()), "JPEG", progressive=True),
    "png": codec.encode(picture(), "png"),
    "palette png": saved(pillow(picture()).quantize(16), "PNG"),
    "bmp": codec.encode(picture(), "bmp"),
    "tif": codec.encode(picture(), "tif"),
    "group 4": codec.encode(np.where(picture()[:, :, 1] > 128, 255, 0).astype(np.uint8), "tif"),
    "webp": codec.encode(picture(), "webp"),
}


@pytest.mark.parametrize("kind", ["png", "bmp", "tif", "tiff", "PNG"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9, 3), (7, 5), (24, 40, 3)])
def test_lossless_formats_give_back_every_pixel(kind: str, shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(codec.decode(codec.encode(image, kind), LIMIT), image)


@pytest.mark.parametrize("name", SOUND)
def test_every_kind_is_read(name: str) -> None:
    image = codec.decode(SOUND[name], LIMIT)
    assert image.shape[:2] == (24, 40)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert (image.ndim == 2) == (name in ("grey jpg", "group 4"))


@pytest.mark.parametrize("kind", ["png", "jpg", "tif"])
@pytest.mark.parametrize("image", [picture(), picture()[:, :, 1], np.full((9, 9), 255, np.uint8)])
def test_dots_an_inch_are_stated_where_they_are_known(kind: str, image: Image) -> None:
    image = np.ascontiguousarray(image)
    stated = codec.encode(image, kind, dots=204.0)
    silent = codec.encode(image, kind)
    with PIL.Image.open(io.BytesIO(stated)) as opened:
        assert np.allclose(opened.info["dpi"], 204, atol=0.1)
    np.testing.assert_array_equal(codec.decode(stated, LIMIT), codec.decode(silent, LIMIT))


def test_pure_black_and_white_becomes_group_4() -> None:
    page = np.full((2000, 1400), 255, np.uint8)
    page[100:1900:20, 100:1300] = 0
    data = codec.encode(page, "tif")
    assert len(data) < 50_000
    np.testing.assert_array_equal(codec.decode(data, 1 << 23), page)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_applied_once(kind: str, orientation: int) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 95} if kind != "TIFF" else {}
    data = saved(pillow(picture()), kind, exif=exif, **options)
    with PIL.Image.open(io.BytesIO(data)) as opened:
        expected = np.asarray(PIL.ImageOps.exif_transpose(opened).convert("RGB"))[:, :, ::-1]
    decoded = codec.decode(data, LIMIT)
    assert decoded.shape == expected.shape
    assert np.abs(decoded.astype(int) - expected).mean() < 3


def test_the_smallest_webp_is_read() -> None:
    one = b"RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0/\0\0\0\0E\x17#\xfa\x1f"
    assert codec.decode(one, LIMIT).tolist() == [[[139, 139, 139]]]


def test_cmyk_becomes_bgr() -> None:
    decoded = codec.decode(saved(pillow(picture()).convert("CMYK"), "JPEG", quality=95), LIMIT)
    assert decoded.shape == (24, 40, 3)
    assert np.abs(decoded.astype(int) - picture()).mean() < 8


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_become_eight(channels: int) -> None:
    shape = (5, 6) if channels == 1 else (5, 6, 3)
    deep = np.random.default_rng(2).integers(0, 1 << 16, shape, dtype=np.uint16)
    decoded = codec.decode(cv2.imencode(".png", deep)[1].tobytes(), LIMIT)
    np.testing.assert_array_equal(decoded, (deep >> 8).astype(np.uint8))


def test_transparency_lies_on_white() -> None:
    layered = np.zeros((1, 3, 4), np.uint8)
    layered[0, :, 3] = (255, 128, 0)
    decoded = codec.decode(cv2.imencode(".png", layered)[1].tobytes(), LIMIT)
    assert decoded[0, :, 0].tolist() == [0, 127, 255]


def frames() -> list[PIL.Image.Image]:
    return [pillow(picture()), pillow(picture()[::-1])]


def test_an_animated_gif_is_refused() -> None:
    with pytest.raises(ImageError, match="not a"):
        codec.decode(saved(frames()[0], "GIF", save_all=True, append_images=frames()[1:]), LIMIT)


@pytest.mark.parametrize("kind", ["WEBP", "MPO", "TIFF", "PNG"])
def test_of_several_frames_the_first_counts(kind: str) -> None:
    data = saved(frames()[0], kind, save_all=True, append_images=frames()[1:])
    decoded = codec.decode(data, LIMIT)
    assert np.abs(decoded.astype(int) - picture()).mean() < 20


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparent_kinds_of_every_format_lie_on_white(kind: str) -> None:
    layered = PIL.Image.new("RGBA", (40, 24), (0, 0, 0, 0))
    layered.paste((10, 20, 230, 255), (0, 0, 20, 24))
    decoded = codec.decode(saved(layered, kind), LIMIT)
    assert np.abs(decoded[12, 5].astype(int) - (230, 20, 10)).max() < 12
    assert decoded[12, 35].min() > 250


def test_grey_with_transparency_stays_grey() -> None:
    layered = PIL.Image.new("LA", (2, 1), (100, 255))
    layered.putpixel((1, 0), (100, 0))
    for kind in ("PNG", "TIFF"):
        assert codec.decode(saved(layered, kind), LIMIT).tolist() == [[100, 255]]


@pytest.mark.parametrize(
    ("lab", "channel"),
    [((136, 208, 195), 2), ((224, 42, 211), 1), ((82, 207, 20), 0)],
    ids=["red", "green", "blue"],
)
def test_lab_becomes_bgr(lab: tuple[int, int, int], channel: int) -> None:
    decoded = codec.decode(saved(PIL.Image.new("LAB", (2, 2), lab), "TIFF"), LIMIT)[0, 0].tolist()
    assert decoded.pop(channel) > 235
    assert max(decoded) < 60


@pytest.mark.parametrize("channels", [1, 3])
def test_a_deep_tiff_becomes_eight_bits(channels: int) -> None:
    shape = (5, 6) if channels == 1 else (5, 6, 3)
    deep = np.random.default_rng(2).integers(0, 1 << 16, shape, dtype=np.uint16)
    decoded = codec.decode(cv2.imencode(".tiff", deep)[1].tobytes(), LIMIT)
    np.testing.assert_array_equal(decoded, (deep >> 8).astype(np.uint8))


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_samples_that_have_no_shade_are_refused(kind: type) -> None:
    with pytest.raises(ImageError, match="32 bits"):
        codec.decode(saved(PIL.Image.fromarray(np.ones((4, 4), kind)), "TIFF"), LIMIT)


@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (100, 9_900), (9_900, 100), (1, 100)])
@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "tif"])
def test_odd_shapes_are_read(kind: str, rows: int, cols: int) -> None:
    image = np.full((rows, cols), 200, np.uint8)
    assert codec.decode(codec.encode(image, kind), LIMIT).shape[:2] == (rows, cols)


# Pages -----------------------------------------------------------------------------------


def paged(count: int) -> io.BytesIO:
    """A TIFF whose page n is of n + 1 columns."""
    pages = [PIL.Image.new("L", (number + 1, 3), 10 * number) for number in range(count)]
    return io.BytesIO(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))


def test_each_page_is_read_alone() -> None:
    assert tiff.count_tiff_pages(paged(5)) == 5
    page = tiff.read_tiff_page(paged(5), 3, LIMIT).picture
    assert page.shape == (3, 4)
    assert set(np.unique(page)) == {30}


@pytest.mark.parametrize(
    ("dpi", "orientation", "shape", "dots"),
    [
        ((200, 200), 1, (10, 20), 200),
        ((200, 100), 1, (20, 20), 200),
        ((100, 200), 1, (10, 40), 200),
        ((200, 100), 6, (20, 20), 200),
        ((204, 200), 1, (10, 20), 204),
        ((1, 1), 1, (10, 20), 0),
        ((2000, 100), 1, (10, 20), 2000),
    ],
)
def test_pixels_become_square(
    dpi: tuple[int, int], orientation: int, shape: tuple[int, int], dots: float
) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    data = saved(PIL.Image.new("L", (20, 10), 90), "TIFF", dpi=dpi, exif=exif)
    page = tiff.read_tiff_page(io.BytesIO(data), 0, LIMIT)
    assert page.picture.shape == shape
    assert page.dots == dots


def test_a_page_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ImageError):
        tiff.read_tiff_page(paged(2), 2, LIMIT)


def test_a_chain_of_pages_that_returns_to_itself_ends() -> None:
    data = bytearray(tiff_of(3, 3)[:-4])
    assert tiff.count_tiff_pages(io.BytesIO(bytes(data + struct.pack("<I", 8)))) == 1


def test_the_limit_counts_for_later_pages_too() -> None:
    small = PIL.Image.new("L", (4, 4))
    large = PIL.Image.new("L", (100, 100))
    stream = io.BytesIO(saved(small, "TIFF", save_all=True, append_images=[large]))
    assert tiff.read_tiff_page(stream, 0, 1000).picture.shape == (4, 4)
    with pytest.raises(ImageError, match="over the limit"):
        tiff.read_tiff_page(io.BytesIO(stream.getvalue()), 1, 1000)


# Bombs -----------------------------------------------------------------------------------


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(cols: int, rows: int) -> bytes:
    """A PNG that says it is so large, with a few bytes of pixels."""
    header = struct.pack(">IIBBBBB", cols, rows, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def jpeg_of(cols: int, rows: int) -> bytes:
    data = bytearray(SOUND["jpg"])
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", rows, cols)
    return bytes(data)


def bmp_of(cols: int, rows: int) -> bytes:
    data = bytearray(SOUND["bmp"])
    data[18:26] = struct.pack("<ii", cols, rows)
    return bytes(data)


def tiff_of(cols: int, rows: int) -> bytes:
    entries = [
        (256, 4, cols),
        (257, 4, rows),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (279, 4, 9),
    ]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + bytes(4)


def webp_of(cols: int, rows: int) -> bytes:
    extent = struct.pack("<I", cols - 1)[:3] + struct.pack("<I", rows - 1)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + extent + SOUND["webp"][12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


BOMBS = {
    "png": png_of(50_000, 50_000),
    "png beyond": png_of(0x7FFFFFFF, 0x7FFFFFFF),
    "jpeg": jpeg_of(65_500, 65_500),
    "bmp": bmp_of(50_000, 50_000),
    "bmp upside down": bmp_of(50_000, -50_000),
    "tiff": tiff_of(50_000, 50_000),
    "webp": webp_of(16_000, 16_000),
    "a little too large": codec.encode(np.zeros((1025, 1024), np.uint8), "png"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_a_pixel_is_decoded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*_: object) -> None:
        pytest.fail("pixels were decoded")

    monkeypatch.setattr(cv2, "imdecode", decoded)
    with pytest.raises(ImageError):
        codec.decode(BOMBS[name], LIMIT)


def test_only_the_limit_of_the_call_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow's own would refuse 200 megapixels."""
    monkeypatch.setattr(cv2, "imdecode", lambda *_: picture())
    data = png_of(20_000, 10_000)
    padded = data[:33] + chunk(b"tESt", bytes(600_000)) + data[33:]
    assert codec.decode(padded, 250_000_000).shape == (24, 40, 3)


def test_a_png_too_short_for_its_pixels_is_refused_before_they_are_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("pixels were decoded"))
    with pytest.raises(ImageError, match="ends early"):
        codec.decode(png_of(15_000, 15_000), 250_000_000)


def test_a_tiff_whose_resolution_is_no_number_states_none() -> None:
    # Found by fuzzing: a tag may have any type, here text.
    sink = io.BytesIO()
    PIL.Image.new("L", (8, 4), 9).save(sink, "TIFF", dpi=(300, 300))
    tag = struct.pack("<HHI", 282, 5, 1)
    assert tag in sink.getvalue()
    data = sink.getvalue().replace(tag, struct.pack("<HHI", 282, 2, 8))
    page = tiff.read_tiff_page(io.BytesIO(data), 0, LIMIT)
    assert (page.picture.shape, page.dots) == ((4, 8), 0.0)


def test_a_chunk_longer_than_its_png_is_refused_before_room_is_made_for_it() -> None:
    # Found by fuzzing: OpenCV took 2 GB and seconds for these 45 bytes.
    head = struct.pack(">II4sIIBBBBBI", 0x89504E47, 0x0D0A1A0A, b"IHDR", 16, 24, 8, 4, 0, 0, 0, 0x59A9B587)
    data = (
        head[:8] + struct.pack(">I", 13) + head[8:] + struct.pack(">I4s", 0x78000000, b"IEND") + b"\xaeB`\x82"
    )
    with pytest.raises(ImageError, match="ends early"):
        codec.decode(data, LIMIT)


@pytest.mark.long
def test_the_emptiest_png_there_is_is_read() -> None:
    blank = PIL.Image.new("1", (9000, 9000), 1)
    assert codec.decode(saved(blank, "PNG", compress_level=9), 1 << 27).shape == (9000, 9000)


def test_what_is_exactly_at_the_limit_is_read() -> None:
    data = codec.encode(np.zeros((1024, 1024), np.uint8), "png")
    assert codec.decode(data, LIMIT).shape == (1024, 1024)


# Damage ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SOUND)
def test_a_file_cut_short_is_refused_or_read_whole(name: str) -> None:
    data = SOUND[name]
    for length in range(0, len(data) - 1, max(1, len(data) // 60)):
        check(data[:length])


@pytest.mark.parametrize("name", ["jpg", "png", "webp", "bmp"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_half_a_file_is_no_picture(name: str, share: float) -> None:
    data = codec.encode(np.random.default_rng(1).integers(0, 256, (60, 80, 3), dtype=np.uint8), name)
    with pytest.raises(ImageError):
        codec.decode(data[: int(len(data) * share)], LIMIT)


@given(
    st.sampled_from(sorted(SOUND)), st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=6)
)
@settings(max_examples=250)
def test_damaged_bytes_give_a_picture_or_an_image_error(name: str, damage: list[tuple[int, int]]) -> None:
    data = bytearray(SOUND[name])
    for place, value in damage:
        data[place % len(data)] = value
    check(bytes(data))


@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*", b"RIFF", b""]),
    st.binary(),
)
@example(b"RIFF", b"\0\0\0\0WEBPVP8 ")
@example(b"II*\0", b"\xff\xff\xff\xff")
@settings(max_examples=150)
def test_any_bytes_give_a_picture_or_an_image_error(magic: bytes, rest: bytes) -> None:
    check(magic + rest)


def check(data: bytes) -> None:
    try:
        image = codec.decode(data, LIMIT)
    except ImageError as refusal:
        assert str(refusal)
    else:
        assert image.dtype == np.uint8
        assert image.shape[0] * image.shape[1] <= LIMIT


@pytest.mark.parametrize("kind", ["gif", "exe", "", "jp2"])
def test_other_formats_are_not_written(kind: str) -> None:
    with pytest.raises(ImageError, match="no encoder"):
        codec.encode(picture(), kind)


def test_a_picture_too_large_for_its_format_is_refused() -> None:
    with pytest.raises(ImageError, match="16384"):
        codec.encode(np.zeros((1, 16384, 3), np.uint8), "webp")


@pytest.mark.parametrize(("ink", "ground"), [(255, 0), (40, 255)])
def test_white_letters_on_nothing_are_seen(ink: int, ground: int) -> None:
    layered = np.zeros((40, 80, 4), np.uint8)
    layered[10:30, 20:60] = (ink, ink, ink, 255)
    picture = codec.decode(cv2.imencode(".png", layered)[1].tobytes(), 10_000)
    assert picture.shape == (40, 80, 3)
    assert (picture[0, 0] == ground).all() and (picture[20, 40] == ink).all()
