"""Uploads as the handlers see them: tried once now and, where that was asked for, again later."""

from __future__ import annotations

from collections.abc import Callable

from server.services.upload.retries import FinishedUpload, UploadRetries
from server.services.upload.transfer import UploadTransfer
from server.services.upload.upload import Upload, UploadOutcome


class UploadService:
    """Sends files on."""

    def __init__(self, transfer: UploadTransfer) -> None:
        self._transfer = transfer
        self._retries = UploadRetries(transfer, self._finished) if transfer.terms.retry else None
        self._listeners: list[Callable[[FinishedUpload], None]] = []

    def listen(self, listener: Callable[[FinishedUpload], None]) -> None:
        """Call `listener` with each upload that waited and waits no longer."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Take up what waited when the service ended."""
        if self._retries is not None:
            await self._retries.start()

    async def send(self, upload: Upload) -> UploadOutcome:
        """Try it now."""
        return await self._transfer.run(upload)

    async def keep(self, upload: Upload, outcome: UploadOutcome) -> bool:
        """Keep a failed upload for another try; false where that is of no use or not allowed."""
        if self._retries is None or not outcome.may_pass:
            return False
        return await self._retries.add(upload)

    async def close(self) -> None:
        """Hang up; what waits is taken up at the next start."""
        if self._retries is not None:
            await self._retries.close()

    def _finished(self, finished: FinishedUpload) -> None:
        for listener in self._listeners:
            listener(finished)
