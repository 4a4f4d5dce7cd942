"""Requests that say one thing twice, of which each reader could take another.

Nothing that the service reads of a request may come twice. This is the one place that sees to it.
"""

from __future__ import annotations

from aiohttp import web
from multidict import MultiMapping

HEADERS = (
    "Host",
    "Origin",
    "Authorization",
    "Upgrade",
    "Connection",
    "Content-Length",
    "Transfer-Encoding",
    "Accept-Language",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Sec-Fetch-Site",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Dest",
)
QUERY = ("token",)


def repeated(request: web.BaseRequest) -> str | None:
    """Return the name of a header or parameter that comes twice, None if there is none."""
    found = (*_repeated(request.headers, HEADERS), *_repeated(request.query, QUERY))
    return found[0] if found else None


def _repeated(values: MultiMapping[str], names: tuple[str, ...]) -> list[str]:
    return [name for name in names if len(values.getall(name, ())) > 1]
