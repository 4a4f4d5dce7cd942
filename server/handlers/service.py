"""The functions about the service itself, and the small extras pages in the field send."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from server import __version__
from server.config import Config
from server.handlers.exchange import Exchange, Handler
from server.protocol.catalogue import CATALOGUE
from server.protocol.messages.base import Answer, Request
from server.protocol.messages.service import FunctionEntry, GetServiceInfoAnswer


class ServiceHandlers:
    """Requests that need no device.

    Parameters
    ----------
    available
        Names of the functions that other handlers serve.

    Attributes
    ----------
    limits
        As pages are told; replaced when the configuration is read again.
    """

    def __init__(self, config: Config, available: Collection[str]) -> None:
        self._compat = config.compat
        self.limits = config.limits
        self._available = available

    def table(self) -> Mapping[str, Handler]:
        """The handlers by function name."""
        return {
            "GetServiceInfo": self.describe,
            "GetOcrSupportInfo": self.acknowledge,
            "ExternalButton": self.acknowledge,
            "Heartbeat": self.acknowledge,
            "Notify": self.acknowledge,
        }

    async def acknowledge(self, exchange: Exchange, request: Request) -> Answer:
        return CATALOGUE[exchange.head.func].answer()

    async def describe(self, exchange: Exchange, request: Request) -> Answer:
        served = {*self._available, *self.table()}
        functions = tuple(FunctionEntry(name=name, available=name in served) for name in CATALOGUE)
        limits, compat = self.limits, self._compat
        return GetServiceInfoAnswer(
            version=__version__,
            functions=functions,
            limits={
                "messageBytes": limits.message_mib * 1024 * 1024,
                "waitingRequests": limits.waiting_requests,
                "waitingBytes": limits.waiting_mib * 1024 * 1024,
                "requestsPerSecond": limits.requests_per_second,
                "picturePixels": limits.picture_megapixels * 1_000_000,
            },
            compat={
                "previewKey": compat.preview_key,
                "scannerSettingsName": compat.scanner_settings_name,
                "idNumAsNumber": compat.id_num_as_number,
            },
        )
