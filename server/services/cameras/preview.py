"""Previews: one viewer a connection and camera, its picture as the connection's settings say."""

from __future__ import annotations

from typing import Protocol

from imgcore.settings import Crop, Settings
from server.devices.ports.camera import Camera
from server.errors import Cancelled, GaopaiError
from server.services.barcodes.watcher import BarcodeSubscription, SendBarcodes
from server.services.cameras.desk import DOCUMENT, CameraDesk, Role
from server.services.client import Client
from server.streaming.broadcast import Broadcast
from server.streaming.variants import Overlay, PreviewPicture, Variant

OVERLAYS = {
    Crop.SINGLE: Overlay.OUTLINE,
    Crop.MULTI: Overlay.OUTLINES,
    Crop.CURVE: Overlay.GUTTER,
    Crop.MANUAL: Overlay.RECT,
}


class Sink(Protocol):
    """Where a viewer's pictures go: a place in the connection's frame lane."""

    @property
    def started(self) -> bool:
        """Whether a message has left: the first one is the answer to the request."""

    def ready(self) -> bool:
        """Whether the last frame has been taken up."""

    def show(self, picture: PreviewPicture) -> None:
        """Send a frame, or replace the one that waits."""

    def discard(self) -> None:
        """Drop the frame that waits."""

    def end(self, error: GaopaiError) -> None:
        """Send the one frame-less message that ends the stream."""


class Preview:
    """One running preview; the `Viewer` of a broadcast.

    Parameters
    ----------
    codes
        What its client is told of codes, if it wants to know.
    """

    def __init__(
        self, sink: Sink, broadcast: Broadcast, binary: bool, codes: BarcodeSubscription | None
    ) -> None:
        self._sink = sink
        self._broadcast = broadcast
        self._binary = binary
        self._codes = codes
        self._over = False

    def begin(self, settings: Settings) -> None:
        """Show pictures as the settings say."""
        self._broadcast.add(self, variant(settings, self._binary))
        if self._codes is not None:
            self._codes.begin(settings.rotate)

    def ready(self) -> bool:
        return not self._over and self._sink.ready()

    def show(self, picture: PreviewPicture) -> None:
        # The picture may have been in work while the request to stop was on its way.
        if not self._over:
            # First, while the line is free.
            if self._codes is not None:
                self._codes.catch_up()
            self._sink.show(picture)

    def end(self, error: GaopaiError) -> None:
        if not self._over:
            self._finish()
            self._sink.end(error)

    def restyle(self, settings: Settings) -> None:
        """Go on with other settings."""
        self._broadcast.move(self, variant(settings, self._binary))
        if self._codes is not None and not self._over:
            self._codes.turn(settings.rotate)

    def stop(self, reason: GaopaiError) -> None:
        """Show nothing more; a request that had no frame yet is answered with `reason`."""
        self._broadcast.remove(self)
        if not self._over:
            self._finish()
            if not self._sink.started:
                self._sink.end(reason)

    def _finish(self) -> None:
        self._over = True
        self._sink.discard()
        if self._codes is not None:
            self._codes.end()


class PreviewService:
    """All running previews of one role, of which a camera may have both at once.

    Parameters
    ----------
    role
        Pictures are shown as the client set them for a document camera; otherwise as they are.
    """

    def __init__(self, desk: CameraDesk, role: Role = DOCUMENT) -> None:
        self._desk = desk
        self._role = role
        self._running: dict[tuple[Client, str], Preview] = {}

    def start(
        self, client: Client, camera: Camera, sink: Sink, binary: bool, tell: SendBarcodes | None = None
    ) -> None:
        """Show a camera to a client; a preview it has of it goes on in the new sink.

        Parameters
        ----------
        binary
            The client draws the marks itself.
        tell
            Tells the client of codes, if it wants to know.

        Raises
        ------
        DeviceNotOpen, DeviceBusy
        """
        present = self._desk.watched(client, camera, self._role)
        self.stop(client, camera)
        codes = None if tell is None else BarcodeSubscription(present.lookout, sink, tell)
        preview = Preview(sink, present.broadcast, binary, codes)
        self._running[client, camera.info.id] = preview
        preview.begin(self._settings(client, camera))

    def stop(self, client: Client, camera: Camera) -> None:
        """End a preview without a word; no error if there is none."""
        preview = self._running.pop((client, camera.info.id), None)
        if preview is not None:
            preview.stop(Cancelled(func=self._role.preview))

    def restyle(self, client: Client, camera: Camera) -> None:
        """Show the preview, if there is one, as the client's settings now say."""
        preview = self._running.get((client, camera.info.id))
        if preview is not None:
            preview.restyle(self._settings(client, camera))

    def release(self, client: Client) -> None:
        """End all previews of a client whose connection is gone."""
        for key in [key for key in self._running if key[0] is client]:
            self._running.pop(key).stop(Cancelled(func=self._role.preview))

    def _settings(self, client: Client, camera: Camera) -> Settings:
        return self._desk.settings(client, camera) if self._role is DOCUMENT else Settings()


def variant(settings: Settings, binary: bool) -> Variant:
    """What a preview with these settings shows."""
    mark = OVERLAYS.get(settings.crop, Overlay.NOTHING)
    return Variant(settings.rotate, mark, settings.rect if mark is Overlay.RECT else None, binary)
