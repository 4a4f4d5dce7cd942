"""Pages of the pictures that a request holds or names, or that a camera sees."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from imgcore.barcode import USUAL, Code, Kinds
from imgcore.settings import Settings
from imgcore.types import Image
from server.access.client import Client
from server.decoding.decoders import Decoders
from server.documents.faults import named
from server.runtime.process import MEMORY_BYTES
from server.services.cameras.capture import CAPTURED
from server.services.cameras.handlers import Cameras
from server.services.pictures.resources import PictureResources
from server.services.pictures.uploaded_picture import PICTURE, decoded

INPUT_BYTES = min(512 << 20, MEMORY_BYTES // 8)
"""Limit of a file; one of many pages may be large."""

T = TypeVar("T")
Given = str | bytes
"""Name of a stored file, or content of a picture that came with the request."""


class PictureRequest(Protocol):
    """Protocol for a request with pictures in base64, or with names of files."""

    @property
    def image_base64(self) -> str | tuple[str, ...]: ...

    @property
    def image_path(self) -> str | tuple[str, ...]: ...


class PageRequest(PictureRequest, Protocol):
    """Protocol for a request that is about what a camera sees where it has no pictures."""

    @property
    def dev_num(self) -> int | None: ...


class PageSource:
    """Opens what requests are about."""

    def __init__(self, resources: PictureResources, decoders: Decoders, cameras: Cameras) -> None:
        self.resources = resources
        self.decoders = decoders
        self._storage = resources.storage
        self._pools = resources.pools
        self._captures = cameras.captures
        self._leases = cameras.leases

    async def given(self, request: PictureRequest) -> Sequence[Given]:
        """Return the pictures that a request holds, or else, as the standard says, the names of its files."""
        pictures = [await self._pools.run(decoded, one) for one in _several(request.image_base64)]
        return pictures or _several(request.image_path)

    async def read(
        self, client: Client, given: Given, label: str = PICTURE, limit_bytes: int = INPUT_BYTES
    ) -> tuple[str, bytes]:
        """Return the name in errors of what was given, and its content.

        Parameters
        ----------
        label
            Name of a picture that came with the request.
        """
        if isinstance(given, bytes):
            return label, given
        storage = self._storage.of(client.origin)
        return storage.relative(given), await self._pools.run_document(storage.read, given, limit_bytes)

    async def first(self, client: Client, given: Given, label: str = PICTURE) -> tuple[str, Image]:
        """Return the name in errors of what was given, and its first page.

        Raises server.errors.GaopaiError: as `read`, and about the file, which it names.
        """
        name, data = await self.read(client, given, label)
        async with self.decoders.file(name, data) as file:
            return name, (await self.decoders.raster(file, 0)).image

    async def barcodes(
        self, client: Client, given: Given, label: str = PICTURE, kinds: Kinds = USUAL
    ) -> list[tuple[int, Code]]:
        """Return the barcodes of what was given with their pages, from 1; a cancel ends the search of a page.

        Raises server.errors.GaopaiError: as `first`.
        """
        found: list[tuple[int, Code]] = []
        async with self.decoders.file(*await self.read(client, given, label)) as file:
            for page in range(file.pages):
                codes = await self.decoders.read_barcodes(file, page, kinds)
                found += ((page + 1, code) for code in codes)
        return found

    async def each(
        self, client: Client, inputs: Sequence[Given], read: Callable[[Image, str, int], Awaitable[T]]
    ) -> list[T]:
        """Call `read` for all pages of what was given; a cancel ends it between two.

        Parameters
        ----------
        read
            Gets the page, the name of its file, empty where it is in none, and its number, from 1.

        Raises server.errors.GaopaiError: as `first`.
        """
        found: list[T] = []
        for given in inputs:
            path = given if isinstance(given, str) else ""
            async with self.decoders.file(*await self.read(client, given)) as file:
                for page in range(file.pages):
                    image = (await self.decoders.raster(file, page)).image
                    found.append(await read(image, path, page + 1))
        return found

    async def each_asked(
        self, client: Client, request: PageRequest, read: Callable[[Image, str, int], Awaitable[T]]
    ) -> list[T]:
        """Like `each`, for the pictures of a request, or else for what its camera sees.

        Raises server.errors.GaopaiError: as `first` and `below`.
        """
        inputs = await self.given(request)
        if inputs:
            return await self.each(client, inputs, read)
        picture = await self.below(client, request.dev_num)
        with named(CAPTURED):
            return [await read(picture, "", 1)]

    async def below(self, client: Client, number: int | None) -> Image:
        """Return what a camera sees, as it is; of the client's that was opened last if there is no number."""
        return await self._captures.picture(client, self._leases.numbered(client, number), Settings())


def _several(one: str | tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(one, tuple):
        return one
    return (one,) if one else ()
