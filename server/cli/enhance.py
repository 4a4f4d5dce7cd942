"""``gaopai enhance``: the service's picture processing on files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from imgcore import codec
from imgcore.pipeline import missing, process
from imgcore.settings import Crop, Fill, ImageType, Rect, Removal, Settings
from imgcore.types import ImageError
from server.cli.files import Unreadable, expand, read, tell
from server.errors import GaopaiError, NotAvailableYet
from server.services.features import named
from server.storage.root import Storage

SUMMARY = "Crop, straighten and clean picture files."
CROPS = {"none": Crop.NONE, "single": Crop.SINGLE, "multi": Crop.MULTI, "curve": Crop.CURVE}
IMAGE_TYPES = {
    "original": ImageType.ORIGINAL,
    "grey": ImageType.GREY,
    "bw": ImageType.BLACK_WHITE,
    "colour": ImageType.COLOUR,
    "red-stamp": ImageType.RED_STAMP,
    "blue-stamp": ImageType.BLUE_STAMP,
    "photo": ImageType.PHOTO,
    "receipt": ImageType.RECEIPT,
}
FILLS = {"none": Fill.NONE, "white": Fill.WHITE, "surround": Fill.SURROUND}
REMOVALS = {"none": Removal.NONE, "fingers": Removal.FINGERS, "holes": Removal.HOLES}
FORMATS = ("png", "jpg", "bmp", "tif", "webp")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("inputs", nargs="+", type=Path, metavar="IN", help="picture files or folders")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="folder to write to")
    parser.add_argument("--crop", default="single", metavar="none|single|multi|curve|L,T,R,B")
    parser.add_argument("--image-type", default="original", choices=IMAGE_TYPES)
    parser.add_argument("--deskew", action="store_true", help="straighten the lines of text")
    parser.add_argument("--fill", default="none", choices=FILLS)
    parser.add_argument("--remove", default="none", choices=REMOVALS)
    parser.add_argument("--rotate", type=int, default=0, choices=(0, 90, 180, 270), help="degrees clockwise")
    parser.add_argument("--format", default="png", choices=FORMATS)


def run(arguments: argparse.Namespace) -> int:
    """Enhance each file; 1 when one failed, 2 when nothing can be done as asked."""
    try:
        settings = _settings(arguments)
        output = Storage(arguments.output.absolute(), overwrite=True)
    except (ImageError, GaopaiError) as exc:
        print(f"gaopai: {exc}", file=sys.stderr)
        return 2
    failures = [
        path for path in expand(arguments.inputs) if not _try(path, settings, output, arguments.format)
    ]
    if failures:
        print(f"gaopai: {len(failures)} file(s) failed", file=sys.stderr)
    return int(bool(failures))


def _try(path: Path, settings: Settings, output: Storage, suffix: str) -> bool:
    """Enhance one file; whether it worked."""
    try:
        result = process(read(path), settings)
        pictures = [codec.encode(picture, suffix) for picture in result.pictures]
        for name, picture in zip(_names(path.stem, len(pictures), suffix), pictures, strict=True):
            print(output.save(name, picture))
    except (Unreadable, GaopaiError) as failure:
        tell(failure)
        return False
    except ImageError as failure:
        tell(Unreadable(path, str(failure)))
        return False
    return True


def _names(stem: str, count: int, suffix: str) -> list[str]:
    if count == 1:
        return [f"{stem}.{suffix}"]
    return [f"{stem}-{number}.{suffix}" for number in range(1, count + 1)]


def _settings(arguments: argparse.Namespace) -> Settings:
    """The settings asked for.

    Raises
    ------
    ImageError
        They contradict each other.
    NotAvailableYet
        This version does not offer one of them.
    """
    crop, rect = _crop(arguments.crop)
    settings = Settings(
        crop=crop,
        rect=rect,
        image_type=IMAGE_TYPES[arguments.image_type],
        fill=FILLS[arguments.fill],
        removal=REMOVALS[arguments.remove],
        rotate=arguments.rotate,
        deskew=arguments.deskew,
    )
    absent = missing(settings)
    if absent is not None:
        raise NotAvailableYet(feature=named(absent))
    return settings


def _crop(word: str) -> tuple[Crop, Rect | None]:
    if word in CROPS:
        return CROPS[word], None
    try:
        left, top, right, bottom = (int(number) for number in word.split(","))
    except ValueError as exc:
        raise ImageError(f"--crop {word!r} is none of {', '.join(CROPS)} or L,T,R,B") from exc
    return Crop.MANUAL, Rect(left, top, right, bottom)
