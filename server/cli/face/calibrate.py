"""``gaopai face calibrate``: calibration of a colour and an infrared camera with a real person."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from imgcore.face import Net, detect, largest
from imgcore.face.pair_calibration import CalibrationFailed, FacePairSample, PairCalibration, calibrate_pair
from imgcore.types import Image, ImageError
from server import config as configuration
from server.cli import files
from server.config import Config
from server.devices.ports.camera import Camera, CameraMode, CameraStream, Frame, Size
from server.equipment import camera_finders, camera_options
from server.services.cameras.registry import list_cameras
from server.services.faces.cameras import FaceCamera, face_cameras, nearest
from server.streaming.pixels import BrokenFrame, pixels

SIZES = (Size(1280, 720), Size(640, 480))
"""Requested sizes of the colour and the infrared camera; the nearest are used."""
FPS = 15.0
"""Frames a second that both cameras are opened with, where they have a choice."""
APART_SECONDS = 0.4
"""Least time between two samples, in which a person moves."""
SKEW_SECONDS = 0.05
"""Time, in seconds, by which a colour frame may be older than an infrared one before it is dropped; frames of
one sample are at most twice as far apart."""
READ_SECONDS = 5.0
"""Time limit for a frame of a camera, in seconds."""


class NoPair(LookupError):
    """There is no such pair; the text lists the present ones."""


def find_pair(config: Config, demo: bool, number: int) -> FaceCamera:
    """Return the pair with this number, as the service would list it."""
    found = asyncio.run(list_cameras(camera_finders(config, demo)))
    pairs = [face for face in face_cameras(found, config.faces.pairs) if face.infrared is not None]
    if number < len(pairs):
        return pairs[number]
    named = "; ".join(f"{at}: {pair.name}" for at, pair in enumerate(pairs))
    raise NoPair(
        f"there is no pair {number} of a colour and an infrared camera. "
        + (
            f"Those that are here: {named}"
            if pairs
            else "See [faces] pairs in the guide to the configuration"
        )
    )


def frames(face: FaceCamera, seconds: float) -> Iterator[tuple[Image, Image]]:
    """Yield simultaneous pictures in colour and infrared, for a number of seconds.

    Raises
    ------
    server.errors.GaopaiError
        A camera is in use, gone or broken.
    """
    until = time.monotonic() + seconds
    with ExitStack() as stack:
        streams = [stack.enter_context(_running(*one)) for one in zip(face.cameras, SIZES, strict=True)]
        last = 0.0
        while time.monotonic() < until:
            both = _simultaneous(streams)
            if both is not None and both[0].time >= last + APART_SECONDS:
                last = both[0].time
                try:
                    yield pixels(both[0]), pixels(both[1])
                except BrokenFrame:
                    continue


@contextmanager
def _running(camera: Camera, size: Size) -> Iterator[CameraStream]:
    choice = nearest(camera.info, size, FPS)
    kind = camera.info.media[choice.media]
    stream = camera.open(CameraMode(kind.format, kind.sizes[choice.resolution], FPS))
    try:
        stream.start()
        yield stream
        stream.stop()
    finally:
        stream.close()


def _simultaneous(streams: Sequence[CameraStream]) -> tuple[Frame, Frame] | None:
    """Return the next infrared frame and the colour frame of the same moment; None if one is missing."""
    colour, infrared = streams
    partner = infrared.read(READ_SECONDS)
    frame = colour.read(READ_SECONDS)
    while frame is not None and partner is not None and frame.time < partner.time - SKEW_SECONDS:
        frame = colour.read(READ_SECONDS)
    if frame is None or partner is None or abs(frame.time - partner.time) > 2 * SKEW_SECONDS:
        return None
    return frame, partner


SUMMARY = "calibrate an infrared camera with its colour camera, and print the configuration"
SAMPLE_SECONDS = 3.0
"""Time limit per sample, in which the person has to move."""
FAR = 1.0
"""Least movement of the face, in widths of the face."""
KEYS = (
    "affine",
    "aspects",
    "unlit",
    "brightness",
    "most_saturated",
    "least_contrast",
    "least_relief",
    "least_texture",
)
"""Calibrated keys, in the order of the guide."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "pictures", nargs="*", type=Path, metavar="FILE",
        help="pairs of pictures, each in colour and then in infrared; without any a plugged pair is used",
    )  # fmt: skip
    parser.add_argument("--camera", type=int, default=0, metavar="N", help="which pair (default: 0)")
    parser.add_argument("--looks", type=int, default=20, help="looks at the person (default: %(default)s)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")
    parser.add_argument("--demo", action="store_true", help="the demo pair too")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of TOML")


def run(arguments: argparse.Namespace, detector: Net) -> int:
    """Print the section; return 1 if the calibration fails, 2 for invalid arguments or configuration."""
    if len(arguments.pictures) % 2:
        print("gaopai: pictures come in pairs: COLOUR INFRARED COLOUR INFRARED ...", file=sys.stderr)
        return 2
    try:
        pairs = list(_from_files(arguments.pictures, detector) or _from_cameras(arguments, detector))
        found = calibrate_pair(pairs)
    except (files.Unreadable, ImageError, CalibrationFailed, LookupError) as error:
        files.print_error(error)
        return 1
    _warn(found)
    print(json.dumps(plain(found)) if arguments.json else toml(found))
    return 0


def _warn(found: PairCalibration) -> None:
    if found.weak:
        print(
            f"gaopai: {', '.join(found.weak)}: below the default, so that prints may pass. "
            "Was a real person there, with the infrared light on and no wall close behind?",
            file=sys.stderr,
        )
    if found.moved < FAR:
        print(
            f"gaopai: the face moved by {found.moved:.1f} of its width only. "
            "Look from more places: near, far, left, right",
            file=sys.stderr,
        )


def plain(found: PairCalibration) -> dict[str, object]:
    """Return the calibration for JSON: the keys of the section, and figures of its quality."""
    values = asdict(found.settings)
    return {
        "pairs": found.pairs,
        "agreeing": round(found.agreeing, 3),
        "leastOverlap": round(found.least_overlap, 3),
        "weak": list(found.weak),
        "moved": round(found.moved, 2),
        "depth": [round(value, 4) for value in found.depth],
        "settings": {key: _rounded(values[key]) for key in KEYS},
    }


def toml(found: PairCalibration) -> str:
    """Return the section for the configuration."""
    values = asdict(found.settings)
    return "\n".join(
        [
            "[faces.liveness.infrared]",
            f"# {found.pairs} pairs, {found.agreeing:.0%} of the points agree, boxes overlap by "
            f"{found.least_overlap:.2f} and more",
            *(f"{key} = {json.dumps(_rounded(values[key]))}" for key in KEYS),
        ]
    )


def _rounded(value: float | Sequence[float]) -> float | list[float]:
    return round(value, 4) if isinstance(value, float) else [round(one, 4) for one in value]


def _from_files(paths: Sequence[Path], detector: Net) -> list[FacePairSample]:
    found = []
    for colour, infrared in zip(paths[::2], paths[1::2], strict=True):
        pair = _pair(files.read(colour), files.read(infrared), detector)
        if pair is None:
            print(f"gaopai: no face in {colour} or in {infrared}", file=sys.stderr)
        else:
            found.append(pair)
    return found


def _from_cameras(arguments: argparse.Namespace, detector: Net) -> Iterator[FacePairSample]:
    """Yield samples of a pair of cameras that have a face in both pictures."""
    if arguments.pictures:
        return
    config = configuration.load(arguments.config)
    camera_options(config)
    face = find_pair(config, arguments.demo, arguments.camera)
    print(f"{face.name}: look into it, and move: near, far, left, right.", file=sys.stderr)
    missing = arguments.looks
    for colour, infrared in frames(face, SAMPLE_SECONDS * missing):
        pair = _pair(colour, infrared, detector)
        if pair is not None:
            missing -= 1
            yield pair
        if missing <= 0:
            return


def _pair(colour: Image, infrared: Image, detector: Net) -> FacePairSample | None:
    face = largest(detect(colour, detector))
    partner = largest(detect(infrared, detector))
    return None if face is None or partner is None else FacePairSample(colour, face, infrared, partner)
