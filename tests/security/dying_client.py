"""A page that watches a camera until it is killed: ``dying_client.py URL ORIGIN``."""

from __future__ import annotations

import asyncio
import json
import sys

import aiohttp


async def watch(url: str, origin: str) -> None:
    """Open the first camera and take its frames."""
    async with aiohttp.ClientSession() as http, http.ws_connect(url, origin=origin) as socket:
        for func in ("GetCameraInfo", "OpenCamera", "GetCameraVideoBuff"):
            await socket.send_str(json.dumps({"func": func, "devNum": 0, "enable": True}))
            assert (await socket.receive_json())["result"] == 0
        print("watching", flush=True)
        async for _ in socket:
            pass


if __name__ == "__main__":
    asyncio.run(watch(*sys.argv[1:]))
