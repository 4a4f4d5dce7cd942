"""``gaopai face calibrate``: calibration of a colour and an infrared camera with a real person."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from imgcore.face import Net, detect, largest
from imgcore.face.pair_calibration import CalibrationFailed, FacePairSample, PairCalibration, calibrate_pair
from imgcore.types import Image, ImageError
from server import config as configuration
from server.cli import files
from server.finders import camera_options

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
    cameras = import_module("server.cli.face.pair_frames")
    face = cameras.find_pair(config, arguments.demo, arguments.camera)
    print(f"{face.name}: look into it, and move: near, far, left, right.", file=sys.stderr)
    missing = arguments.looks
    for colour, infrared in cameras.frames(face, SAMPLE_SECONDS * missing):
        pair = _pair(colour, infrared, detector)
        if pair is not None:
            missing -= 1
            yield pair
        if missing <= 0:
            return


def _pair(colour: Image, infrared: Image, detector: Net) -> FacePairSample | None:
    face, partner = largest(detect(colour, detector)), largest(detect(infrared, detector))
    return None if face is None or partner is None else FacePairSample(colour, face, infrared, partner)
