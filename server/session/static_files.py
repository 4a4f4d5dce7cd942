"""Static files of the demo page and the browser client, served by exact name."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
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
