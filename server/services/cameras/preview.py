"""Camera previews: one stream per connection and camera, as the connection's settings say."""

from __future__ import annotations

from dataclasses import dataclass

from imgcore.settings import Crop, Settings
from server.access.client import Client
from server.devices.ports.camera import Camera, Size
from server.errors import Cancelled, GaopaiError
from server.services.cameras.leases import DOCUMENT, CameraLeases, Role
from server.services.pictures.settings import PictureSettings
from server.streaming.barcodes import BarcodeSubscription, SendBarcodes
from server.streaming.broadcast import Broadcast
from server.streaming.painter import FrameSink, Overlay, Variant

OVERLAYS = {
    Crop.SINGLE: Overlay.OUTLINE,
    Crop.MULTI: Overlay.OUTLINES,
    Crop.CURVE: Overlay.GUTTER,
    Crop.MANUAL: Overlay.RECT,
}


@dataclass(frozen=True, slots=True)
class Preview:
    """One running preview.

    Parameters
    ----------
    sink
        Destination of its pictures; the same object as `barcodes` where the client subscribes to them.
    binary
        The client draws the overlays itself.
    most
        Size of the largest picture that the client wants; None for the camera's.
    """

    sink: FrameSink
    broadcast: Broadcast
    binary: bool
    most: Size | None = None
    barcodes: BarcodeSubscription | None = None

    def begin(self, settings: Settings) -> None:
        """Begin to send pictures as the settings say."""
        self.broadcast.add(self.sink, variant(settings, self.binary, self.most))
        if self.barcodes is not None:
            self.barcodes.begin(settings.rotate)

    def restyle(self, settings: Settings) -> None:
        """Continue with other settings."""
        self.broadcast.move(self.sink, variant(settings, self.binary, self.most))
        if self.barcodes is not None:
            self.barcodes.turn(settings.rotate)

    def stop(self, reason: GaopaiError) -> None:
        """Send nothing more; a request that had no picture yet is answered with `reason`."""
        self.broadcast.remove(self.sink)
        self.sink.discard()
        if not self.sink.started:
            self.sink.end(reason)


class PreviewService:
    """Running previews of one role; a camera may have previews of both roles at once.

    Parameters
    ----------
    settings
        Settings of clients, which pictures follow; None for pictures that are unchanged.
    """

    def __init__(
        self, leases: CameraLeases, settings: PictureSettings | None = None, role: Role = DOCUMENT
    ) -> None:
        self._leases = leases
        self._followed = settings
        self._role = role
        self._running: dict[tuple[Client, str], Preview] = {}

    def start(
        self,
        client: Client,
        camera: Camera,
        sink: FrameSink,
        binary: bool,
        send_barcodes: SendBarcodes | None = None,
        most: Size | None = None,
    ) -> None:
        """Start a client's preview of a camera, in place of one that runs.

        Parameters
        ----------
        binary
            The client draws the overlays itself.
        send_barcodes
            Sends the client the barcodes in sight; None where it did not subscribe.
        most
            Size of the largest picture that the client wants; None for the camera's.
        """
        present = self._leases.watched(client, camera, self._role)
        self.stop(client, camera)
        if send_barcodes is None:
            preview = Preview(sink, present.broadcast, binary, most)
        else:
            barcodes = BarcodeSubscription(present.barcodes, sink, send_barcodes)
            preview = Preview(barcodes, present.broadcast, binary, most, barcodes)
        self._running[client, camera.info.id] = preview
        preview.begin(self._followed.of(client, camera.info.id) if self._followed else Settings())

    def stop(self, client: Client, camera: Camera) -> None:
        """End a preview without a message; no error if there is none."""
        preview = self._running.pop((client, camera.info.id), None)
        if preview is not None:
            preview.stop(Cancelled(func=self._role.preview))

    def restyle(self, client: Client, camera: str, settings: Settings) -> None:
        """Continue the preview of a camera, if there is one, with the client's new settings."""
        preview = self._running.get((client, camera))
        if preview is not None:
            preview.restyle(settings)

    def release(self, client: Client) -> None:
        """End all previews of a client whose connection is gone."""
        for key in [key for key in self._running if key[0] is client]:
            self._running.pop(key).stop(Cancelled(func=self._role.preview))


def variant(settings: Settings, binary: bool, most: Size | None = None) -> Variant:
    """Return the variant of the stream for a preview with these settings."""
    overlay = OVERLAYS.get(settings.crop, Overlay.NOTHING)
    rect = settings.rect if overlay is Overlay.RECT else None
    return Variant(settings.rotate, overlay, rect, binary, most, settings.when_unsure)
