"""A server that uploads may be sent to: it takes most of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from aiohttp import web

REFUSES_EACH = 5


@asynccontextmanager
async def receiving() -> AsyncIterator[str]:
    """Its origin."""
    numbers = count(1)

    async def take(request: web.Request) -> web.Response:
        async for part in await request.multipart():
            while await part.read_chunk():  # type: ignore[union-attr]
                pass
        return web.Response(status=503 if next(numbers) % REFUSES_EACH == 0 else 200, text="ok")

    app = web.Application(client_max_size=1 << 30)
    app.router.add_post("/{tail:.*}", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
