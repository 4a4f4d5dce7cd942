"""Preview frames as messages: the sink between a preview and the connection's frame lane."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from server.errors import GaopaiError
from server.handlers.context import FrameLane, RequestContext
from server.protocol.frames import binary_frame
from server.protocol.messages.base import Answer
from server.streaming.variants import PreviewPicture

Wrap = Callable[[PreviewPicture], Sequence[bytes]]


def binary_wrap(exchange: RequestContext, number: int) -> Wrap:
    """Puts a picture behind a header of its own."""
    return lambda picture: binary_frame(exchange.head, number, picture.size, picture.outlines, picture.jpeg)


class FrameSink:
    """Where the frames of one request go.

    Parameters
    ----------
    wrap
        Puts a picture into the request's message.
    last
        The fields beside the error code in the message that ends a stream.
    """

    def __init__(self, exchange: RequestContext, lane: FrameLane, wrap: Wrap, last: Answer) -> None:
        self._exchange = exchange
        self._lane = lane
        self._wrap = wrap
        self._last = last

    @property
    def started(self) -> bool:
        return self._lane.started

    def ready(self) -> bool:
        return self._lane.idle()

    def show(self, picture: PreviewPicture) -> None:
        self._lane.put(self._wrap(picture))

    def discard(self) -> None:
        self._lane.clear()

    def end(self, error: GaopaiError) -> None:
        self._lane.end(self._exchange.failure(error, self._last))
