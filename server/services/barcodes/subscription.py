"""Barcode subscription of one preview's client."""

from __future__ import annotations

from collections.abc import Callable

from server.errors import GaopaiError
from server.services.barcodes.tracker import NOTHING, VisibleBarcodes
from server.services.barcodes.watcher import BarcodeWatcher
from server.streaming.variants import FrameSink, PreviewPicture

SendBarcodes = Callable[[VisibleBarcodes], None]
"""Sends the barcodes in sight, in pixels of the picture as the client sees it; never blocks."""


class BarcodeSubscription:
    """`FrameSink` that also sends barcodes whenever they change, to a slow client only the newest.

    Parameters
    ----------
    sink
        Destination of the pictures; barcodes are sent when it is ready.
    """

    def __init__(self, watcher: BarcodeWatcher, sink: FrameSink, send: SendBarcodes) -> None:
        self._watcher = watcher
        self._sink = sink
        self._send = send
        self._rotation = 0
        self._newest = NOTHING
        self._sent = True
        self._some_sent = False
        """True if the last message had barcodes, False if it said that there are none."""

    def begin(self, rotation: int) -> None:
        """Subscribe, for a picture turned clockwise by `rotation` degrees."""
        self._rotation = rotation
        self._watcher.subscribe(self)

    def turn(self, rotation: int) -> None:
        """Continue with another rotation of the picture."""
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
        # Before the picture, which makes the sink busy.
        self._catch_up()
        self._sink.show(picture)

    def discard(self) -> None:
        self._watcher.unsubscribe(self)
        self._sink.discard()

    def end(self, error: GaopaiError) -> None:
        self._watcher.unsubscribe(self)
        self._sink.end(error)

    def _catch_up(self) -> None:
        """Send the newest barcodes if they are unsent and the client keeps up, after its first picture."""
        if self._sent or not (self._sink.started and self._sink.ready()):
            return
        self._sent = True
        if self._newest.barcodes or self._some_sent:
            self._some_sent = bool(self._newest.barcodes)
            self._send(self._newest.turned(self._rotation))
