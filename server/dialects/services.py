"""Services that the dialects speak for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from server.access.client import Client
from server.connection.endpoint import Release
from server.decoding.decoders import Decoders
from server.dialects.files import OriginFiles
from server.services.barcodes.recognition import BarcodeService
from server.services.cameras.capture import CaptureService
from server.services.cameras.desk import CameraDesk
from server.services.cameras.preview import PreviewService
from server.services.cards.reading import CardReadService, Portraits
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
