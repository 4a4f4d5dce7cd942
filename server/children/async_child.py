"""A child process as the event loop sees it; nothing here blocks."""

from __future__ import annotations

import asyncio
import contextlib
import mmap
from collections.abc import Callable
from typing import TypeVar

import msgspec

from server.children.child import Child, ChildSpec, Exit, Message, start

T = TypeVar("T")
A = TypeVar("A", bound="AsyncChild")

CRASH_SECONDS = 1.0
"""Seconds within which a process that has closed its end of the channel has ended by itself."""


class ChildEnded(Exception):
    """The child ended by itself, broke the rules or was hung up; `exit` is its end."""

    def __init__(self, ended: Exit) -> None:
        self.exit = ended
        super().__init__(str(ended))


class AsyncChild(Child):
    """A child that one task at a time listens to; made by `start_child`."""

    _ready: asyncio.Future[None] | None = None
    _waiting: asyncio.Timeout | None = None

    async def listen(
        self, decode: Callable[[bytes], T], seconds: float | None = None
    ) -> tuple[T, mmap.mmap | None]:
        """Wait for the next message, and the content of the file that came along.

        Parameters
        ----------
        decode
            Makes a message of a packet's bytes; raises `msgspec.DecodeError` where they are none.
        seconds
            None to wait without end.

        Raises
        ------
        TimeoutError
            Nothing came, and the child was killed.
        ChildEnded
        """
        try:
            async with asyncio.timeout(seconds) as self._waiting:
                data, content = await self._message()
                return decode(data), content
        except TimeoutError:
            await self.finish()
            raise
        except (EOFError, msgspec.DecodeError) as exc:
            raise ChildEnded(await self.finish(CRASH_SECONDS)) from exc
        finally:
            self._waiting = None

    def shorten_wait(self, seconds: float) -> None:
        """Let whoever listens now wait so long and no longer."""
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time() + seconds)

    def hang_up(self) -> None:
        """See `Child`; whoever listens is woken. For the loop's thread, unless that was done before."""
        ready = self._ready
        self._ready = None
        if ready is not None:
            asyncio.get_running_loop().remove_reader(self.channel.fileno())
            _resolve(ready)
        super().hang_up()

    async def finish(self, grace: float = 0.0) -> Exit:
        """Hang up and see the process gone, by itself within `grace` seconds or else killed."""
        self.hang_up()
        return await asyncio.shield(asyncio.to_thread(self.end, grace))

    async def _message(self) -> Message:
        while self.channel.fileno() >= 0:
            with contextlib.suppress(BlockingIOError):
                return self.receive()
            await self._readable()
        raise EOFError

    async def _readable(self) -> None:
        """Wait for a packet, an end, or until it is hung up."""
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        self._ready = ready
        loop.add_reader(self.channel.fileno(), _resolve, ready)
        try:
            await ready
        finally:
            if self._ready is ready:  # else it was hung up, and the descriptor may be another's by now
                self._ready = None
                loop.remove_reader(self.channel.fileno())


async def start_child(kind: type[A], spec: ChildSpec, *arguments: object) -> A:
    """Start a child; see `server.children.child.start`. Cancelled, it leaves none behind.

    Raises
    ------
    OSError
        No process can be started.
    """
    starting = asyncio.ensure_future(asyncio.to_thread(start, kind, spec, *arguments))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            await (await starting).finish()
        raise


def _resolve(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
