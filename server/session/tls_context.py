"""What the encrypting listeners use, fresh as long as the service runs."""

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
from server.background import supervise
from server.config import Config, ConfigError
from server.tls.store import CertificateStore, CertificateUnusable, load, server_context

log = logging.getLogger(__name__)

LOOK_SECONDS = 6 * 3600.0
"""How often a certificate's end, or another file in its place, is looked for."""


@dataclass(frozen=True, slots=True)
class TlsContext:
    """A certificate in use.

    Attributes
    ----------
    cabinet
        Where it is made; None for one of the administrator's.
    """

    context: ssl.SSLContext
    certificate: Path
    key: Path
    cabinet: CertificateStore | None = None

    @classmethod
    def of(cls, config: Config) -> TlsContext:
        """As configured; a certificate of this computer's own is renewed first if it ends soon.

        A service with an account of its own makes what is missing: nobody can log in there to do it.

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
            certificate, key = Path(server.certificate).expanduser(), Path(server.key).expanduser()
            return cls(server_context(certificate, key), certificate, key)
        cabinet = CertificateStore(configuration.access_folder(config.access))
        if configuration.has_own_account(config.access) and cabinet.begin(_now()):
            log.warning("a certificate was made; for browsers: gaopai tls trust %s", cabinet.anchor)
        cabinet.renew(_now())
        certificate, key = cabinet.certificate, cabinet.key
        return cls(server_context(certificate, key), certificate, key, cabinet)

    async def kept_fresh(self, _: web.Application) -> AsyncIterator[None]:
        """While the application runs, renew and read again now and then."""
        keeping = supervise("certificate renewal", self._keep)
        yield
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    async def refresh(self) -> None:
        """Renew if that is due, and let new connections use what lies there now."""
        try:
            if self.cabinet is not None and await asyncio.to_thread(self.cabinet.renew, _now()):
                log.info("the certificate was renewed")
            load(self.context, self.certificate, self.key)
        except CertificateUnusable as exc:
            log.error("the certificate stays as it was: %s", exc)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.refresh()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
