"""The work itself: one page in, finished pictures out. Runs in any process, on any machine."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import cv2
import msgspec
import numpy as np

from imgcore import codec
from imgcore.fields import DocumentReader
from imgcore.output.finish import AS_MADE, ColourMode, OutputSettings, encode_within, finish
from imgcore.output.stamp import draw_stamps, stamp_at
from imgcore.output.watermark import Typeface, is_bilevel
from imgcore.pipeline import process
from imgcore.privacy import Copier, Hidden, UnreadablePage
from imgcore.settings import Settings
from imgcore.sheet_format import measure_sheet
from imgcore.text import TextLine, TextReader
from imgcore.types import CropOutcome, Image, ImageError, StageReport
from server.archive.pdfa import Level
from server.batch.faults import PageFault, out_of_memory
from server.batch.pages import Content, count_pages, read_page
from server.children.channel import Channel
from server.config import FaceLivenessConfig
from server.documents.geometry import assumed_dots
from server.documents.pdf_image import picture_to_pdf
from server.documents.small_page import small_page_within
from server.documents.text_layer import text_page, with_text
from server.documents.text_reader import model_contents, text_reader
from server.documents.typeface import typeface
from server.errors import GaopaiError, LocalizedText
from server.services.faces.engine import liveness_settings
from server.services.faces.onnx_engine import OnnxFaceEngine
from server.services.pictures.model_cache import ModelCache

FORMATS = ("png", "jpg", "bmp", "tif", "tiff", "webp", "pdf")
STAMP_PIXELS = 50_000_000
"""Largest picture of a stamp."""
_MOST_DOTS = 60_000.0
"""Largest resolution, in dots an inch, that is stated in a file, as the formats can state no more."""
_PAGES_SHARE = 0.97
"""Share of a file's limit of bytes for its pages: the rest is for what is around them."""


@dataclass(frozen=True, slots=True)
class PageStamp:
    """Stamp on every page.

    Attributes
    ----------
    image
        PNG, whose white is no ink.
    position
        0 to 8, from the top left to the bottom right, row by row.
    width
        Millimetres.
    """

    image: bytes = field(repr=False)
    position: int
    width: float


@dataclass(frozen=True, slots=True)
class EnhanceRequest:
    """The wish for every page.

    Attributes
    ----------
    format
        One of `FORMATS`.
    joined
        All pages of a file become one file, in a format that holds several.
    font
        File of the font of a watermark; empty for the best of the machine.
    text
        Read the text: below the pages of a PDF, invisible, and beside other pictures as a file.
    hide
        Kinds of `imgcore.privacy.Hidden` that are covered; a page without any is refused.
    pdfa
        Level of PDF/A of the results; empty for a plain PDF.
    small
        Pages of a PDF are made small, see `server.documents.small_page`.
    """

    settings: Settings
    format: str
    joined: bool = False
    output: OutputSettings = AS_MADE
    font: str = ""
    text: bool = False
    hide: tuple[str, ...] = ()
    pdfa: Level | Literal[""] = ""
    small: bool = False
    stamp: PageStamp | None = None

    @property
    def text_beside(self) -> bool:
        """True if each picture has a file with its text beside it."""
        return self.text and self.format != "pdf"

    def digest(self) -> str:
        """A short name for it, equal where the results are.

        Only what was asked for counts: a later version's new options, left alone, change nothing.
        """
        asked = {**_asked(self.settings), **_asked(self.output), **({"text": True} if self.text else {})}
        if self.hide:
            asked["hide"] = sorted(self.hide)
        if self.pdfa:
            asked["pdfa"] = self.pdfa
        if self.small:
            asked["small"] = True
        if self.stamp:
            look = blake2b(self.stamp.image, digest_size=8).hexdigest()
            asked["stamp"] = [look, self.stamp.position, self.stamp.width]
        text = json.dumps([asked, self.format], sort_keys=True)
        return blake2b(text.encode(), digest_size=8).hexdigest()


def _asked(settings: Settings | OutputSettings) -> dict[str, Any]:
    plain = {field.name: field.default for field in dataclasses.fields(settings)}
    return {name: value for name, value in dataclasses.asdict(settings).items() if value != plain[name]}


@dataclass(frozen=True, slots=True)
class PageResult:
    """The outcome of one page.

    Attributes
    ----------
    pages
        The number that the file has; 0 where it could not be counted.
    pictures
        Encoded, in reading order; empty with a failure.
    stages
        The pipeline's report, one object a stage: name, applied, ms, note, values.
    crops
        Outcome of the crop of each picture.
    milliseconds
        Wall time of it all, decoding and encoding included.
    failure
        The reason why there is no picture.
    texts
        UTF-8, of each picture that is to have it beside.
    """

    pages: int
    pictures: tuple[bytes, ...] = ()
    stages: tuple[dict[str, Any], ...] = ()
    milliseconds: float = 0.0
    failure: LocalizedText | None = None
    texts: tuple[bytes, ...] = ()
    crops: tuple[CropOutcome, ...] = ()


def enhance_page(content: Content, number: int, request: EnhanceRequest) -> PageResult:
    """Make pictures of one page; never raises.

    Parameters
    ----------
    number
        From 1. With 1 the pages are counted, too: the result of a later one repeats no count
        and has 0.
    """
    begun = time.perf_counter()
    pages = 0
    try:
        pages = count_pages(content) if number == 1 else 0
        page = read_page(content, number)
        result = _cache().use(
            request.settings,
            lambda models: process(page.picture, request.settings, time.perf_counter, models),
        )
        # Hidden words are in no text either.
        shown = _shown(result.pictures, request)
        if request.joined and request.output.max_bytes:
            request = _sharing(request, (pages or count_pages(content)) * len(shown))
        lines = [_reader().read(picture) if request.text else () for picture in shown]
        sheets = [
            measure_sheet(plain, crop, page.dots)
            for plain, crop in zip(result.plain, result.crops, strict=True)
        ]
        pictures = tuple(
            _encode(picture, request, sheet.dots, read)
            for picture, sheet, read in zip(shown, sheets, lines, strict=True)
        )
        crops = tuple(
            dataclasses.replace(crop, paper=sheet.format)
            for crop, sheet in zip(result.crops, sheets, strict=True)
        )
        texts = tuple(map(_text_file, lines)) if request.text_beside else ()
        stages = tuple(_plain(stage) for stage in result.report.stages)
        made = PageResult(pages, pictures, stages, texts=texts, crops=crops)
    except Exception as exc:  # noqa: BLE001 - one page's misfortune must not end a batch of thousands
        made = PageResult(pages, failure=reason_of(exc))
    return dataclasses.replace(made, milliseconds=(time.perf_counter() - begun) * 1000)


def _sharing(request: EnhanceRequest, count: int) -> EnhanceRequest:
    """Return a request whose limit of bytes is that of one of so many pages of a file."""
    room = max(1, int(_PAGES_SHARE * request.output.max_bytes / count))
    return dataclasses.replace(request, output=dataclasses.replace(request.output, max_bytes=room))


def _shown(pictures: Sequence[Image], request: EnhanceRequest) -> Sequence[Image]:
    """Return pictures as they may be seen."""
    return [without_private(picture, request.hide) for picture in pictures] if request.hide else pictures


@cache
def _cache() -> ModelCache:
    """Return the models of this process, whichever pages it works on."""
    return ModelCache()


@cache
def _reader() -> TextReader:
    return text_reader(model_contents(), threads=1)


def _text_file(lines: Sequence[TextLine]) -> bytes:
    return "".join(f"{line.text}\n" for line in lines).encode()


def _encode(picture: Image, request: EnhanceRequest, dots: float, lines: Sequence[TextLine]) -> bytes:
    settings = request.output.stating(min(dots, _MOST_DOTS))
    layer = text_page(lines, picture.shape)
    picture = finish(picture, settings, _font(request))
    if request.stamp:
        picture = _stamped(picture, request.stamp, settings)
    if request.format != "pdf":
        return encode_within(picture, request.format, settings).data
    # Pure black and white is embedded as CCITT, anything else as JPEG.
    suffix = "tif" if is_bilevel(picture) else "jpg"
    page = lambda packed: with_text(picture_to_pdf(packed, settings.dots), layer)  # noqa: E731
    if request.small:
        usual = encode_within(picture, suffix, dataclasses.replace(settings, max_bytes=0)).data
        made = _small(picture, settings.dots, len(usual))
        made = with_text(made, layer) if made else made
        if made and (not settings.max_bytes or len(made) <= settings.max_bytes):
            return made
    return encode_within(picture, suffix, settings, page).data


def _stamped(picture: Image, stamp: PageStamp, settings: OutputSettings) -> Image:
    rows, cols = picture.shape[:2]
    dots = settings.dots or assumed_dots(cols, rows)[0]
    look = _look(stamp.image, settings.colour_mode is not ColourMode.AS_IS)
    return draw_stamps(picture, [stamp_at(look, stamp.position, stamp.width / 25.4 * dots, (rows, cols))])


@cache
def _look(data: bytes, grey: bool) -> Image:
    look = codec.decode(data, STAMP_PIXELS)
    return np.asarray(cv2.cvtColor(look, cv2.COLOR_BGR2GRAY), np.uint8) if grey and look.ndim == 3 else look


def _small(picture: Image, dots: float, size: int) -> bytes:
    return small_page_within(picture, (dots, dots) if dots else None, _cache().page_layers(), size)


def _font(request: EnhanceRequest) -> Typeface | None:
    watermark = request.output.watermark
    return None if watermark is None else _typeface(watermark.text, request.font)


@cache
def _typeface(text: str, font: str) -> Typeface:
    return typeface(text, font)


def _plain(stage: StageReport) -> dict[str, Any]:
    return {
        "name": stage.name,
        "applied": stage.applied,
        "ms": round(stage.milliseconds, 2),
        "note": stage.note,
        "values": msgspec.to_builtins(stage.values, enc_hook=_builtin),
    }


def _builtin(value: Any) -> Any:
    """Replace values that JSON lacks: NumPy's numbers by numbers, anything else by its text."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def reason_of(exc: Exception) -> LocalizedText:
    """Return a reason for people, without anything of the content; an unforeseen error by kind and place."""
    match exc:
        case PageFault():
            return exc.text
        case GaopaiError():
            return LocalizedText(exc.message("zh"), exc.message("en"))
        case ImageError():
            return LocalizedText(f"无法处理该图片（{exc}）", str(exc))
        case MemoryError():
            return out_of_memory()
        case OSError():
            reason = exc.strerror or type(exc).__name__
            return LocalizedText(f"无法读取（{reason}）", f"it cannot be read ({reason})")
        case _:
            where = _place(exc)
            return LocalizedText(f"内部错误（{where}）", f"an internal error ({where})")


def _place(exc: Exception) -> str:
    """Return the kind of an exception and the line that raised it; its text may hold what it should not."""
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(exc).__name__
    module = trace.tb_frame.f_globals.get("__name__", "?")
    return f"{type(exc).__name__}, {module}:{trace.tb_lineno}"


_UNSURE = LocalizedText(
    "内容不能可靠识别，没有制作副本", "it cannot be read surely enough; no copy of it was made"
)
_NOTHING = LocalizedText(
    "没有找到要遮盖的内容，没有制作副本", "nothing that was to be hidden was found; no copy of it was made"
)


def without_private(image: Image, kinds: Collection[str]) -> Image:
    """Return a picture in which nothing of some kinds of `imgcore.privacy.Hidden` is left.

    Raises
    ------
    PageFault
        It cannot be read surely, or has nothing of the kind.
    server.errors.GaopaiError
        A model is missing.
    """
    hidden = frozenset(map(Hidden, kinds))
    page = image if image.ndim == 3 else np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    faces = _faces().find(page) if Hidden.PORTRAIT in hidden else ()
    try:
        made = _copier().copy(page, hidden, [face.box for face in faces])
    except UnreadablePage as exc:
        raise PageFault(_UNSURE) from exc
    if not made.hidden:
        raise PageFault(_NOTHING)
    return made.image


@cache
def _copier() -> Copier:
    reader = text_reader(model_contents(), 1)
    return Copier(reader, DocumentReader(reader, ModelCache().documents()))


@cache
def _faces() -> OnnxFaceEngine:
    return OnnxFaceEngine(liveness_settings(FaceLivenessConfig()))


READY = b"ready"
DONE = b"done"


class PageTask(msgspec.Struct, frozen=True, array_like=True):
    """One page to be worked on, counted from 1; the file by its absolute path, as the system spells it."""

    path: bytes
    page: int


encode = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(EnhanceRequest).decode
decode_task = msgspec.msgpack.Decoder(PageTask).decode
decode_result = msgspec.msgpack.Decoder(PageResult).decode


def main(channel: Channel) -> None:
    """Work until the other end hangs up."""
    # Sent to all processes of a service that stops; the batch ends this one when it has taken note.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    cv2.setNumThreads(1)
    try:
        request = decode_request(channel.receive().data)
        channel.send(READY)
        while True:
            task = decode_task(channel.receive().data)
            result = enhance_page(Path(os.fsdecode(task.path)), task.page, request)
            channel.send_file(DONE, [encode(result)])
    except EOFError:
        return
