"""The desk at which people sign: one document before one signer, who comes by a ticket that is good once."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from server.access.peer import Peer
from server.archive.ink import Stroke
from server.errors import GaopaiError, Language
from server.errors.signatures import (
    DocumentUnread,
    InkMissing,
    InkTooLong,
    NoSuchPage,
    SignatureBusy,
    SignatureTicketGone,
    SignatureTimeout,
    SignerLeft,
)

TICKET_SECONDS = 120.0
"""Time in which a ticket has to be presented, in seconds."""
SILENT_SECONDS = 20.0
"""Time after which a signer's page that says nothing counts as left, in seconds; it speaks every three."""
LOOK_SECONDS = 1.0
"""Time between two looks whether the signer is still there, in seconds."""
MOST_STROKES = 500
"""Limit of the strokes of a signature; the longest names have some fifty."""
MOST_POINTS = 20_000
"""Limit of the points of a signature: a minute and a half at the rate of the fastest pens, 240 a second."""
LEAST_POINTS = 3
"""Least points of a signature: fewer are a hand that rested on the glass."""
TOKEN_BYTES = 24
"""Random bytes of a ticket, and of the secret that it is exchanged for."""

SigningState = Literal["waiting", "opened", "read", "writing", "sealing"]
Pointer = Literal["", "pen", "touch", "mouse"]
_ORDER: Sequence[SigningState] = ("waiting", "opened", "read", "writing", "sealing")


@dataclass(frozen=True, slots=True, repr=False)
class Writing:
    """Handwriting as the signer left it."""

    strokes: tuple[Stroke, ...]
    pointer: Pointer = ""


@dataclass(frozen=True, slots=True, repr=False)
class SigningTask:
    """Task of a signer.

    Attributes
    ----------
    name
        Name of the document as the page that asked may read it.
    pages
        Number of its pages.
    page
        Page to be signed, from 1.
    place
        Left, top, width and height of the field, as shares of the page as it is shown.
    size
        Width and height of the field in points.
    draw
        Returns a page, from 0, as a JPEG.
    """

    name: str
    signer: str
    reason: str
    pages: int
    page: int
    place: tuple[float, float, float, float]
    size: tuple[float, float]
    read_to_end: bool
    language: Language
    draw: Callable[[int], Awaitable[bytes]]


class Ceremony:
    """One document before one signer, until it is signed or is not.

    Parameters
    ----------
    tell
        Hears of each state once, in order, with the ticket while it is waited for; never waits.

    Attributes
    ----------
    ticket
        Ticket that opens it; empty once it was used.
    """

    def __init__(
        self,
        task: SigningTask,
        tell: Callable[[SigningState, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.task = task
        self.ticket = secrets.token_urlsafe(TOKEN_BYTES)
        self.state: SigningState = "waiting"
        self._tell = tell
        self._clock = clock
        self._begun = clock()
        self._heard = clock()
        self._drawn: set[int] = set()
        self._secret = b""
        self._peer: Peer | None = None
        self._drawing = asyncio.Lock()
        self._writing: asyncio.Future[Writing] = loop.create_future()
        self._ended: asyncio.Future[GaopaiError | None] = loop.create_future()
        tell("waiting", self.ticket)

    # The side of the signer --------------------------------------------------------------------

    def open(self, ticket: str, peer: Peer) -> str | None:
        """Return the secret that the ticket is exchanged for; None where it is wrong, late or used."""
        is_right = hmac.compare_digest(ticket.encode(errors="replace"), self.ticket.encode())
        if not self.ticket or not is_right or self._clock() - self._begun > TICKET_SECONDS:
            return None
        secret = secrets.token_urlsafe(TOKEN_BYTES)
        self.ticket = ""
        self._secret = secret.encode()
        self._peer = peer
        self._reach("opened")
        return secret

    def admits(self, secret: str, peer: Peer) -> bool:
        """Return whether a secret is that of the signer's page, which then is there."""
        presented = secret.encode(errors="replace")
        if not self._secret or not hmac.compare_digest(presented, self._secret) or peer != self._peer:
            return False
        self._heard = self._clock()
        return not self._ended.done()

    async def draw(self, number: int) -> bytes:
        """Return a page, from 1, as a JPEG."""
        if not 1 <= number <= self.task.pages:
            raise NoSuchPage(page=number, pages=self.task.pages)
        async with self._drawing:
            drawn = await self.task.draw(number - 1)
        self._drawn.add(number)
        return drawn

    def read_to_end(self) -> None:
        """Take note that the signer came to the end; raises DocumentUnread where a page was never drawn."""
        if len(self._drawn) < self.task.pages:
            raise DocumentUnread()
        self._reach("read")

    def begin(self) -> None:
        """Take note that the signer writes."""
        self._check_read()
        self._reach("writing")

    async def finish(self, writing: Writing) -> None:
        """Take the handwriting, and wait until the document is sealed.

        Raises
        ------
        DocumentUnread, InkMissing, InkTooLong
            It is not taken, and may be written anew.
        GaopaiError
            The document could not be sealed; it has ended.
        """
        self._check_read()
        points = sum(map(len, writing.strokes))
        if points > MOST_POINTS or len(writing.strokes) > MOST_STROKES:
            raise InkTooLong(strokes=MOST_STROKES, points=MOST_POINTS)
        if points < LEAST_POINTS or not all(writing.strokes):
            raise InkMissing()
        if self._writing.done():
            raise SignatureTicketGone()
        self._reach("sealing")
        self._writing.set_result(writing)
        error = await asyncio.shield(self._ended)
        if error is not None:
            raise error

    def leave(self) -> None:
        """Take note that the signer does not sign."""
        if not self._writing.done():
            self._writing.set_exception(SignerLeft())

    # The side of the page that asked -----------------------------------------------------------

    async def written(self, seconds: float) -> Writing:
        """Wait for the handwriting.

        Raises
        ------
        SignerLeft, SignatureTimeout
        """
        end = self._begun + seconds
        while not self._writing.done():
            now = self._clock()
            if now >= end:
                raise SignatureTimeout(seconds=f"{seconds:g}")
            if self.state != "waiting" and now - self._heard > SILENT_SECONDS:
                raise SignerLeft()
            await asyncio.wait([self._writing], timeout=min(LOOK_SECONDS, end - now))
        return self._writing.result()

    def end(self, error: GaopaiError | None) -> None:
        """Tell the signer how it ended; nothing is taken from there any more."""
        self.ticket = ""
        if not self._writing.done():
            self._writing.cancel()
        elif not self._writing.cancelled():
            # Nobody may have waited for it.
            self._writing.exception()
        if not self._ended.done():
            self._ended.set_result(error)

    def _check_read(self) -> None:
        if self.task.read_to_end and _ORDER.index(self.state) < _ORDER.index("read"):
            raise DocumentUnread()

    def _reach(self, state: SigningState) -> None:
        if _ORDER.index(state) > _ORDER.index(self.state):
            self.state = state
            self._tell(state, "")


class SigningDesk:
    """Has one ceremony at a time."""

    def __init__(self) -> None:
        self._is_taken = False
        self._ceremony: Ceremony | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the desk until the end of the block.

        Raises
        ------
        SignatureBusy
            Another document is being signed.
        """
        if self._is_taken:
            raise SignatureBusy()
        self._is_taken = True
        try:
            yield
        finally:
            self._is_taken = False

    @contextmanager
    def before(self, ceremony: Ceremony) -> Iterator[Ceremony]:
        """Let a signer come to a ceremony until the end of the block, and tell how that ended."""
        self._ceremony = ceremony
        error: GaopaiError | None = SignatureTicketGone()
        try:
            yield ceremony
            error = None
        except GaopaiError as exc:
            error = exc
            raise
        finally:
            self._ceremony = None
            ceremony.end(error)

    def open(self, ticket: str, peer: Peer) -> tuple[Ceremony, str]:
        """Return the ceremony of a ticket, and the secret of its page from now on.

        Raises
        ------
        SignatureTicketGone
        """
        secret = None if self._ceremony is None else self._ceremony.open(ticket, peer)
        if self._ceremony is None or secret is None:
            raise SignatureTicketGone()
        return self._ceremony, secret

    def find(self, secret: str, peer: Peer) -> Ceremony:
        """Return the ceremony of a page.

        Raises
        ------
        SignatureTicketGone
            It has ended, or is another's.
        """
        if self._ceremony is None or not self._ceremony.admits(secret, peer):
            raise SignatureTicketGone()
        return self._ceremony
