"""Services that the dialects speak for, and the files of their pages."""

from __future__ import annotations

import asyncio
import heapq
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from server.access.activity import ActivityRecorder
from server.access.client import Client
from server.connection.endpoint import Release
from server.decoding.text_process import TextDecoder
from server.errors import Cancelled, FileMissing, GaopaiError
from server.services.cameras.auto_capture import AutoCaptureService
from server.services.cameras.capture import CaptureService
from server.services.cameras.controls import CameraControlService
from server.services.cameras.desk import CameraDesk
from server.services.cameras.preview import PreviewService
from server.services.cameras.recording import RecordingService
from server.services.cards import CardReadService, Portraits
from server.services.composing import ComposeService
from server.services.context import translated
from server.services.faces.cameras import FaceCameras
from server.services.faces.matching import FaceMatchService
from server.services.faces.monitoring import FaceMonitor
from server.services.faces.uploaded import UploadedFaces
from server.services.fingerprints.matcher import UploadedFingerprints
from server.services.fingerprints.reading import FingerprintService
from server.services.page_source import PageSource
from server.services.pictures.messages import OutputOptions
from server.services.pools import ThreadPools
from server.services.processing import ProcessService
from server.services.upload.service import UploadService
from server.storage.paths import SUFFIXES
from server.storage.root import Storage

_ABSOLUTE = re.compile(r"[A-Za-z]+:|[\\/~]")
_SEPARATORS = re.compile(r"[\\/]+")


def as_name(spelling: str) -> str:
    """Return the name that a storage knows a page's path by; absolute ones it knows as they are.

    Examples
    --------
    >>> as_name("scans\\\\a.jpg"), as_name("D:\\\\a.jpg")
    ('scans/a.jpg', 'D:\\\\a.jpg')
    """
    return spelling if _ABSOLUTE.match(spelling) else _SEPARATORS.sub("/", spelling)


class OriginFiles:
    """Files that pages made, which the same origin may read back and replace.

    Its methods block and may be called from several threads.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def check(self, origin: str, spelling: str, suffixes: Collection[str] = SUFFIXES) -> None:
        """Refuse a name that `save` would refuse now.

        Raises server.errors.BadName, PathOutside, BadSuffix, FileExists.
        """
        self._storage.of(origin).check(as_name(spelling), suffixes)

    def save(
        self, origin: str, spelling: str, pictures: Sequence[bytes], suffixes: Collection[str] = SUFFIXES
    ) -> list[Path]:
        """Write pictures, numbered from the second on; files of the same origin are replaced.

        Raises server.errors.BadName, PathOutside, BadSuffix, FileExists, StorageFull, StorageFailed.
        """
        documents = [[one] for one in pictures]
        return self._storage.of(origin).save_documents(as_name(spelling), documents, suffixes)

    def read(self, origin: str, spelling: str, limit_bytes: int) -> bytes:
        """Return the content of a file that a page of the same origin made.

        Raises
        ------
        server.errors.FileMissing
            There is none, or it is another's or nobody's.
        server.errors.BadName, PathOutside, FileUnreadable, PictureTooLarge
        """
        return self._storage.of(origin).read(self.name(origin, spelling), limit_bytes)

    def name(self, origin: str, spelling: str) -> str:
        """Return the name for the storage of a file that a page of the same origin made; see `read`."""
        name = as_name(spelling)
        if not self._storage.of(origin).made(name):
            raise FileMissing(name=self.located(spelling))
        return name

    def made(self, origin: str, spelling: str) -> bool:
        """Return whether a page of the origin made a file of that name; see `read`."""
        return self._storage.of(origin).made(as_name(spelling))

    def listed(self, origin: str, spelling: str, count: int) -> list[str]:
        """Return the files of the origin in a folder as the page would spell them, the newest first.

        Raises server.errors.BadName, PathOutside, FileUnreadable.
        """
        storage, folder = self._storage.of(origin), spelling.rstrip("/\\")
        top = storage.located(as_name(f"{folder}/a.jpg")).parent
        found = heapq.nlargest(count, storage.own_files(f"{top}/"), key=lambda file: file.time)
        return [f"{folder}\\" + "\\".join(one.path.relative_to(top).parts) for one in found]

    def located(self, spelling: str) -> str:
        """Return the name below the root that a page's path stands for, whether or not there is such a file.

        Raises server.errors.BadName, PathOutside.
        """
        return self._storage.relative(as_name(spelling))


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
    source: PageSource
    cards: CardReadService
    portraits: Portraits
    fingerprints: FingerprintService
    face_cameras: FaceCameras
    face_monitor: FaceMonitor
    uploaded_faces: UploadedFaces
    face_matching: FaceMatchService
    uploads: UploadService
    auto_captures: AutoCaptureService
    recordings: RecordingService
    controls: CameraControlService
    composing: ComposeService
    processing: ProcessService
    texts: TextDecoder
    uploaded_fingerprints: UploadedFingerprints
    outputs: OutputOptions
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
