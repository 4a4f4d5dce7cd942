"""``/metrics``: for programs of this machine and for the service's own page, for no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

OFF = "Metrics are off; an administrator switches them on: [metrics] enabled = true\n指标未启用。\n"
STRANGER = "Metrics are not for web pages.\n指标不向网页提供。\n"
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
        The metrics; None where they are off.
    """

    def __init__(self, text: Callable[[], bytes] | None) -> None:
        self._text = text

    async def answer(self, request: web.Request) -> web.Response:
        """The metrics, 403 for another page's script or frame, 404 where they are off."""
        if self._text is None:
            return web.Response(status=404, text=OFF)
        own = f"{request.scheme}://{request.host}"
        if request.headers.get("Origin", own) != own:
            return web.Response(status=403, text=STRANGER)
        # Browsers say so of every request; what is no browser sends none.
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return web.Response(status=403, text=STRANGER)
        # The kernel is asked about the process, which reads files.
        body = await asyncio.to_thread(self._text)
        return web.Response(body=body, headers=HEADERS)
