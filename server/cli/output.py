"""Command line options for the form of pictures: quality, size, resolution, colours, watermark."""

from __future__ import annotations

import argparse
import re
from datetime import datetime

from imgcore.output.finish import ColourMode, OutputSettings
from imgcore.output.watermark import Watermark
from imgcore.types import ImageError
from server.documents.typeface import typeface

COLOUR_MODES = {"original": ColourMode.AS_IS, "grey": ColourMode.GREY, "bw": ColourMode.BLACK_WHITE}
TILED = "tiled"
TILED_ANGLE = 30.0


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    form = parser.add_argument_group("form of the results")
    form.add_argument("--quality", type=int, metavar="1-100", help="of jpg, webp and pdf; default: 92")
    form.add_argument("--max-bytes", type=int, default=0, metavar="N", help="limit of each page's file")
    form.add_argument("--dpi", type=float, default=0.0, metavar="N", help="resolution to be stated")
    form.add_argument("--color-mode", default="original", choices=COLOUR_MODES)
    form.add_argument("--watermark", default="", metavar="TEXT", help="text over each picture, drawn last")
    places = (*map(str, range(9)), TILED)
    form.add_argument("--watermark-position", default="8", choices=places, metavar="0-8|tiled")
    form.add_argument("--watermark-angle", type=float, metavar="DEGREES", help="counter-clockwise")
    form.add_argument("--watermark-opacity", type=float, default=0.5, metavar="0-1")
    form.add_argument(
        "--watermark-size", type=float, default=4.0, metavar="PERCENT", help="of the shorter side"
    )
    form.add_argument("--watermark-color", default="#606060", metavar="#RRGGBB")
    form.add_argument("--watermark-time", action="store_true", help="add date and time in a line")
    form.add_argument("--font", default="", metavar="FILE", help="font of the watermark")


def output_settings(arguments: argparse.Namespace) -> OutputSettings:
    """Return the settings of the arguments.

    Raises
    ------
    ImageError
        A value is out of its range.
    server.errors.FontMissing
        No font has all characters of the watermark.
    """
    watermark = _watermark(arguments)
    if watermark is not None:
        typeface(watermark.text, arguments.font)
    return OutputSettings(
        quality=arguments.quality,
        max_bytes=arguments.max_bytes,
        dots=arguments.dpi,
        colour_mode=COLOUR_MODES[arguments.color_mode],
        watermark=watermark,
    )


def _watermark(arguments: argparse.Namespace) -> Watermark | None:
    text = arguments.watermark.replace("\\n", "\n")
    if not text.strip():
        return None
    if arguments.watermark_time:
        text = f"{text}\n{datetime.now():%Y-%m-%d %H:%M:%S}"
    tiled, angle = arguments.watermark_position == TILED, arguments.watermark_angle
    return Watermark(
        text=text,
        place=None if tiled else int(arguments.watermark_position),
        angle=angle if angle is not None else TILED_ANGLE if tiled else 0.0,
        opacity=arguments.watermark_opacity,
        size=arguments.watermark_size,
        colour=_bgr(arguments.watermark_color),
    )


def _bgr(colour: str) -> tuple[int, int, int]:
    if not re.fullmatch("#[0-9A-Fa-f]{6}", colour):
        raise ImageError(f"--watermark-color {colour!r} is no #RRGGBB")
    red, green, blue = bytes.fromhex(colour[1:])
    return blue, green, red
