"""Connections of adapters: to judged addresses alone, TLS by the authorities of the configuration."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiohttp

from server.errors import LocalizedText, UploadRejected, UploadUnreachable
from server.services.upload.policy import UploadDestination
from server.services.upload.post import (
    CONNECT_SECONDS,
    SILENT,
    connection_reason,
    http_errors,
    pinned_session,
)
from server.services.upload.targets.port import FULL, NO_LEAVE, NO_PASSWORD, Reach, TargetRefusal

_BAD_AUTHORITIES = LocalizedText(
    "其 authorities 不是可用的 PEM 证书", "its authorities are no certificates in PEM that can be read"
)
_REFUSALS = {401: NO_PASSWORD, 403: NO_LEAVE, 413: FULL, 507: FULL}
"""Reasons of refusals that the target's administrator can remove, by HTTP status."""


async def tls_of(reach: Reach, authorities: str) -> ssl.SSLContext:
    """Return the TLS context of a target."""
    return await reach.pools.run(_context, authorities)


def _context(authorities: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(Path(authorities).expanduser()) if authorities else None)
    except (OSError, ssl.SSLError) as exc:
        raise TargetRefusal(_BAD_AUTHORITIES) from exc


@contextlib.asynccontextmanager
async def session_of(
    reach: Reach, url: str, authorities: str
) -> AsyncIterator[tuple[aiohttp.ClientSession, UploadDestination]]:
    """Connect to the server of a URL, for the requests of one delivery; translates errors."""
    destination = await reach.url(url)
    tls = await tls_of(reach, authorities)
    with http_errors():
        async with pinned_session(destination, tls, keep=True) as session:
            yield session, destination


async def connected(addresses: Sequence[str], port: int) -> socket.socket:
    """Return a socket that is connected to the first address that answers.

    Raises
    ------
    UploadUnreachable
    """
    failure: UploadUnreachable | None = None
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().sock_connect(sock, (address, port))
        except TimeoutError:
            failure = UploadUnreachable(reason=SILENT)
        except OSError as exc:
            failure = UploadUnreachable(reason=connection_reason(exc))
        except BaseException:
            sock.close()
            raise
        else:
            return sock
        sock.close()
    assert failure is not None
    raise failure


def check_status(status: int) -> None:
    """Check the status of an answer.

    Raises
    ------
    TargetRefusal
        For a reason that the target's administrator can remove.
    UploadRejected
    """
    if 200 <= status < 300:
        return
    if status in _REFUSALS:
        raise TargetRefusal(_REFUSALS[status])
    raise UploadRejected(status=status)
