"""TLS context of the encrypted listeners, whose certificate is renewed while the service runs."""

from __future__ import annotations

import asyncio
import datetime
import logging
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from server import config as configuration
from server.config import Config, ConfigError
from server.runtime.background import ended, supervise
from server.tls.store import CertificateStore, CertificateUnusable, load, server_context

log = logging.getLogger(__name__)

REFRESH_SECONDS = 6 * 3600.0
"""Interval of checks for the end of a certificate, or another file in its place, in seconds."""


@dataclass(frozen=True, slots=True)
class TlsContext:
    """TLS context and its certificate.

    Attributes
    ----------
    store
        Store of this computer's own certificate; None for one of the administrator's.
    """

    context: ssl.SSLContext
    certificate: Path
    key: Path
    store: CertificateStore | None = None

    @classmethod
    def from_config(cls, config: Config) -> TlsContext:
        """Make the context of a configuration; this computer's own certificate is renewed if it ends soon.

        A service with its own account makes a missing certificate, as nobody can log in there to do it.

        Raises
        ------
        CertificateUnusable
        ConfigError
            Only one of certificate and key is named.
        """
        server = config.server
        if bool(server.certificate) != bool(server.key):
            raise ConfigError("[server] certificate and key are named both or not at all")
        if server.certificate:
            certificate = Path(server.certificate).expanduser()
            key = Path(server.key).expanduser()
            return cls(server_context(certificate, key), certificate, key)
        store = CertificateStore(configuration.access_folder(config.access))
        if configuration.has_own_account(config.access) and store.begin(_now()):
            log.warning("a certificate was made; for browsers: gaopai tls trust %s", store.anchor)
        store.renew(_now())
        certificate = store.certificate
        key = store.key
        return cls(server_context(certificate, key), certificate, key, store)

    async def lifetime(self, _: web.Application) -> AsyncIterator[None]:
        """Refresh at intervals while the application runs."""
        refreshing = supervise("certificate renewal", self._refresh_regularly)
        yield
        await ended(refreshing)

    async def refresh(self) -> None:
        """Renew the certificate if due, and load the files for new connections."""
        try:
            if self.store is not None and await asyncio.to_thread(self.store.renew, _now()):
                log.info("the certificate was renewed")
            load(self.context, self.certificate, self.key)
        except CertificateUnusable as exc:
            log.error("the certificate stays as it was: %s", exc)

    async def _refresh_regularly(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            await self.refresh()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
