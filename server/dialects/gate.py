"""Access to dialects: which page a request comes from, judged before anything acts.

These pages never say who they are, and pictures and scripts that they embed carry no Origin. A request
without one is therefore no program's here: the Referer, which no page can forge, has to name its page.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager

from aiohttp import web

from server.access.control import AccessControl
from server.access.origins import OriginPolicy, Origins, origin_of

LOOPBACK = OriginPolicy.parse((), (), native_clients=False)


class Gate:
    """Judges the requests to one dialect.

    Parameters
    ----------
    origins
        Allow-list in place of the service's; None for that one and the decisions beside it.
    """

    def __init__(self, access: AccessControl, origins: Origins | None) -> None:
        self._access = access
        self._origins = origins

    def serving(self, request: web.Request) -> AbstractContextManager[None]:
        """Count a connection as one whose request is in work, until the end of the ``with`` block."""
        return self._access.handshakes.serving(request.transport)

    async def admits_connection(self, request: web.Request) -> bool:
        """Return whether the request is to this computer, by a program of this user."""
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or not LOOPBACK.admits_host(hosts[0]):
            self._access.record_refusal("host", request, "another host name")
            return False
        return await self._access.check_request(request) is None

    def page(self, request: web.Request, destinations: Collection[str] = ("empty",)) -> str | None:
        """Return the origin of the page that a request comes from; None to refuse it.

        Parameters
        ----------
        destinations
            Values of Sec-Fetch-Dest, if the browser sends it, that a request without an Origin may have.
        """
        origins = request.headers.getall("Origin", [])
        if len(origins) > 1:
            origin = None
        elif origins:
            origin = origins[0]
        else:
            origin = _embedding_page(request, destinations)
        if origin is not None and self.admits(origin):
            return origin
        self._access.record_refusal("origin", request, "its page is not allowed")
        return None

    def admits(self, origin: str) -> bool:
        """Return whether pages of an origin may use the dialect."""
        if self._origins is None:
            return self._access.admits_origin(origin)
        return origin in self._origins


def _embedding_page(request: web.Request, destinations: Collection[str]) -> str | None:
    """Return the origin that the Referer names, if browsers send such a request without an Origin."""
    referers = request.headers.getall("Referer", [])
    # From the address bar, a bookmark or another program: no page stands behind it.
    if len(referers) != 1 or request.headers.get("Sec-Fetch-Site") == "none":
        return None
    destination = request.headers.get("Sec-Fetch-Dest")
    if destination is not None and destination not in destinations:
        return None
    return origin_of(referers[0])
