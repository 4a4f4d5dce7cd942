"""Newest picture of a preview, for pages that ask for one at a time."""

from __future__ import annotations

import asyncio

from server.errors import GaopaiError
from server.streaming.variants import PreviewPicture


class LatestPicture:
    """`FrameSink` that keeps the newest picture."""

    started = True

    def __init__(self) -> None:
        self._picture: PreviewPicture | None = None
        self._error: GaopaiError | None = None
        self._came = asyncio.Event()

    def ready(self) -> bool:
        return True

    def show(self, picture: PreviewPicture) -> None:
        self._picture = picture
        self._came.set()

    def discard(self) -> None:
        self._picture = None

    def end(self, error: GaopaiError) -> None:
        self._error = error
        self._came.set()

    @property
    def ended(self) -> bool:
        """True if no picture will come any more."""
        return self._error is not None

    async def jpeg(self) -> bytes:
        """Return the newest picture, waiting for the first one.

        Raises
        ------
        GaopaiError
            The error that ended the preview.
        """
        await self._came.wait()
        if self._error is not None:
            raise self._error
        assert self._picture is not None
        return self._picture.jpeg
