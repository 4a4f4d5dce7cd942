"""Services that the dialects speak for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from server.access.activity import ActivityRecorder
from server.access.client import Client
from server.connection.endpoint import Release
from server.decoding.decoders import Decoders
from server.dialects.files import OriginFiles
from server.errors import Cancelled, GaopaiError
from server.services.barcodes.recognition import BarcodeService
from server.services.cameras.capture import CaptureService
from server.services.cameras.desk import CameraDesk
from server.services.cameras.preview import PreviewService
from server.services.cards.reading import CardReadService, Portraits
from server.services.context import translated
from server.services.faces.cameras import FaceCameras
from server.services.faces.matching import FaceMatchService
from server.services.faces.monitoring import FaceMonitor
from server.services.faces.uploaded import UploadedFaces
from server.services.fingerprints.reading import FingerprintService
from server.services.pools import ThreadPools
from server.services.upload.service import UploadService


@dataclass(frozen=True, slots=True)
class DialectServices:
    """Services of the house that dialects use.

    Attributes
    ----------
    release
        Called once for each client when its page is gone.
    new_client
        Returns a new client of an origin.
    """

    desk: CameraDesk
    previews: PreviewService
    captures: CaptureService
    files: OriginFiles
    pools: ThreadPools
    decoders: Decoders
    barcodes: BarcodeService
    cards: CardReadService
    portraits: Portraits
    fingerprints: FingerprintService
    face_cameras: FaceCameras
    face_monitor: FaceMonitor
    uploaded_faces: UploadedFaces
    face_matching: FaceMatchService
    uploads: UploadService
    release: Release
    new_client: Callable[[str], Client]


T = TypeVar("T")

POLLS = frozenset({"getframe"})
"""Commands that pages repeat as fast as they are answered: they would fill the audit trail."""


class CommandLog:
    """Log of the commands of one dialect, for the audit trail."""

    def __init__(self, dialect: str, activity: ActivityRecorder) -> None:
        self._dialect = dialect
        self._activity = activity

    async def run(self, client: Client, number: int, command: str, work: Awaitable[T]) -> T:
        """Return the result of a command.

        Parameters
        ----------
        number
            Number of the request within its session.
        command
            Name of a command that the dialect knows, never text of the page.

        Raises
        ------
        GaopaiError
            Every failure; an unexpected one is logged and becomes `server.errors.InternalError`.
        """
        name = f"{self._dialect} {command}"
        if command in POLLS:
            return await translated(name, work)
        with self._activity.request(client, name, number) as entry:
            try:
                return await translated(name, work)
            except GaopaiError as error:
                entry.result = error.code
                raise
            except asyncio.CancelledError:
                entry.result = Cancelled.code
                raise
