"""Reprocessing: an original, a file or a picture of a page, worked on as its request says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pybase64

from imgcore import codec
from imgcore.crop import page_transform
from imgcore.memory import memory_needed
from imgcore.settings import Crop, Settings
from imgcore.types import Image, ImageError, Quad
from server.access.client import Client
from server.errors import BadParameter, LocalizedText, PictureTooLarge, PictureUnreadable
from server.protocol.messages.base import Answer
from server.protocol.messages.processing import ProcessImageAnswer, ProcessImageRequest
from server.runtime.process import MEMORY_BYTES
from server.services.cameras.capture import CAPTURED
from server.services.context import RequestContext, handles
from server.services.page_source import Given, PageSource
from server.services.pictures.messages import picture_fields, pictures_fields, quad_of
from server.services.pictures.order import PictureOrder
from server.services.pictures.originals import Original
from server.services.pictures.output import EncodedPicture, PictureWork
from server.services.pictures.settings import merge
from server.storage.paths import PictureFormat
from server.streaming.pixels import BrokenFrame

MOST_MEMORY = MEMORY_BYTES // 2
"""Bytes that work on one picture may take."""
SHORTEST_SIDE = 8.0
"""Pixels below which a side is taken for a mistake."""
MOST_BEYOND = 0.5
"""Share of the picture's longer side by which a corner may lie beyond it, as those of a page cut off do."""
BROKEN = LocalizedText("原图已损坏", "its original is damaged")
_OUTSIDE = LocalizedText("超出图片 {cols} x {rows} 太多", "outside the picture of {cols} x {rows}")
_CROSSING = LocalizedText(
    "四个角应按顺时针从左上角开始，构成凸四边形",
    "four corners, clockwise from the top left, of a convex quadrilateral are expected",
)
_TOO_SMALL = LocalizedText("每边至少 8 像素", "each side has to have at least 8 pixels")


@dataclass(frozen=True, slots=True)
class ProcessedPictures:
    """Pictures of an order in reading order, and their files, if any were written."""

    pictures: Sequence[EncodedPicture]
    picture_format: PictureFormat
    paths: Sequence[Path] | None


class ProcessService:
    """Works on pictures again."""

    def __init__(self, source: PageSource) -> None:
        resources = source.resources
        self._resources = resources
        self._source = source
        self._pools = resources.pools
        self._cache = resources.cache
        self._originals = resources.originals

    async def process(
        self, client: Client, source: Given, order: PictureOrder, *, is_handle: bool = False
    ) -> ProcessedPictures:
        """Work on a picture; the name of its file is checked before any work.

        Parameters
        ----------
        source
            Handle of an original; or name of a file; or a picture that came with the request.
        order
            Its settings may have a `quad` in pixels of the picture as it came, before `rotate`, which turns
            the result then.

        Raises
        ------
        server.errors.OriginalGone
            The original is no longer kept.
        server.errors.BadParameter
            The corners fit no document of this picture.
        server.errors.GaopaiError
            As reading, decoding, encoding and saving do; no file is left then.
        """
        plan = None
        if order.name is not None:
            plan = await self._resources.plan(client, order)
            order = replace(order, picture_format=plan.picture_format)
        original, handle, label = await self._original(client, source, is_handle)
        image = await self._image(original, label)
        settings = replace(turned(order.settings, image), scale=original.scale)
        work = PictureWork(replace(order, settings=settings), self._cache, helpers=self._pools.helpers)
        memory = _memory(image, settings, label)
        made = await self._pools.run_weighed(memory, work.run, image, label, original.dots)
        pictures = [replace(one.encoded, handle=handle) for one in made]
        if plan is not None and plan.needs_barcode:
            barcodes = [await self._barcode(one.plain, label) for one in made]
            pictures = [replace(one, barcode=text) for one, text in zip(pictures, barcodes, strict=True)]
        if original.taken is not None:
            keep = self._resources.provenance.keep
            await self._pools.run(keep, client.origin, pictures, original.taken, settings)
        paths = None if plan is None else await self._pools.run(plan.save, pictures)
        return ProcessedPictures(pictures, order.picture_format, paths)

    async def _barcode(self, image: Image, label: str | LocalizedText) -> str:
        """Return the text of a picture's first barcode, read in a process of its own: it may be anybody's."""
        decoders = self._source.decoders
        pixels = await self._pools.run(codec.encode, image, "bmp")
        async with decoders.file(label, pixels) as file:
            return next((code.text for code in await decoders.read_barcodes(file, 0)), "")

    async def _original(
        self, client: Client, source: Given, is_handle: bool
    ) -> tuple[Original, str | None, str | LocalizedText]:
        """Return the picture as it came, the handle that it is kept by, and its name in errors."""
        if is_handle and isinstance(source, str):
            return await self._originals.read(client.origin, source), source, CAPTURED
        label, data = await self._source.read(client, source)
        original = Original(data)
        return original, self._originals.keep(client.origin, original), label

    async def _image(self, original: Original, label: str | LocalizedText) -> Image:
        if original.decode is not None:
            try:
                return await self._pools.run(original.decode, original.data)
            except (BrokenFrame, ImageError) as exc:
                raise PictureUnreadable(picture=label, reason=BROKEN) from exc
        async with self._source.decoders.file(label, original.data) as file:
            return (await self._source.decoders.raster(file, 0)).image


def _memory(image: Image, settings: Settings, label: str | LocalizedText) -> int:
    """Return the bytes that work on a picture takes at most, refused where the machine has no room."""
    rows, cols = image.shape[:2]
    needed = memory_needed(cols, rows, settings)
    if needed > MOST_MEMORY:
        fits = int(rows * cols * MOST_MEMORY / needed)
        raise PictureTooLarge(picture=label, size=f"{cols} x {rows}", limit=f"{fits} px")
    return needed


def turned(settings: Settings, image: Image) -> Settings:
    """Check the corners of a manual crop, and begin with the one that is top left after `rotate`."""
    quad = settings.quad
    if quad is None:
        return settings
    check_quad(quad, image)
    quarters = settings.rotate // 90
    return replace(settings, quad=quad[-quarters:] + quad[:-quarters], rotate=0)


def check_quad(quad: Quad, image: Image) -> None:
    """Refuse corners that fit no document of a picture."""
    rows, cols = image.shape[:2]
    points = np.array(quad, np.float32) + 0.5
    beyond = MOST_BEYOND * max(rows, cols)
    far = (points < -beyond).any() or (points > np.array([cols, rows]) + beyond).any()
    if far or (points.max(axis=0) <= 0).any() or (points.min(axis=0) >= (cols, rows)).any():
        raise _bad(_OUTSIDE.filled(cols=cols, rows=rows))
    if np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1).min() < SHORTEST_SIDE:
        raise _bad(_TOO_SMALL)
    try:
        page_transform(points, image.shape)
    except ImageError as exc:
        raise _bad(_CROSSING) from exc


def _bad(reason: LocalizedText) -> BadParameter:
    return BadParameter(field="corners", reason=reason)


class ProcessHandlers:
    """Handlers of requests for pictures that are worked on again."""

    def __init__(self, processing: ProcessService, source: PageSource) -> None:
        self._source = source
        self._processing = processing
        self._orders = source.resources.orders
        self._pools = source.resources.pools

    @handles("ProcessImage")
    async def process(self, context: RequestContext, request: ProcessImageRequest) -> Answer | None:
        source = request.handle or (await self._source.given(request))[0]
        order = await self._orders.of(_settings(self._orders.settings.defaults, request), request)
        order = replace(order, name=request.file_path, said=request.record)
        made = await self._processing.process(context.client, source, order, is_handle=bool(request.handle))
        if made.paths is not None and not request.base64:
            return _files_answer(made)
        for number in range(len(made.pictures)):
            await context.answer(await self._pools.run(_picture_answer, made, number))
        return None


def _settings(defaults: Settings, request: ProcessImageRequest) -> Settings:
    quad = None if request.corners is None else quad_of(request.corners)
    return merge(replace(defaults, crop=Crop.MANUAL if quad else Crop.NONE, quad=quad), request)


def _files_answer(made: ProcessedPictures) -> ProcessImageAnswer:
    first = made.pictures[0]
    return ProcessImageAnswer(
        image_count=len(made.pictures),
        image_path=tuple(map(str, made.paths or ())),
        mime=made.picture_format.value,
        width=first.size.width,
        height=first.size.height,
        **pictures_fields(made.pictures),
    )


def _picture_answer(made: ProcessedPictures, number: int) -> ProcessImageAnswer:
    picture = made.pictures[number]
    return ProcessImageAnswer(
        image_count=len(made.pictures),
        image_index=number + 1,
        image_base64_str=pybase64.b64encode_as_string(picture.data),
        image_path=None if made.paths is None else (str(made.paths[number]),),
        mime=made.picture_format.value,
        width=picture.size.width,
        height=picture.size.height,
        **picture_fields(picture),
    )
