"""What ties an answer to its request."""

from __future__ import annotations

import msgspec

from server.errors import GaopaiError
from server.protocol.function import Function
from server.protocol.messages.base import Request

NO_ID = b'""'
"""The reqId of a message that had none."""


class Head(msgspec.Struct, frozen=True):
    """The part of a request that its answers repeat.

    Attributes
    ----------
    func
        The function's name as the page spelled it; empty when there was none.
    req_id
        JSON text, exactly as received, so that ``1.0`` and long integers survive.
    echo
        The key the page used instead of ``func``, which answers then carry too.
    """

    func: str = ""
    req_id: bytes = NO_ID
    echo: str | None = None


class Call(msgspec.Struct, frozen=True):
    """A request that can be carried out."""

    head: Head
    function: Function
    request: Request


class BadCall(Exception):
    """A message that is no valid request; `head` holds as much of it as is known."""

    def __init__(self, head: Head, error: GaopaiError) -> None:
        self.head = head
        self.error = error
        super().__init__(str(error))
