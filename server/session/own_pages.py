"""Pages of the service itself: static files by exact name, and metrics for programs of this machine."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Callable, Container, Mapping
from importlib.resources import files

from aiohttp import web

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
# Prefix of the browser client's files, which pages of other origins may import: they hold nothing secret.
CLIENT = "gaopai"
TEXT_TYPES = {".js": "text/javascript", ".ts": "text/plain", ".html": "text/html", ".css": "text/css"}


class StaticFiles:
    """Files of ``server/web``, read once."""

    def __init__(self) -> None:
        self._files = {
            entry.name: entry.read_bytes()
            for entry in files("server.web").iterdir()
            if entry.is_file() and not entry.name.endswith((".py", ".pyc"))
        }

    def response(self, name: str) -> web.Response:
        """Return the file `name`, or 404."""
        body = self._files.get(name)
        if body is None:
            return web.Response(status=404, text="There is no such page.\n没有此页面。\n")
        headers = dict(SECURITY_HEADERS)
        if name.startswith(CLIENT):
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        suffix = name[name.rfind(".") :]
        if suffix in TEXT_TYPES:
            return web.Response(body=body, content_type=TEXT_TYPES[suffix], charset="utf-8", headers=headers)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return web.Response(body=body, content_type=kind, headers=headers)


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
    own
        Origins of the service's own page.
    """

    def __init__(self, text: Callable[[], bytes] | None, own: Container[str]) -> None:
        self._text = text
        self._own = own

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with the metrics, 403 to other pages, or 404 if they are off."""
        if self._text is None:
            return web.Response(status=404, text=OFF)
        if not self._admits(request):
            return web.Response(status=403, text=FORBIDDEN)
        # In a thread, as figures of the process are read from files.
        body = await asyncio.to_thread(self._text)
        return web.Response(body=body, headers=HEADERS)

    def _admits(self, request: web.Request) -> bool:
        page = f"{request.scheme}://{request.host}"
        # Every browser sends this header, other programs do not.
        site = request.headers.get("Sec-Fetch-Site", "none")
        if site == "none" and "Origin" not in request.headers:
            return True
        return (
            site in ("none", "same-origin")
            and request.headers.get("Origin", page) == page
            and page in self._own
        )
