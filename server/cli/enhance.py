"""``gaopai enhance``: picture processing of files, folders and documents of many pages."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import TypeVar

from imgcore import codec
from imgcore.output.finish import ColourMode, OutputSettings
from imgcore.output.stamp import text_stamp
from imgcore.output.watermark import Watermark
from imgcore.settings import Crop, Fill, ImageType, Rect, Removal, Settings, WhenUnsure
from imgcore.types import Image, ImageError
from server.archive.pdfa import ADDED_BYTES
from server.batch.cluster import Cluster
from server.batch.faults import BatchFault, PageFault
from server.batch.journal import Journal
from server.batch.pages import JOINED, PAGED, OutputWriter, find_sources, read_page
from server.batch.report import Bar, Progress, Report
from server.batch.run import Batch, Sinks
from server.batch.work import FORMATS, EnhanceRequest, PageStamp, reason_of
from server.batch.workers import InProcess, PageRunner, Workers, stopping
from server.cli.files import nothing_in
from server.cli.guidance import said, terminal_language
from server.cli.terminal import raw
from server.documents import text_reader
from server.documents.typeface import typeface
from server.errors import GaopaiError, LocalizedText, ToolMissing
from server.runtime.background import supervise_thread
from server.telemetry.printable import printable

SUMMARY = "Crop, straighten and clean picture files."
Kind = TypeVar("Kind", bound=IntEnum)


def _words(kinds: Iterable[Kind]) -> dict[str, Kind]:
    """Return the values of an option by the words of the command: their names, but for one that is long."""
    words = {kind: kind.name.lower().replace("_", "-") for kind in kinds}
    return {"bw" if word == "black-white" else word: kind for kind, word in words.items()}


CROPS = _words(kind for kind in Crop if kind is not Crop.MANUAL)
IMAGE_TYPES = _words(ImageType)
FILLS = _words(Fill)
REMOVALS = _words(Removal)
HIDDEN = ("id", "bank", "phone", "name", "address", "portrait")
INTERRUPTED = 130
"""Exit status of a run that the user has interrupted: 128 and the number of SIGINT."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("inputs", nargs="+", type=Path, metavar="IN", help="picture files, PDFs or folders")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="folder to write to")
    parser.add_argument(
        "--crop",
        default="single",
        metavar="none|single|multi|curve|L,T,R,B",
        help="what becomes of the desk: one document is cut out, several, a bent page, or this rectangle",
    )
    parser.add_argument(
        "--when-unsure",
        default="whole",
        choices=[each.value for each in WhenUnsure],
        help="what to do with documents that are found and not trusted",
    )
    parser.add_argument(
        "--image-type", default="original", choices=IMAGE_TYPES, help="what the paper is made to look like"
    )
    parser.add_argument("--deskew", action="store_true", help="straighten the lines of text")
    parser.add_argument("--upright", action="store_true", help="turn by quarters until text stands upright")
    parser.add_argument("--fill", default="none", choices=FILLS, help="what missing corners become")
    parser.add_argument("--remove", default="none", choices=REMOVALS, help="what is taken off the page")
    parser.add_argument("--rotate", type=int, default=0, choices=(0, 90, 180, 270), help="degrees clockwise")
    parser.add_argument("--format", default="png", choices=FORMATS, help="format of the results")
    parser.add_argument(
        "--hide", type=_kinds, default=(), metavar="KIND,...", help=f"cover in each page: {', '.join(HIDDEN)}"
    )
    add_output_arguments(parser)
    levels = ("2b", "2u", "3b")
    parser.add_argument("--pdfa", default="", choices=levels, help="pdf to ISO 19005, not certified")
    parser.add_argument(
        "--small", action="store_true", help="small pdf: print as it is, paper and pictures in fewer bytes"
    )
    parser.add_argument(
        "--text", action="store_true", help="read the text: searchable pdf, or a txt beside each picture"
    )
    parser.add_argument(
        "--join",
        action="store_true",
        help="all pages of a file in one tif or pdf; gaopai merge joins several files",
    )
    parser.add_argument(
        "--workers", type=_count, default=0, metavar="N", help="processes; default: all cores"
    )
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="work on a Dask cluster, such as tcp://host:8786"
    )
    parser.add_argument("--force", action="store_true", help="do again what an earlier run has done")
    parser.add_argument("--json", action="store_true", help="print one JSON object a file")


def run(arguments: argparse.Namespace) -> int:
    """Enhance each file; return 1 if one failed, 2 for invalid arguments, 130 if interrupted."""
    output = arguments.output.absolute()
    try:
        _check_output(arguments.output)
        request = _request(arguments)
        runner = _runner(arguments, request)
        writer = OutputWriter(output, arguments.inputs)
    except (GaopaiError, BatchFault) as exc:
        print(f"gaopai: {printable(exc.message(terminal_language(os.environ)))}", file=sys.stderr)
        return 2
    except ImageError as exc:
        print(f"gaopai: {exc}", file=sys.stderr)
        return 2
    progress = _progress(arguments)
    report = Report(_printer(arguments, progress), arguments.json, terminal_language(os.environ))
    with ExitStack() as stack:
        try:
            journal = None if _is_one_picture(arguments.inputs) else stack.enter_context(Journal(output))
            sinks = Sinks(writer, journal, report, progress)
            batch = Batch(find_sources(arguments.inputs, output), request, sinks, arguments.force)
            stack.enter_context(stopping(batch.stop))
            batch.run(runner)
        except BatchFault as exc:
            return _concluded(progress, report, said(exc.text))
        except OSError as exc:
            return _concluded(progress, report, str(exc))
    if not report.files and not batch.stopped:
        print(f"gaopai: {printable(nothing_in(arguments.inputs))}", file=sys.stderr)
        return 1
    return _concluded(progress, report, "", batch.stopped)


def _check_output(output: Path) -> None:
    """Refuse the name of a file for the folder that results go to."""
    if output.is_dir() or not (output.exists() or output.suffix.lower().lstrip(".") in FORMATS):
        return
    raise BatchFault(
        LocalizedText(
            "{output} 是文件名，而 -o 要的是文件夹：gaopai enhance ... -o clean/，"
            "再用 gaopai merge clean/ -o one.pdf 合成一个文件",
            "{output} is the name of a file, and -o wants a folder: gaopai enhance ... -o clean/, "
            "then gaopai merge clean/ -o one.pdf for one file",
        ).filled(output=output)
    )


def _request(arguments: argparse.Namespace) -> EnhanceRequest:
    if arguments.join and arguments.format not in JOINED:
        raise BatchFault(
            LocalizedText(
                f"--join 需要 --format {'、'.join(JOINED)}", f"--join needs --format {', '.join(JOINED)}"
            )
        )
    if arguments.pdfa and arguments.format != "pdf":
        raise BatchFault(LocalizedText("--pdfa 需要 --format pdf", "--pdfa needs --format pdf"))
    if arguments.small and arguments.format != "pdf":
        raise BatchFault(LocalizedText("--small 需要 --format pdf", "--small needs --format pdf"))
    if arguments.text:
        _check_text(arguments)
    return EnhanceRequest(
        _settings(arguments),
        arguments.format,
        arguments.join,
        output_settings(arguments),
        arguments.font,
        arguments.text,
        arguments.hide,
        arguments.pdfa,
        arguments.small,
        _stamp(arguments),
    )


def _check_text(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be read or has no place for text, before any work."""
    if arguments.join and arguments.format != "pdf":
        raise BatchFault(
            LocalizedText(
                "--text 与 --join 一起使用时需要 --format pdf", "--text with --join needs --format pdf"
            )
        )
    if not arguments.cluster and not text_reader.is_there():
        raise ToolMissing(tool=text_reader.ENGINE)


def _concluded(progress: Progress, report: Report, error: str, stopped: bool = False) -> int:
    """Print the result and all failures; return the exit code."""
    progress.close()
    for line in report.failures():
        print(f"gaopai: {printable(line)}", file=sys.stderr)
    for line in report.doubts():
        print(f"gaopai: {printable(line)}", file=sys.stderr)
    if report.files > 1 or report.failed:
        print(f"gaopai: {report.summary()}", file=sys.stderr)
    if error:
        print(f"gaopai: {printable(error)}", file=sys.stderr)
    if stopped:
        again = LocalizedText(
            "处理 {files} 个文件后停止；再次运行同一命令即可继续",
            "stopped after {files} file(s); run the same command again to go on",
        )
        print(f"gaopai: {said(again.filled(files=report.files))}", file=sys.stderr)
        return INTERRUPTED
    return int(bool(report.failed or error))


def _runner(arguments: argparse.Namespace, request: EnhanceRequest) -> PageRunner:
    if arguments.cluster:
        return Cluster(request, arguments.cluster)
    if _is_one_picture(arguments.inputs):
        return InProcess(request)
    return Workers(request, arguments.workers or len(os.sched_getaffinity(0)))


def _is_one_picture(inputs: list[Path]) -> bool:
    """Return whether the input is a single page, which needs no second process and no journal."""
    (path, *more) = inputs
    return not more and not path.is_dir() and path.suffix.lower() not in PAGED


def _progress(arguments: argparse.Namespace) -> Progress:
    mixed = arguments.json and sys.stdout.isatty()
    if not sys.stderr.isatty() or mixed or _is_one_picture(arguments.inputs):
        return Progress()
    bar = Bar(raw(sys.stderr), time.monotonic)
    count = lambda: bar.expect(sum(1 for _ in find_sources(arguments.inputs, arguments.output)))  # noqa: E731
    supervise_thread("count of pictures", count, restart=False)
    return bar


def _printer(arguments: argparse.Namespace, progress: Progress) -> Callable[[str], None]:
    """Return a function that prints results, or drops them if a progress bar uses the terminal."""
    if isinstance(progress, Bar) and sys.stdout.isatty() and not arguments.json:
        return lambda _: None
    return lambda line: print(line, flush=True)


def _kinds(words: str) -> tuple[str, ...]:
    kinds = tuple(sorted(set(words.split(","))))
    if strange := sorted(set(kinds) - set(HIDDEN)):
        told = f"{', '.join(strange)} cannot be hidden; what can: {', '.join(HIDDEN)}"
        raise argparse.ArgumentTypeError(told)
    return kinds


def _count(word: str) -> int:
    count = int(word)
    if not 1 <= count <= 1024:
        raise argparse.ArgumentTypeError("from 1 to 1024")
    return count


def _settings(arguments: argparse.Namespace) -> Settings:
    """Return the settings of the arguments.

    Raises
    ------
    ImageError
        The settings contradict each other.
    """
    crop, rect = _crop(arguments.crop)
    return Settings(
        crop=crop,
        rect=rect,
        image_type=IMAGE_TYPES[arguments.image_type],
        fill=FILLS[arguments.fill],
        removal=REMOVALS[arguments.remove],
        rotate=arguments.rotate,
        deskew=arguments.deskew,
        upright=arguments.upright,
        when_unsure=WhenUnsure(arguments.when_unsure),
    )


def _crop(word: str) -> tuple[Crop, Rect | None]:
    if word in CROPS:
        return CROPS[word], None
    try:
        left, top, right, bottom = (int(number) for number in word.split(","))
    except ValueError as exc:
        raise ImageError(f"--crop {word!r} is none of {', '.join(CROPS)} or L,T,R,B") from exc
    return Crop.MANUAL, Rect(left, top, right, bottom)


COLOUR_MODES = {"original": ColourMode.AS_IS, "grey": ColourMode.GREY, "bw": ColourMode.BLACK_WHITE}
TILED = "tiled"
TILED_ANGLE = 30.0
"""Angle of a tiled watermark where none is given, in degrees."""


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    form = parser.add_argument_group("form of the results")
    form.add_argument("--quality", type=int, metavar="1-100", help="of jpg, webp and pdf; default: 92")
    form.add_argument(
        "--max-bytes",
        type=int,
        default=0,
        metavar="N",
        help="limit of each file, with --join of all pages together",
    )
    form.add_argument("--dpi", type=float, default=0.0, metavar="N", help="resolution to be stated")
    form.add_argument("--color-mode", default="original", choices=COLOUR_MODES, help="colours of the results")
    form.add_argument("--watermark", default="", metavar="TEXT", help="text over each picture, drawn last")
    places = (*map(str, range(9)), TILED)
    form.add_argument(
        "--watermark-position",
        default="8",
        choices=places,
        metavar="0-8|tiled",
        help="from the top left, row by row",
    )
    form.add_argument("--watermark-angle", type=float, metavar="DEGREES", help="counter-clockwise")
    form.add_argument(
        "--watermark-opacity", type=float, default=0.5, metavar="0-1", help="from unseen to solid"
    )
    form.add_argument(
        "--watermark-size", type=float, default=4.0, metavar="PERCENT", help="of the shorter side"
    )
    form.add_argument("--watermark-color", default="#606060", metavar="#RRGGBB", help="colour of the text")
    form.add_argument("--watermark-time", action="store_true", help="add date and time in a line")
    form.add_argument("--font", default="", metavar="FILE", help="font of the watermark and the stamp")
    looks = form.add_mutually_exclusive_group()
    looks.add_argument(
        "--stamp", type=Path, metavar="FILE", help="picture or pdf laid over each page; its white is no ink"
    )
    looks.add_argument(
        "--stamp-text",
        default="",
        metavar="TEXT",
        help="text in a frame laid over each page; {date} and {time} are those of today",
    )
    form.add_argument(
        "--stamp-position",
        type=int,
        default=8,
        choices=range(9),
        metavar="0-8",
        help="from the top left, row by row",
    )
    form.add_argument("--stamp-width", type=_width, default=40.0, metavar="MM", help="width of the stamp")
    form.add_argument("--stamp-color", default="#C00000", metavar="#RRGGBB", help="colour of its text")


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
        max_bytes=_room(arguments),
        dots=arguments.dpi,
        colour_mode=COLOUR_MODES[arguments.color_mode],
        watermark=watermark,
    )


def _room(arguments: argparse.Namespace) -> int:
    """Return the limit of a file but for what the archive format adds; 0 for none."""
    most: int = arguments.max_bytes
    return max(1, most - ADDED_BYTES) if most > 0 and arguments.pdfa else most


def _watermark(arguments: argparse.Namespace) -> Watermark | None:
    text = arguments.watermark.replace("\\n", "\n")
    if not text.strip():
        return None
    if arguments.watermark_time:
        text = f"{text}\n{datetime.now():%Y-%m-%d %H:%M:%S}"
    tiled = arguments.watermark_position == TILED
    angle = arguments.watermark_angle
    return Watermark(
        text=text,
        place=None if tiled else int(arguments.watermark_position),
        angle=angle if angle is not None else TILED_ANGLE if tiled else 0.0,
        opacity=arguments.watermark_opacity,
        size=arguments.watermark_size,
        colour=_bgr(arguments.watermark_color),
    )


def _stamp(arguments: argparse.Namespace) -> PageStamp | None:
    """Return the stamp of the arguments.

    Raises
    ------
    BatchFault, ImageError
        Its file cannot be read, or its colour is none.
    server.errors.FontMissing
        No font has all characters of its text.
    """
    if arguments.stamp is not None:
        look = _look(arguments.stamp)
    elif arguments.stamp_text.strip():
        now = datetime.now()
        text = arguments.stamp_text.replace("\\n", "\n")
        text = text.replace("{date}", f"{now:%Y-%m-%d}").replace("{time}", f"{now:%H:%M}")
        look = text_stamp(text, typeface(text, arguments.font), _bgr(arguments.stamp_color, "--stamp-color"))
    else:
        return None
    return PageStamp(codec.encode(look, "png"), arguments.stamp_position, arguments.stamp_width)


def _look(path: Path) -> Image:
    try:
        return read_page(path, 1).picture
    except (PageFault, GaopaiError, ImageError, OSError) as exc:
        reason = reason_of(exc)
        raise BatchFault(
            LocalizedText(f"--stamp {path}：{reason.zh}", f"--stamp {path}: {reason.en}")
        ) from exc


def _width(word: str) -> float:
    width = float(word)
    if not 1 <= width <= 500:
        raise argparse.ArgumentTypeError("from 1 to 500")
    return width


def _bgr(colour: str, option: str = "--watermark-color") -> tuple[int, int, int]:
    if not re.fullmatch("#[0-9A-Fa-f]{6}", colour):
        raise ImageError(f"{option} {colour!r} is no #RRGGBB")
    red, green, blue = bytes.fromhex(colour[1:])
    return blue, green, red
