"""An upload server that accepts most uploads and refuses every fifth."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from aiohttp import BodyPartReader, web

REFUSES_EACH = 5
NUMBER = "n"
"""Name of the parameter with the number of the upload."""


@dataclass(frozen=True)
class Receiver:
    """The upload server's address and the uploads it has accepted.

    Attributes
    ----------
    taken
        Numbers of the accepted uploads.
    changed
        Notified when there is another.
    """

    origin: str
    taken: set[str] = field(default_factory=set)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Listen on a free port of the loopback interface."""
    requests = count(1)

    async def take(request: web.Request) -> web.Response:
        try:
            number = await _number(request)
        except ConnectionError:
            # The service went away.
            return web.Response(status=400)
        if next(requests) % REFUSES_EACH == 0:
            return web.Response(status=503)
        async with receiver.changed:
            receiver.taken.add(number)
            receiver.changed.notify_all()
        return web.Response(text="ok")

    app = web.Application(client_max_size=1 << 30)
    app.router.add_post("/{tail:.*}", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver = Receiver(f"http://127.0.0.1:{runner.addresses[0][1]}")
        yield receiver
    finally:
        await runner.cleanup()


async def _number(request: web.Request) -> str:
    """Read the whole upload; return its number, or an empty string."""
    number = ""
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        if part.name == NUMBER:
            number = await part.text()
        while await part.read_chunk():
            pass
    return number
