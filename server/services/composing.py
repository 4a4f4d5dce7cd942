"""Two sides on one page: the front and back of a card, or the pages of a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pybase64

from imgcore.models import Models
from imgcore.output.compose import Arrangement, compose_page, find_sides
from imgcore.settings import Settings
from imgcore.types import Image
from server.access.client import Client
from server.devices.ports.camera import Camera
from server.errors import FaceModelMissing, LocalizedText, SidesMissing
from server.protocol.messages.base import Answer
from server.protocol.messages.composing import ComposeCardsAnswer, ComposeCardsRequest
from server.services.cameras.capture import CAPTURED, CaptureService
from server.services.cameras.leases import CameraLeases
from server.services.context import RequestContext, handles
from server.services.faces.engine import FaceEngine
from server.services.page_source import Given, PageSource
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.naming import NamePlan
from server.services.pictures.order import PictureOrder
from server.services.pictures.output import EncodedPicture, encode
from server.services.pictures.uploaded_picture import PICTURE
from server.storage.paths import PictureFormat

DOTS = 300.0
"""Resolution of the page where none is asked for, in dots an inch."""
MOST_DOTS = 600.0
"""Largest resolution of the page, in dots an inch."""


@dataclass(frozen=True, slots=True)
class ComposeOrder:
    """Page to be composed.

    Attributes
    ----------
    inputs
        One or two names of files, or pictures that came with the request; none for a capture.
    camera
        Camera of the capture.
    pictures
        Order of the page's file.
    """

    inputs: Sequence[Given] = field(repr=False)
    camera: Camera | None
    arrangement: Arrangement
    pictures: PictureOrder


@dataclass(frozen=True, slots=True)
class ComposedPage:
    """Page that was composed, and its file, if one was written."""

    picture: EncodedPicture
    picture_format: PictureFormat
    path: Path | None


class ComposeService:
    """Composes pages of two sides."""

    def __init__(self, source: PageSource, captures: CaptureService, faces: FaceEngine) -> None:
        resources = source.resources
        self._resources = resources
        self._pools = resources.pools
        self._source = source
        self._captures = captures
        self._finder = SideFinder(resources.cache, faces)

    async def compose(self, client: Client, order: ComposeOrder) -> ComposedPage:
        """Compose a page; the name of its file is checked before any work.

        Raises
        ------
        server.errors.SidesMissing
            A picture does not show what it should.
        server.errors.GaopaiError
            As reading, capturing, encoding and saving do; no file is left then.
        """
        plan: NamePlan | None = None
        made_as = order.pictures
        if made_as.name is not None:
            plan = await self._resources.plan_document(client, made_as.name, made_as.picture_format)
            made_as = replace(made_as, picture_format=plan.picture_format)
        pictures = await self._pictures(client, order)
        wanted = 2 if len(pictures) == 1 else 1
        sides = [
            side
            for label, picture in pictures
            for side in await self._pools.run_heavy(
                self._finder.find, picture, wanted, order.arrangement, label
            )
        ]
        made = await self._pools.run_heavy(_composed, sides, order.arrangement, made_as)
        path = None if plan is None else (await self._pools.run(plan.save, [made]))[0]
        return ComposedPage(made, made_as.picture_format, path)

    async def _pictures(self, client: Client, order: ComposeOrder) -> list[tuple[str | LocalizedText, Image]]:
        if order.camera is not None:
            return [(CAPTURED, await self._captures.picture(client, order.camera, Settings()))]
        labelled = enumerate(order.inputs, 1)
        return [await self._source.first(client, one, f"{PICTURE} {number}") for number, one in labelled]


class SideFinder:
    """Finds the sides that pictures show, the one with a face first where it cannot be told otherwise."""

    def __init__(self, cache: ModelCache, faces: FaceEngine) -> None:
        self._cache = cache
        self._faces = faces

    def find(
        self, picture: Image, wanted: int, arrangement: Arrangement, label: str | LocalizedText
    ) -> list[Image]:
        """Return so many sides of a picture; blocks."""
        models = Models(documents=self._cache.documents(), orientation=self._cache.orientation())
        sides = find_sides(picture, wanted, arrangement, models)
        if len(sides) < wanted:
            raise SidesMissing(picture=label, wanted=wanted, found=len(sides))
        if wanted == 2 and arrangement is Arrangement.CARD and self._is_back_first(sides):
            sides.reverse()
        return sides

    def _is_back_first(self, sides: Sequence[Image]) -> bool:
        try:
            return not self._faces.find(sides[0]) and bool(self._faces.find(sides[1]))
        except FaceModelMissing:
            return False


def _composed(sides: Sequence[Image], arrangement: Arrangement, order: PictureOrder) -> EncodedPicture:
    dots = min(order.output.dots or DOTS, MOST_DOTS)
    return encode(compose_page(sides, arrangement, dots), order, dots)


_FORMATS = (PictureFormat.PDF, PictureFormat.JPEG)
"""Formats by their numbers in the protocol."""


class ComposeHandlers:
    """Handlers of requests for composed pages."""

    def __init__(self, leases: CameraLeases, composing: ComposeService, source: PageSource) -> None:
        self._leases = leases
        self._composing = composing
        self._orders = source.resources.orders
        self._source = source

    @handles("ComposeCards")
    async def compose(self, context: RequestContext, request: ComposeCardsRequest) -> Answer:
        inputs = await self._source.given(request)
        name = "" if request.file_path is None and not request.base64 else request.file_path
        camera = None if inputs else self._leases.numbered(context.client, request.dev_num)
        pictures = await self._orders.of(Settings(), request)
        pictures = replace(pictures, name=name, picture_format=_FORMATS[request.file_type])
        order = ComposeOrder(inputs, camera, Arrangement(request.layout), pictures)
        page = await self._composing.compose(context.client, order)
        data = page.picture.data
        return ComposeCardsAnswer(
            file_path=None if page.path is None else str(page.path),
            file_base64=pybase64.b64encode_as_string(data) if request.base64 else None,
            mime=page.picture_format.value,
            width=page.picture.size.width,
            height=page.picture.size.height,
        )
