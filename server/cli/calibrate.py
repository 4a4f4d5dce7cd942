"""``gaopai calibrate``: true sizes and resolutions for a camera that stays where it is."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from imgcore.aspect import sheet_aspect
from imgcore.desk_calibration import CORNER_ERROR, measure_desk
from imgcore.desk_scale import DeskScale
from imgcore.outline import find_page
from imgcore.types import Image
from server import config as configuration
from server.config import Config
from server.devices.ports.camera import Camera, CameraMode
from server.equipment import camera_finders, camera_options
from server.services.cameras.kept import DeskScales
from server.services.cameras.registry import list_cameras
from server.streaming.pixels import BrokenFrame, pixels
from server.telemetry.printable import printable

SUMMARY = "Measure the scale of a camera's desk by an A4 sheet or a card; captures then carry their DPI."

Floats = npt.NDArray[np.float64]

SHEETS = {"a4": (297.0, 210.0), "a5": (210.0, 148.0), "letter": (279.4, 215.9), "id1": (85.6, 53.98)}
"""Sides of sheets in millimetres."""
FPS = 15.0
"""Frames a second that the camera is opened with, where it has a choice."""
WARM_UP_FRAMES = 10
"""Number of first frames that are not looked at, while the sensor settles."""
FRAMES = 5
"""Number of finds in a row that have to agree before a sheet counts as lying still."""
MOST_FRAMES = 60
"""Number of frames after which the search for a sheet that lies still is given up."""
READ_SECONDS = 8.0
"""Time limit for a frame of the camera, in seconds."""
STILL = 1e-3
"""Greatest movement of a corner of a sheet that lies still, in diagonals of the picture."""
WRONG_SHAPE = 0.08
"""Greatest relative error of a sheet's aspect, as perspective alone tells it."""
UNCERTAIN = 0.01
"""Relative error of the scale above which a larger sheet in the middle is advised."""


class NotCalibrated(Exception):
    """The desk cannot be measured; the text says why and what to do."""

    exit_code = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--sheet", type=_sides, default=SHEETS["a4"], metavar="SHEET",
        help=f"what lies under the camera: {', '.join(SHEETS)}, or its sides in mm as 240x140 (default: a4)",
    )  # fmt: skip
    parser.add_argument("--camera", type=int, default=0, metavar="N", help="which camera (default: 0)")
    parser.add_argument("--forget", action="store_true", help="forget the camera's scale")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")
    parser.add_argument("--demo", action="store_true", help="the demo camera too")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a sentence")


def _sides(text: str) -> tuple[float, float]:
    if text.lower() in SHEETS:
        return SHEETS[text.lower()]
    numbers = re.fullmatch(r"(\d+(?:\.\d+)?)[xX*](\d+(?:\.\d+)?)", text)
    sides = tuple(map(float, numbers.groups())) if numbers else ()
    if len(sides) != 2 or not all(10 <= side <= 2000 for side in sides):
        raise argparse.ArgumentTypeError(
            f"{text} is none of {', '.join(SHEETS)}, nor two sides of 10 to 2000 mm as 240x140"
        )
    return sides[0], sides[1]


def run(arguments: argparse.Namespace) -> int:
    """Measure and store; return 1 if nothing could be measured, 2 for a wrong configuration or file."""
    config = configuration.load(arguments.config)
    camera_options(config)
    scales = DeskScales(configuration.access_folder(config.access))
    camera = _camera(config, arguments.demo, arguments.camera)
    if arguments.forget:
        scales.keep(camera.info.id, None)
        print(f"the scale of {printable(camera.info.name)} is forgotten")
        return 0
    quad, picture = _resting_sheet(camera)
    scale = measure(quad, picture, arguments.sheet)
    scales.keep(camera.info.id, scale)
    _print(camera, scale, picture, uncertainty(quad, picture, arguments.sheet), arguments)
    return 0


def measure(quad: Floats, picture: tuple[int, int], sides: tuple[float, float]) -> DeskScale:
    """Return the scale of the desk from the outline of a sheet.

    Raises
    ------
    NotCalibrated
        The sheet has not these sides.
    """
    aspect = sheet_aspect(quad, picture)
    seen = max(aspect, 1 / aspect)
    known = max(sides) / min(sides)
    if abs(seen / known - 1) > WRONG_SHAPE:
        raise NotCalibrated(
            f"what lies there has the proportions {seen:.2f} : 1, and not {known:.2f} : 1 as a sheet of "
            f"{sides[0]:g} x {sides[1]:g} mm; name the right one with --sheet"
        )
    return measure_desk(quad, picture, sides)


def uncertainty(quad: Floats, picture: tuple[int, int], sides: tuple[float, float]) -> float:
    """Return the relative standard error of the sizes of sheets in the middle of the picture.

    Corners of the known sheet are moved at random: a small one far from the middle tells little.
    """
    random = np.random.default_rng(0)
    width, height = picture
    middle = np.array([(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]) * (width, height)
    sizes = []
    for _ in range(50):
        moved = quad + random.normal(0, CORNER_ERROR * np.hypot(width, height), (4, 2))
        sizes.append(measure_desk(moved, picture, sides).size(middle, picture) or (0.0, 0.0))
    return float((np.std(sizes, axis=0) / np.mean(sizes, axis=0)).max())


def _print(
    camera: Camera, scale: DeskScale, picture: tuple[int, int], error: float, arguments: argparse.Namespace
) -> None:
    width, height = picture
    middle = np.array([(0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)]) * (width, height)
    size = scale.size(middle, picture)
    assert size is not None
    dots = round(0.2 * width / size[0] * 25.4, 1)
    if arguments.json:
        print(json.dumps({"camera": camera.info.name, "dpi": dots, "uncertainty": round(error, 4)}))
        return
    print(f"{printable(camera.info.name)}: {dots:g} DPI at {width}x{height}, sizes within {2 * error:.1%}")
    if error > UNCERTAIN:
        print("gaopai: that is coarse; an A4 sheet in the middle of the picture tells more", file=sys.stderr)


def _camera(config: Config, demo: bool, number: int) -> Camera:
    found = asyncio.run(list_cameras(camera_finders(config, demo)))
    if 0 <= number < len(found):
        return found[number]
    if not found:
        raise NotCalibrated(
            "no camera is connected; plug it in (gaopai devices lists what is found), or try --demo"
        )
    named = "; ".join(f"{at}: {camera.info.name}" for at, camera in enumerate(found))
    raise NotCalibrated(f"there is no camera {number}" + (f"; those that are here: {named}" if named else ""))


def _resting_sheet(camera: Camera) -> tuple[Floats, tuple[int, int]]:
    """Return the outline of a sheet once it lies still, and the size of the pictures."""
    quads: list[Floats] = []
    for image in islice(_images(camera), MOST_FRAMES):
        outlines = find_page(image).outlines
        quads = [*quads[1 - FRAMES :], np.asarray(outlines[0].corners, np.float64)] if outlines else []
        quad = np.median(quads or [np.zeros((4, 2))], axis=0)
        picture = (image.shape[1], image.shape[0])
        if len(quads) == FRAMES and np.abs(np.array(quads) - quad).max() < STILL * np.hypot(*picture):
            return quad, picture
    raise NotCalibrated("no sheet lies still under the camera; lay one flat and whole into the picture")


def _images(camera: Camera) -> Iterator[Image]:
    """Yield pictures of the camera in its largest size."""
    kind = camera.info.media[0]
    stream = camera.open(CameraMode(kind.format, kind.sizes[0], FPS))
    try:
        stream.start()
        for _ in range(WARM_UP_FRAMES):
            stream.read(READ_SECONDS)
        while (frame := stream.read(READ_SECONDS)) is not None:
            try:
                yield pixels(frame)
            except BrokenFrame:
                continue
        raise NotCalibrated(f"{camera.info.name} sends no picture")
    finally:
        stream.close()
