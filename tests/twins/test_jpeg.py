"""The JPEG kernels and their twins give the same bits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest

from imgcore.jpeg import CutOffJpeg, Pen, Workspace, drawing, reduction, rotation
from imgcore.jpeg import scan as scanning
from imgcore.jpeg.layout import header_length, parse_layout
from tests.unit.imgcore.jpeg.pictures import FACTORS, grey, jpeg, picture, pixels

# Their package exports functions of the same names.
jpeg_entropy = import_module("imgcore.kernels.jpeg_entropy")
jpeg_draw = import_module("imgcore.kernels.jpeg_draw")
jpeg_reduce = import_module("imgcore.kernels.jpeg_reduce")
jpeg_rotate = import_module("imgcore.kernels.jpeg_rotate")
compiled_entropy: ModuleType = pytest.importorskip(
    "imgcore.kernels._jpeg_entropy", reason="kernels not built"
)
compiled_draw: ModuleType = pytest.importorskip("imgcore.kernels._jpeg_draw", reason="not built")
compiled_reduce: ModuleType = pytest.importorskip("imgcore.kernels._jpeg_reduce", reason="not built")
compiled_rotate: ModuleType = pytest.importorskip("imgcore.kernels._jpeg_rotate", reason="not built")

JPEGS = {
    **{sampling: jpeg(picture(35, 41), sampling) for sampling in FACTORS},
    "restart": jpeg(picture(40, 33), restart=2),
    "grey": grey(picture(30, 30)),
    "optimised": jpeg(picture(40, 33), optimise=True),
    "cut off": jpeg(picture(40, 33))[:-80],
    "rich": jpeg(picture(24, 24), "420", quality=100),
}
STROKES = np.array([[3, 2, 30, 9], [30, 9, 12.5, 31]], np.float32)


def scanned(entropy: ModuleType, data: bytes) -> tuple[object, ...]:
    start = header_length(data)
    layout = parse_layout(data[:start])
    space = Workspace()
    space.load(data, start, layout)  # by the kernel that is in use; then again by the one asked for
    limits = space.ends[: layout.intervals]
    intervals, ended = entropy.jpeg_unstuff(np.frombuffer(data, np.uint8), start, space.clean, limits)
    across, down = layout.mcus
    planes = [np.full((down * c.v, across * c.h), 128, np.uint8) for c in layout.components]
    ends = space.ends[:intervals]
    read = entropy.jpeg_scan(space.clean, ends, layout, planes, space.bits, space.dcs)
    return (
        ended,
        read,
        ends.tolist(),
        space.clean[: ends[-1]].tobytes(),
        [plane.tolist() for plane in planes],
        space.bits[: read + 1].tolist(),
        space.dcs[: read + 1, : len(planes)].tolist(),
    )


@pytest.mark.parametrize("name", JPEGS)
def test_a_scan_finds_the_same(name: str) -> None:
    one, other = (scanned(kernel, JPEGS[name]) for kernel in (compiled_entropy, jpeg_entropy))
    if name == "cut off":  # where it breaks off inside an MCU is each one's own affair
        assert one[:4] == other[:4]
    else:
        assert one == other


@pytest.mark.parametrize("name", [name for name in JPEGS if name != "cut off"])
def test_stuffing_is_undone_and_done_again(name: str) -> None:
    data = JPEGS[name]
    space = Workspace()
    found = scanning.scan_jpeg(data, space)
    start = header_length(data)
    for kernel in (compiled_entropy, jpeg_entropy):
        out = np.zeros(3 * len(data), np.uint8)
        end = kernel.jpeg_stuff(space.clean, space.ends[: found.intervals], out, start)
        assert out[start:end].tobytes() == data[start:]


def unstuffed(entropy: ModuleType, data: bytes, start: int) -> tuple[int, bool, list[int], bytes]:
    clean = np.zeros(len(data) + 5000, np.uint8)
    ends = np.zeros(6, np.int64)
    count, complete = entropy.jpeg_unstuff(np.frombuffer(data, np.uint8), start, clean, ends)
    return count, complete, ends[:count].tolist(), clean[: ends[count - 1]].tobytes()


def test_any_bytes_are_unstuffed_alike() -> None:
    rng = np.random.default_rng(7)
    for _ in range(2000):
        data = bytes(rng.choice([0xFF, 0xFF, 0, 0xD0, 0xD9, 0xD8, 7], 24).tolist())
        start = int(rng.integers(0, 4))
        assert unstuffed(jpeg_entropy, data, start) == unstuffed(compiled_entropy, data, start), data.hex()


def test_fill_bytes_are_passed_over_once() -> None:
    # Looking through all that follow from each of these would take days.
    data = b"\xff" * (1 << 21) + b"\0"
    assert unstuffed(jpeg_entropy, data, 0) == unstuffed(compiled_entropy, data, 0)


@pytest.mark.parametrize("name", [name for name in JPEGS if name not in ("cut off", "optimised")])
def test_a_splice_is_the_same_but_for_rounding(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = scanning.scan_jpeg(JPEGS[name], Workspace())
    drawn = []
    for kernel in (compiled_draw, jpeg_draw):
        monkeypatch.setattr(drawing, "jpeg_draw", kernel.jpeg_draw)
        drawn.append(pixels(drawing.draw_lines(found, STROKES, Pen(3))).astype(int))
    # float32 and float64 may round one coefficient in thousands to the other side.
    assert np.abs(drawn[0] - drawn[1]).mean() < 0.05


@pytest.mark.parametrize("sampling", FACTORS)
def test_without_a_stroke_both_copy_every_bit(sampling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = JPEGS[sampling]
    for kernel in (compiled_draw, jpeg_draw):
        monkeypatch.setattr(drawing, "jpeg_draw", kernel.jpeg_draw)
        assert drawing.draw_lines(scanning.scan_jpeg(data, Workspace()), STROKES[:0], Pen(3)) == data


def test_no_mcu_that_a_stroke_touches_is_forgotten() -> None:
    random = np.random.default_rng(5)
    for _ in range(200):
        strokes = random.uniform(-40, 200, (3, 4)).astype(np.float32)
        radius = float(random.uniform(0.5, 9))
        one, other = np.zeros((2, 12, 10), np.uint8)
        compiled_draw.jpeg_mark(strokes, radius, 16, 8, one)
        jpeg_draw.jpeg_mark(strokes, radius, 16, 8, other)
        assert (one >= other).all()
        assert one.sum() <= other.sum() * 1.5 + 6


def test_threads_do_not_meet() -> None:
    def work(name: str) -> list[bytes]:
        space = Workspace()
        return [
            drawing.draw_lines(scanning.scan_jpeg(JPEGS[name], space), STROKES, Pen(3)) for _ in range(20)
        ]

    names = ["444", "422", "420", "restart"] * 2
    with ThreadPoolExecutor(4) as pool:
        for results in pool.map(work, names):
            assert len(set(results)) == 1


@pytest.mark.parametrize("name", ["444", "422", "420", "restart", "grey"])
@pytest.mark.parametrize("clockwise", [90, 180, 270])
def test_a_turn_gives_the_same_bits(name: str, clockwise: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = {"grey": grey(picture(32, 32))}.get(name) or jpeg(
        picture(32, 48), name if name in FACTORS else "422", restart=3 * (name == "restart")
    )
    results = []
    for kernel in (compiled_rotate, jpeg_rotate):
        monkeypatch.setattr(rotation, "jpeg_rotate", kernel.jpeg_rotate)
        results.append(rotation.rotate_jpeg(data, clockwise, Workspace()))
    assert results[0] == results[1]


@pytest.mark.parametrize("name", [name for name in JPEGS if name != "cut off"])
@pytest.mark.parametrize("factor", [2, 4])
def test_a_reduction_is_the_same_but_for_rounding(
    name: str, factor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    reduced = []
    for kernel in (compiled_reduce, jpeg_reduce):
        monkeypatch.setattr(reduction, "jpeg_reduce", kernel.jpeg_reduce)
        reduced.append(reduction.reduce_jpeg(JPEGS[name], factor, Workspace()))
    for one, other in zip(*reduced, strict=True):
        assert one.shape == other.shape
        assert np.abs(one.astype(int) - other).max() <= 1


def test_neither_reduces_what_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = JPEGS["422"]
    broken = whole[:-40] + bytes(38) + whole[-2:]
    for kernel in (compiled_reduce, jpeg_reduce):
        monkeypatch.setattr(reduction, "jpeg_reduce", kernel.jpeg_reduce)
        for data in (JPEGS["cut off"], broken):
            with pytest.raises(CutOffJpeg):
                reduction.reduce_jpeg(data, 2, Workspace())
