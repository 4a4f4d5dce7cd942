"""The functions about the service itself, and the small extras pages in the field send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping

from server import __version__
from server.config import Config
from server.errors import GaopaiError, Language
from server.handlers.context import RequestContext, bound_handlers, handles
from server.protocol.catalogue import CATALOGUE
from server.protocol.messages.base import Answer, Request
from server.protocol.messages.service import FunctionEntry, GetServiceInfoAnswer

Hindrances = Callable[[], Awaitable[Mapping[str, GaopaiError]]]
"""The functions that would fail whatever the request says, each with what hinders it."""


class ServiceHandlers:
    """Requests that need no device.

    Parameters
    ----------
    available
        Names of the functions that other handlers serve.
    hindrances
        Which of these would fail now.

    Attributes
    ----------
    limits
        As pages are told; replaced when the configuration is read again.
    """

    def __init__(self, config: Config, available: Collection[str], hindrances: Hindrances) -> None:
        self._compat = config.compat
        self.limits = config.limits
        self._available = available
        self._hindrances = hindrances

    @handles("GetOcrSupportInfo", "ExternalButton", "Heartbeat", "Notify")
    async def acknowledge(self, context: RequestContext, request: Request) -> Answer:
        return CATALOGUE[context.head.func].answer()

    @handles("GetServiceInfo")
    async def describe(self, context: RequestContext, request: Request) -> Answer:
        served = {*self._available, *bound_handlers(self)}
        hindrances = await self._hindrances()
        functions = tuple(_entry(name, served, hindrances, context.language) for name in CATALOGUE)
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


def _entry(
    name: str, served: Collection[str], hindrances: Mapping[str, GaopaiError], language: Language
) -> FunctionEntry:
    hindrance = hindrances.get(name)
    if hindrance is None:
        return FunctionEntry(name=name, available=name in served)
    return FunctionEntry(name=name, available=False, reason=hindrance.message(language))
