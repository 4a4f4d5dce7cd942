"""Barcodes in sight of a camera, told to the client of one preview."""

from __future__ import annotations

from collections.abc import Callable

from server.errors import GaopaiError
from server.services.barcodes.tracker import NOTHING, VisibleBarcodes
from server.services.barcodes.watcher import BarcodeWatcher
from server.streaming.sink import FrameSink
from server.streaming.variants import PreviewPicture

SendBarcodes = Callable[[VisibleBarcodes], None]
"""Sends the barcodes in sight, in pixels of the picture as the client sees it; never blocks."""


class BarcodeSubscription:
    """A `FrameSink` whose client is told of barcodes, too, whenever they change; a slow one of the newest.

    Parameters
    ----------
    sink
        Destination of the pictures, and the measure of how the client keeps up.
    """

    def __init__(self, watcher: BarcodeWatcher, sink: FrameSink, send: SendBarcodes) -> None:
        self._watcher = watcher
        self._sink = sink
        self._send = send
        self._rotation = 0
        self._newest = NOTHING
        self._sent = True
        self._some_sent = False
        """Barcodes were sent last, and not that there are none."""

    def begin(self, rotation: int) -> None:
        """Watch from now on, for a picture turned clockwise by so many degrees."""
        self._rotation = rotation
        self._watcher.subscribe(self)

    def turn(self, rotation: int) -> None:
        """Go on with a picture that is turned otherwise."""
        if rotation != self._rotation:
            self._rotation = rotation
            self._sent = False
            self._catch_up()

    def update(self, visible: VisibleBarcodes) -> None:
        self._newest, self._sent = visible, False
        self._catch_up()

    # The sink --------------------------------------------------------------------------

    @property
    def started(self) -> bool:
        return self._sink.started

    def ready(self) -> bool:
        return self._sink.ready()

    def show(self, picture: PreviewPicture) -> None:
        # First, while the client has taken up all that was sent.
        self._catch_up()
        self._sink.show(picture)

    def discard(self) -> None:
        self._watcher.unsubscribe(self)
        self._sink.discard()

    def end(self, error: GaopaiError) -> None:
        self._watcher.unsubscribe(self)
        self._sink.end(error)

    def _catch_up(self) -> None:
        """Send what has not been sent, if the client can take it; the first message is a picture's."""
        if self._sent or not (self._sink.started and self._sink.ready()):
            return
        self._sent = True
        if self._newest.codes or self._some_sent:
            self._some_sent = bool(self._newest.codes)
            self._send(self._newest.turned(self._rotation))
