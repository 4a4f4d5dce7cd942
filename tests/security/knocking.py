"""Requests as an attacker's browser or program would send them, byte by byte where it matters."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp

from tests.functional.conftest import Running
from tests.patience import PATIENCE

UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


async def knock(service: Running, path: str = "/", **headers: str) -> tuple[int, str]:
    """Ask for a WebSocket; the status, 101 where one was opened, and what a refusal says."""
    async with (
        asyncio.timeout(PATIENCE),
        aiohttp.ClientSession() as http,
        http.get(service.http + path, headers={**UPGRADE, **headers}) as response,
    ):
        return response.status, "" if response.status == 101 else await response.text()


async def status_of(service: Running, lines: Sequence[str]) -> int:
    """The status of a request sent exactly as written."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(service.http.rpartition(":")[2]))
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode("utf-8"))
        async with asyncio.timeout(PATIENCE):
            return int((await reader.readline()).split()[1])
    finally:
        writer.close()
