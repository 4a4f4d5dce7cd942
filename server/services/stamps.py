"""Stamps: those there are, and files that they are laid on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pybase64

from imgcore import codec
from imgcore.output.finish import AS_MADE
from imgcore.output.stamp import Stamp, draw_stamps, stamp_at, text_stamp
from imgcore.settings import Settings
from imgcore.types import Image
from server.access.client import Client
from server.config import StampConfig
from server.decoding.decoders import ForeignFile
from server.devices.ports.camera import Size
from server.documents.geometry import assumed_dots
from server.documents.stamp_layer import LAYER_DOTS, stamp_layer
from server.documents.typeface import typeface
from server.errors import BadParameter, FileUnreadable, GaopaiError, LocalizedText, PictureTooLarge
from server.protocol.messages import stamps as messages
from server.protocol.messages.base import Answer
from server.protocol.messages.stamps import PlacedStamp
from server.services.context import RequestContext, handles
from server.services.page_source import PageSource
from server.services.pictures.output import EncodedPicture, encode
from server.storage.paths import PictureFormat

MM_PER_INCH = 25.4
FILE_BYTES = 16 << 20
"""Limit of a stamp's file, in bytes."""
TOLERANCE = 1e-3
"""Share of a page by which a stamp may end beyond it, since percents are rounded."""
_PDF = b"%PDF-"
_PLACEHOLDER = re.compile(r"\{(date|time|clerk|case)\}")
_UNKNOWN = LocalizedText(
    "没有这个印章；可用的见 GetStamps", "there is no such stamp; GetStamps lists those there are"
)
_NO_PAGE = LocalizedText("文件共 {pages} 页", "the file has {pages} pages")
_OFF_PAGE = LocalizedText("印章应在页面之内", "a stamp within its page is expected")
_SEALED = LocalizedText("已签名，盖章会使签名失效", "it is signed, and a stamp would break the signature")
_ONE_PAGE = LocalizedText("多页文件盖章后只能是 PDF", "a stamped file of several pages is a PDF")


@dataclass(frozen=True, slots=True)
class BuiltInStamp:
    """Stamp that every machine has."""

    title: LocalizedText
    text: LocalizedText


BUILT_IN: Mapping[str, BuiltInStamp] = {
    "copy": BuiltInStamp(LocalizedText("副本", "Copy"), LocalizedText("副本", "COPY")),
    "verified": BuiltInStamp(
        LocalizedText("原件已核对", "Original seen"),
        LocalizedText("原件已核对\n{date} {clerk}", "ORIGINAL SEEN\n{date} {clerk}"),
    ),
}
"""Stamps of every machine by name; one of the configuration takes the place of its namesake."""


@dataclass(frozen=True, slots=True, eq=False)
class StampDesign:
    """A stamp before it has a place.

    Attributes
    ----------
    width
        In mm.
    """

    title: str
    image: Image = field(repr=False)
    width: float

    @property
    def height(self) -> float:
        """Height in mm."""
        rows, cols = self.image.shape[:2]
        return float(self.width * rows / cols)


class StampBook:
    """The stamps there are.

    Parameters
    ----------
    config
        Stamps of the organisation by name.
    font
        File of the font of texts; empty for one of the system's.
    """

    def __init__(self, config: Mapping[str, StampConfig], font: str, source: PageSource) -> None:
        self._config = config
        self._font = font
        self._decoders = source.decoders
        self._pools = source.resources.pools

    @property
    def names(self) -> Sequence[str]:
        """The names of all, those of the organisation first."""
        return list(dict.fromkeys((*self._config, *BUILT_IN)))

    async def design(self, context: RequestContext, name: str, clerk: str) -> StampDesign:
        """Return a stamp as it looks now, in the language of the page.

        Raises
        ------
        server.errors.BadParameter
            There is none of that name.
        server.errors.FontMissing
        server.errors.GaopaiError
            Its file cannot be read.
        """
        config = self._config.get(name)
        title = name
        if config is None:
            built_in = BUILT_IN.get(name)
            if built_in is None:
                raise BadParameter(field="stamps", reason=_UNKNOWN)
            title = built_in.title.fill(context.language, {})
            config = StampConfig(text=built_in.text.zh if context.language == "zh" else built_in.text.en)
        if config.file:
            return StampDesign(title, await self._picture(name, config.file), config.width)
        text = _filled(config.text, clerk, context.client)
        font = await self._pools.run(typeface, text, self._font)
        image = await self._pools.run_heavy(text_stamp, text, font, _bgr(config.colour))
        return StampDesign(title, image, config.width)

    async def _picture(self, name: str, file: str) -> Image:
        label = f"[stamps] {name}"
        data = await self._pools.run(_content, label, file)
        async with self._decoders.file(label, data) as opened:
            return (await self._decoders.raster(opened, 0)).image


def _content(label: str, name: str) -> bytes:
    try:
        with Path(name).expanduser().open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except OSError as exc:
        reason = LocalizedText("无法读取", exc.strerror or type(exc).__name__)
        raise FileUnreadable(name=label, reason=reason) from exc
    if len(data) > FILE_BYTES:
        limit = f"{FILE_BYTES >> 20} MiB"
        raise PictureTooLarge(picture=label, size=f"> {limit}", limit=limit)
    return data


def _filled(text: str, clerk: str, client: Client) -> str:
    now = datetime.now()
    values = {"date": f"{now:%Y-%m-%d}", "time": f"{now:%H:%M}", "clerk": clerk, "case": client.page.case}
    filled = _PLACEHOLDER.sub(lambda found: values[found[1]], text)
    return "\n".join(line.strip() for line in filled.splitlines())


def _bgr(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return blue, green, red


def placed(design: StampDesign, wish: PlacedStamp, shape: tuple[int, ...], dots: float) -> Stamp:
    """Return a stamp at its place.

    Parameters
    ----------
    shape
        Rows and columns of the page as it is seen.
    dots
        Resolution of the page, in dots an inch.

    Raises
    ------
    server.errors.BadParameter
        It is not within the page.
    """
    rows, cols = shape[:2]
    width = design.width / MM_PER_INCH * dots if wish.width is None else wish.width / 100 * cols
    if wish.left is None or wish.top is None:
        return replace(stamp_at(design.image, wish.position, width, shape), angle=wish.angle)
    left = wish.left / 100 * cols
    top = wish.top / 100 * rows
    height = width * design.image.shape[0] / design.image.shape[1]
    outside = max(-left / cols, -top / rows, (left + width) / cols - 1, (top + height) / rows - 1)
    if outside > TOLERANCE:
        raise BadParameter(field="stamps", reason=_OFF_PAGE)
    return Stamp(design.image, left, top, width, height, wish.angle)


class StampHandlers:
    """Handlers of requests for stamps."""

    def __init__(self, book: StampBook, source: PageSource) -> None:
        self._book = book
        self._source = source
        self._decoders = source.decoders
        self._resources = source.resources
        self._pools = source.resources.pools

    @handles("GetStamps")
    async def stamps(self, context: RequestContext, request: messages.GetStampsRequest) -> Answer:
        found = []
        for name in self._book.names:
            try:
                design = await self._book.design(context, name, request.clerk)
            except GaopaiError:
                # Whoever uses it is told why.
                continue
            coded = await self._pools.run(_png, design.image)
            height = round(design.height, 1)
            found.append(messages.StampInfo(
                name=name, title=design.title, width=design.width, height=height, image_base64=coded,
            ))  # fmt: skip
        return messages.GetStampsAnswer(stamps=tuple(found))

    @handles("StampFile")
    async def stamp(self, context: RequestContext, request: messages.StampFileRequest) -> Answer:
        """Lay stamps on a file; the name of the new file is checked before any work, and none is written
        where a stamp cannot be laid.
        """
        client = context.client
        (given,) = await self._source.given(request)
        label, data = await self._source.read(client, given)
        is_pdf = data.startswith(_PDF)
        plan = None
        if request.file_path or not (request.base64 and request.file_path is None):
            usual = PictureFormat.PDF if is_pdf else PictureFormat.JPEG
            plan = await self._resources.plan_document(client, request.file_path or "", usual)
        async with self._decoders.file(label, data) as file:
            _check(file, request.stamps)
            picture_format = PictureFormat.PDF if is_pdf or file.pages > 1 else PictureFormat.JPEG
            if plan is not None:
                picture_format = plan.picture_format
            if file.pages > 1 and picture_format is not PictureFormat.PDF:
                raise BadParameter(field="filePath", reason=_ONE_PAGE)
            designs = {
                name: await self._book.design(context, name, request.clerk)
                for name in dict.fromkeys(wish.name for wish in request.stamps)
            }
            if picture_format is PictureFormat.PDF:
                made = await self._document(file, request.stamps, designs)
            else:
                made = await self._picture(file, request.stamps, designs, picture_format)
            pages = file.pages
        path = None if plan is None else (await self._pools.run(plan.save, [made]))[0]
        coded = await self._pools.run(pybase64.b64encode_as_string, made.data) if request.base64 else None
        return messages.StampFileAnswer(
            file_path=None if path is None else str(path),
            file_base64=coded,
            mime=picture_format.value,
            pages=pages,
        )

    async def _picture(
        self,
        file: ForeignFile,
        wishes: Sequence[PlacedStamp],
        designs: Mapping[str, StampDesign],
        picture_format: PictureFormat,
    ) -> EncodedPicture:
        raster = await self._decoders.raster(file, 0)
        rows, cols = raster.image.shape[:2]
        dots = (raster.dots or assumed_dots(cols, rows))[0]
        laid = [placed(designs[wish.name], wish, (rows, cols), dots) for wish in wishes]
        image = await self._pools.run_heavy(draw_stamps, raster.image, laid)
        order = await self._resources.orders.made(Settings(), AS_MADE)
        order = replace(order, picture_format=picture_format)
        return await self._pools.run_heavy(encode, image, order, raster.dots[0] if raster.dots else 0.0)

    async def _document(
        self, file: ForeignFile, wishes: Sequence[PlacedStamp], designs: Mapping[str, StampDesign]
    ) -> EncodedPicture:
        """Return a PDF with stamps, in which all else stays; its size is that of the first page in pixels."""
        if not file.data.startswith(_PDF):
            pages = [await self._decoders.pdf_page(file, number) for number in range(file.pages)]
            made = b"".join(await self._decoders.write_pdf(pages))
            async with self._decoders.file(file.name, made) as whole:
                return await self._document(whole, wishes, designs)
        layers: dict[_Layer, int] = {}
        shapes = [tuple(map(_layer_pixels, size)) for size in await self._decoders.page_sizes(file)]
        on_pages = []
        for number, (cols, rows) in enumerate(shapes, start=1):
            here = tuple(wish for wish in wishes if wish.page in (0, number))
            # Pages of one size with the same stamps share a layer.
            on_pages.append(layers.setdefault(((rows, cols), here), len(layers)) if here else -1)
        drawn = [
            await self._pools.run_heavy(_layer, shape, [(designs[wish.name], wish) for wish in here])
            for shape, here in layers
        ]
        data = await self._decoders.stamped(file, drawn, on_pages)
        return EncodedPicture(bytes(data), Size(*shapes[0]))


def _check(file: ForeignFile, wishes: Sequence[PlacedStamp]) -> None:
    if file.signed:
        raise BadParameter(field="imagePath", reason=_SEALED)
    if any(wish.page > file.pages for wish in wishes):
        raise BadParameter(field="stamps", reason=_NO_PAGE.filled(pages=file.pages))


_Layer = tuple[tuple[int, int], tuple[PlacedStamp, ...]]
"""Rows and columns of a layer, and the stamps on it."""


def _layer(shape: tuple[int, int], stamps: Sequence[tuple[StampDesign, PlacedStamp]]) -> bytes:
    return stamp_layer([placed(design, wish, shape, LAYER_DOTS) for design, wish in stamps], shape)


def _layer_pixels(mm: float) -> int:
    return max(1, round(mm / MM_PER_INCH * LAYER_DOTS))


def _png(image: Image) -> str:
    return pybase64.b64encode_as_string(codec.encode(image, "png"))
