"""``/metrics``, for programs of this machine and the service's own page only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

OFF = "Metrics are off; an administrator switches them on: [metrics] enabled = true\n指标未启用。\n"
FORBIDDEN = "Metrics are not for web pages.\n指标不向网页提供。\n"
HEADERS = {
    "Content-Type": "text/plain; version=0.0.4; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class MetricsPage:
    """Answers a scrape.

    Parameters
    ----------
    text
        Returns the metrics; None if they are off.
    """

    def __init__(self, text: Callable[[], bytes] | None) -> None:
        self._text = text

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with the metrics, 403 to other pages, or 404 if they are off."""
        if self._text is None:
            return web.Response(status=404, text=OFF)
        own = f"{request.scheme}://{request.host}"
        if request.headers.get("Origin", own) != own:
            return web.Response(status=403, text=FORBIDDEN)
        # Every browser sends this header, other programs do not.
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return web.Response(status=403, text=FORBIDDEN)
        # In a thread, as figures of the process are read from files.
        body = await asyncio.to_thread(self._text)
        return web.Response(body=body, headers=HEADERS)
