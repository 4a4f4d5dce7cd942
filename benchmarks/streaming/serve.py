"""Running a server under test in a process of its own, on a free port."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable

from aiohttp import web


def nothing() -> int:
    """Waiting messages of a server whose only buffers are those of its connections."""
    return 0


async def serve(app: web.Application, waiting: Callable[[], int] = nothing) -> None:
    """Print the port, then run until nobody holds the other end of standard input.

    Each line read there is answered with what is held for clients: the `waiting` messages, and
    the bytes in the buffers of the connections.
    """
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps({"waiting": waiting(), "buffered": _buffered(runner)}), flush=True)
    finally:
        await runner.cleanup()


def _buffered(runner: web.AppRunner) -> int:
    assert runner.server is not None
    transports = [connection.transport for connection in runner.server.connections]
    return sum(transport.get_write_buffer_size() for transport in transports if transport is not None)
