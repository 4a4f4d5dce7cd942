"""Pages of the service itself: static files by exact name, and metrics for programs of this machine."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web

from server.protocol.frames import PROTOCOL
from server.runtime.background import NOTICED_SECONDS, LoopWatch, failures

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
CLIENT = "client/"
"""Folder of the browser client, whose files pages of all origins import: they are served without it too."""
ADMIN = "admin/"
"""Folder of the settings view, which serves its files itself, by stricter rules."""
TEXT_TYPES = {".js": "text/javascript", ".ts": "text/plain", ".html": "text/html", ".css": "text/css"}


class StaticFiles:
    """Files of ``server/web`` by their paths there, read once; those of the client by their names too."""

    def __init__(self) -> None:
        found = dict(_files(files("server.web"), ""))
        self._shared = {name.removeprefix(CLIENT) for name in found if name.startswith(CLIENT)}
        self._files = found | {name: found[CLIENT + name] for name in self._shared}

    def response(self, name: str) -> web.Response:
        """Return the file `name`, or 404."""
        body = self._files.get(name)
        if body is None:
            return web.Response(status=404, text="There is no such page.\n没有此页面。\n")
        headers = dict(SECURITY_HEADERS)
        if name.removeprefix(CLIENT) in self._shared:
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        suffix = name[name.rfind(".") :]
        if suffix in TEXT_TYPES:
            return web.Response(body=body, content_type=TEXT_TYPES[suffix], charset="utf-8", headers=headers)
        kind, packed = mimetypes.guess_type(name)
        if packed:
            # Of a file that is to be kept packed, not of an answer that the browser unpacks.
            kind = f"application/{packed}"
        return web.Response(body=body, content_type=kind or "application/octet-stream", headers=headers)


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        name = prefix + entry.name
        if entry.is_dir() and f"{name}/" != ADMIN and entry.name != "__pycache__":
            yield from _files(entry, f"{name}/")
        elif entry.is_file() and not name.endswith((".py", ".pyc")):
            yield name, entry.read_bytes()


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


def health(
    audit_lost: int, loop_watch: LoopWatch | None, mistakes: Sequence[dict[str, object]] = ()
) -> dict[str, object]:
    """Return the answer.

    Parameters
    ----------
    audit_lost
        Lines that the audit trail lost since the start.
    loop_watch
        Watch of the event loop, of which the longest stretch is told once a page could notice it.
    mistakes
        Mistakes of pages by origin, for programs of this account alone.
    """
    told = _kept(loop_watch) | ({"pageMistakes": list(mistakes)} if mistakes else {})
    workers = [
        {
            "name": worker.name,
            "failures": worker.count,
            "error": worker.error,
            "at": worker.at.isoformat(timespec="seconds"),
        }
        for worker in failures()
    ]
    troubles = {"workers": workers, "auditLinesLost": audit_lost} if workers or audit_lost else {}
    status = "degraded" if troubles else "ok"
    return {"service": "gaopai", "protocols": [PROTOCOL], "status": status, **troubles, **told}


def _kept(loop_watch: LoopWatch | None) -> dict[str, object]:
    seconds, function = loop_watch.longest if loop_watch is not None else (0.0, "")
    if loop_watch is None or seconds < NOTICED_SECONDS:
        return {}
    count = loop_watch.counts.total()
    return {"loopKept": {"count": count, "longestMs": round(1000 * seconds), "function": function}}
