"""A network camera: the replayed frames over HTTP, each a part of one endless answer.

``python -m benchmarks.streaming.http_camera SIZE CACHE SPEED`` prints its address.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import uvloop

from benchmarks.streaming.camera import Replay

HEAD = "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"
"""Without a length and not in chunks, as cameras answer."""
PART = "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n"


async def main(replay: Replay) -> None:
    """Serve until nobody holds the other end of standard input."""

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(HEAD.encode())
            while not writer.is_closing():
                await asyncio.sleep(replay.wait)
                data = replay.take().data
                writer.write(PART.format(len(data)).encode() + data + b"\r\n")
                await writer.drain()

    server = await asyncio.start_server(stream, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    # Python 3.12 would wait for the connections.
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(main(Replay(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))))
