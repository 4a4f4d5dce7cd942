"""One request being served: who asks, and how answers and frames go back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from server.errors import GaopaiError, Language
from server.protocol.codec import Head
from server.protocol.messages.base import Answer
from server.services.client import Client


class FrameLane(Protocol):
    """The newest frame of one stream to one client."""

    started: bool

    def idle(self) -> bool:
        """Whether no frame waits."""

    def put(self, message: Sequence[bytes]) -> None:
        """Send a frame, given in pieces; one that still waits is replaced."""

    def tell(self, message: bytes) -> None:
        """Send a small message beside the frames, ahead of the one that waits."""

    def end(self, message: bytes) -> None:
        """Send a message that is not replaced."""

    def clear(self) -> None:
        """Drop the frame that waits."""


class RequestContext(Protocol):
    """One request of one connection."""

    @property
    def client(self) -> Client:
        """Who asks."""

    @property
    def head(self) -> Head:
        """The request's function and number, as the answer repeats them."""

    @property
    def language(self) -> Language:
        """In which the client is told of errors and reasons."""

    @property
    def binary(self) -> bool:
        """Whether the client takes preview frames as binary messages."""

    async def answer(self, answer: Answer, func: str | None = None) -> None:
        """Send one answer, under another name if `func` is given; who sends several returns None."""

    async def refuse(self, error: GaopaiError, answer: Answer) -> None:
        """Send an error and, in `answer`, what is known all the same."""

    def failure(self, error: Exception, answer: Answer | None = None) -> bytes:
        """The message that tells the client of an error."""

    def lane(self, key: str) -> FrameLane:
        """A place for the frames of the stream `key`, which this request begins."""


Handler = Callable[[RequestContext, Any], Awaitable[Answer | None]]
"""Serves one function: its answer, or None when the answers are sent or will follow."""
