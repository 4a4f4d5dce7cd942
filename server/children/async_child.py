"""A child process as the event loop sees it; nothing here blocks."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import TypeVar

import msgspec

from server.children.channel import Packet
from server.children.child import Child, ChildSpec, Exit, start

T = TypeVar("T")


class AsyncChild:
    """A child that one task at a time listens to; made by `start_child`."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._readable: asyncio.Future[None] | None = None

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """True while it runs and the channel is open."""
        return self._child.alive

    def send(self, data: bytes, file: int | None = None) -> None:
        """Send a packet.

        Raises
        ------
        OSError
            The child is gone, or takes no more.
        """
        self._child.send(data, file)

    def send_or_lose(self, data: bytes) -> None:
        """Send a packet; whatever a child does not take any more is lost with it."""
        with contextlib.suppress(OSError):
            self._child.send(data)

    async def receive(self, decode: Callable[[bytes], T]) -> tuple[T, int | None]:
        """Wait for the next packet; its file, if there is one, is the caller's to close.

        Parameters
        ----------
        decode
            Makes a message of its bytes; raises `msgspec.DecodeError` where they are none.

        Raises
        ------
        EOFError
            The child is gone, does not keep to the rules, or was hung up.
        """
        data, file = await self._packet()
        try:
            return decode(data), file
        except msgspec.DecodeError as exc:
            if file is not None:
                os.close(file)
            raise EOFError from exc

    def hang_up(self) -> None:
        """Close the channel, at which most children end by themselves."""
        ready, self._readable = self._readable, None
        if ready is not None:
            asyncio.get_running_loop().remove_reader(self._child.fileno())
            _resolve(ready)
        self._child.hang_up()

    async def end(self, grace: float = 0.0) -> Exit:
        """Hang up and see the process gone, by itself within `grace` seconds or else killed."""
        self.hang_up()
        return await asyncio.shield(asyncio.to_thread(self._child.end, grace))

    async def _packet(self) -> Packet:
        while True:
            await self._until_readable()
            if self._child.fileno() < 0:
                raise EOFError
            with contextlib.suppress(BlockingIOError):
                return self._child.receive()

    async def _until_readable(self) -> None:
        """Wait for a packet, an end, or until it is hung up."""
        if self._child.fileno() < 0:
            return
        loop = asyncio.get_running_loop()
        ready = self._readable = loop.create_future()
        loop.add_reader(self._child.fileno(), _resolve, ready)
        try:
            await ready
        finally:
            if self._readable is ready:  # else it was hung up, and the descriptor may be another's by now
                self._readable = None
                loop.remove_reader(self._child.fileno())


async def start_child(spec: ChildSpec, *arguments: object) -> AsyncChild:
    """Start a child; see `server.children.child.start`. Cancelled, it leaves none behind.

    Raises
    ------
    OSError
        No process can be started.
    """
    starting = asyncio.ensure_future(asyncio.to_thread(start, spec, *arguments))
    try:
        return AsyncChild(await asyncio.shield(starting))
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            await asyncio.shield(AsyncChild(await starting).end())
        raise


def _resolve(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
