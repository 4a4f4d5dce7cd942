"""JPEGs worked on in the compressed domain, beside decoding and encoding them."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import report
from benchmarks.streaming.frames import SIZES, cache_folder, frames
from imgcore.jpeg import Pen, Workspace, draw_lines, rotate_jpeg, scan_jpeg, strokes_of

Image = npt.NDArray[np.uint8]
Work = Callable[[], object]
Times = dict[str, float]

PLANES = find_spec("simplejpeg") is not None
QUALITY = 85
GREEN = {"B": 0, "G": 255, "R": 0, "Y": 150, "U": 44, "V": 21}
HEAD = (
    *("size", "scan", "libjpeg-turbo grey 1/8", "ratio"),
    *("scan + lines", "decode + lines + encode BGR", "ratio", "the same with planes", "ratio"),
    *("turn 90", "decode + rotate + encode", "ratio"),
)
TEXT = """
{machine}

Milliseconds of the thread's processor time for one frame (a rendered page, quality 85, 4:2:2, about one bit a
pixel), medians of {rounds} interleaved repetitions; a ratio below 1 means that gaopai takes that part of the
time. A *scan* finds a grey picture of an eighth, equal to that of libjpeg-turbo, and where everything is;
*lines* are the outline of a page. OpenCV (with libjpeg-turbo) decodes and encodes BGR.
{planes}

{table}
"""
WITH_PLANES = (
    "*Planes* leave out colour conversion: PyAV decodes (a fifth slower than libjpeg-turbo would),\n"
    "simplejpeg encodes (with libjpeg-turbo)."
)
WITHOUT_PLANES = "Planes were not measured: simplejpeg is not installed (`pip install simplejpeg`)."


def main(arguments: Sequence[str] = ()) -> int:
    """Measure, print the table and put it into the page of results."""
    options = _options(arguments)
    cv2.setNumThreads(1)
    rows = []
    for size in options.sizes:
        frame = frames(size, options.cache)[0]
        rows.append([size, *_row(measure(_work(frame), options.rounds))])
    text = TEXT.format(
        machine=report.machine(["numpy", "opencv-contrib-python", "av", *(["simplejpeg"] if PLANES else [])]),
        rounds=options.rounds,
        planes=WITH_PLANES if PLANES else WITHOUT_PLANES,
        table=report.table(HEAD, rows),
    )
    report.publish("jpeg", "JPEG in the compressed domain", text, options.quick)
    return 0


def measure(work: dict[str, Work], rounds: int) -> Times:
    """Milliseconds of each piece of work: medians of interleaved rounds, so that other load hits all."""
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds + 1):
        for name, function in work.items():
            begin = time.thread_time()
            function()
            taken[name].append((time.thread_time() - begin) * 1e3)
    # The first round makes room.
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks jpeg", description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["1080p", "5 MP", "8 MP"])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--cache", type=Path, default=cache_folder())
    parser.add_argument("--quick", action="store_true", help="one small size, and nothing is written")
    options = parser.parse_args(arguments)
    if options.quick:
        options.sizes = ["VGA"]
        options.rounds = 3
    return options


def _row(times: Times) -> list[str]:
    ours = times["scan"] + times["lines"]
    return [
        *_compared(times["scan"], times["eighth"]),
        *_compared(ours, times["bgr"]),
        *_compared(ours, times.get("planes"))[1:],
        *_compared(times["turn"], times["rotate"]),
    ]


def _compared(ours: float, theirs: float | None) -> list[str]:
    if theirs is None:
        return [f"{ours:.2f}", "-", "-"]
    return [f"{ours:.2f}", f"{theirs:.2f}", f"{ours / theirs:.2f}"]


def _work(frame: bytes) -> dict[str, Work]:
    scanned = Workspace()
    other = Workspace()
    scan = scan_jpeg(frame, scanned)
    outline = _outline(scan.layout.width, scan.layout.height)
    thickness = max(2, round(scan.layout.width / 480))
    strokes = strokes_of(outline, closed=True)
    pen = Pen(thickness)
    work: dict[str, Work] = {
        "scan": lambda: scan_jpeg(frame, other),
        "eighth": lambda: _decoded(frame, cv2.IMREAD_REDUCED_GRAYSCALE_8),
        "lines": lambda: draw_lines(scan, strokes, pen),
        "bgr": lambda: _encoded(_painted(_decoded(frame), outline, thickness, "BGR")),
        "turn": lambda: rotate_jpeg(frame, 90, other),
        "rotate": lambda: _encoded(
            np.asarray(cv2.rotate(_decoded(frame), cv2.ROTATE_90_CLOCKWISE), np.uint8)
        ),
    }
    if PLANES:
        work["planes"] = _planar(frame, outline, thickness)
    return work


def _outline(width: int, height: int) -> npt.NDArray[np.float32]:
    corners = [[0.3, 0.1], [0.7, 0.12], [0.71, 0.9], [0.28, 0.88]]
    return (np.array(corners) * (width, height)).astype(np.float32)


def _decoded(frame: bytes, how: int = cv2.IMREAD_COLOR) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(frame, np.uint8), how), np.uint8)


def _encoded(image: Image) -> bytes:
    # OpenCV's 4:2:0 has less to encode than what comes in, which is to its advantage.
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def _painted(image: Image, outline: npt.NDArray[np.float32], thickness: int, channels: str) -> Image:
    points = np.round(outline * 16).astype(np.int32)
    level = [GREEN[channel] for channel in channels]
    return np.asarray(cv2.polylines(image, [points], True, level, thickness, cv2.LINE_AA, 4), np.uint8)


def _planar(frame: bytes, outline: npt.NDArray[np.float32], thickness: int) -> Work:
    import simplejpeg  # noqa: PLC0415 - no dependency of ours

    decoder = av.CodecContext.create("mjpeg", "r")
    decoder.thread_count = 1

    def work() -> bytes:
        (picture,) = decoder.decode(av.Packet(frame))
        planes = []
        for name, plane in zip("YUV", picture.planes, strict=True):
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
            image = rows[:, : plane.width].copy()
            scale = (plane.width / picture.width, plane.height / picture.height)
            planes.append(_painted(image, (outline * scale).astype(np.float32), thickness, name))
        encoded: bytes = simplejpeg.encode_jpeg_yuv_planes(*planes, quality=QUALITY)
        return encoded

    return work


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
