"""Requests about the service itself, and those that are only acknowledged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from server import __version__
from server.config import Config
from server.errors import GaopaiError, Language, ToolMissing
from server.protocol.catalogue import CATALOGUE
from server.protocol.messages import service as messages
from server.protocol.messages.base import Answer, Request
from server.services.context import RequestContext, bound_handlers, handles
from server.telemetry.printable import printable

Unavailable = Callable[[], Awaitable[Mapping[str, GaopaiError]]]
"""Returns the functions that any request would fail now, each with the error."""


Languages = Callable[[], Awaitable[tuple[Sequence[str], str]]]
"""Returns the languages whose text can be recognized, and the engine; raises `ToolMissing` without one."""


class ServiceHandlers:
    """Handlers of requests that need no device.

    Parameters
    ----------
    served
        Names of the functions that other handlers serve.
    unavailable
        Returns those of them that would fail now.
    languages
        Returns the languages whose text can be recognized here, and the engine.

    Attributes
    ----------
    limits
        Limits to be described to pages; replaced when the configuration is read again.
    profiles
        Names of profiles, likewise.
    """

    def __init__(
        self, config: Config, served: Collection[str], unavailable: Unavailable, languages: Languages
    ) -> None:
        self._compat = config.compat
        self.limits = config.limits
        self.profiles = tuple(config.profiles)
        self._targets = tuple(config.targets)
        self._served = served
        self._unavailable = unavailable
        self._languages = languages

    @handles("GetOcrSupportInfo")
    async def list_languages(self, context: RequestContext, request: Request) -> Answer:
        try:
            languages, engine = await self._languages()
        except ToolMissing:
            # A state, not an error: pages in the field ask at their start, and expect success.
            return messages.GetOcrSupportInfoAnswer(languages=())
        return messages.GetOcrSupportInfoAnswer(
            languages=tuple(languages), engine=engine if languages else None
        )

    @handles("Heartbeat", "Notify")
    async def acknowledge(self, context: RequestContext, request: Request) -> Answer:
        return CATALOGUE[context.head.func].answer()

    @handles("SetPageInfo")
    async def set_page(self, context: RequestContext, request: messages.SetPageInfoRequest) -> Answer:
        if request.language is not None:
            context.set_language(request.language)
        if request.title is not None:
            context.client.page.title = printable(request.title.strip())
        if request.case is not None:
            context.client.page.case = request.case.strip()
        return messages.SetPageInfoAnswer(language=context.language)

    @handles("GetServiceInfo")
    async def describe(self, context: RequestContext, request: Request) -> Answer:
        served = {*self._served, *bound_handlers(self)}
        unavailable = await self._unavailable()
        functions = tuple(_entry(name, served, unavailable, context.language) for name in CATALOGUE)
        limits = self.limits
        compat = self._compat
        return messages.GetServiceInfoAnswer(
            version=__version__,
            functions=functions,
            limits={
                "messageBytes": limits.message_mib * 1024 * 1024,
                "waitingRequests": limits.waiting_requests,
                "waitingBytes": limits.waiting_mib * 1024 * 1024,
                "requestsPerSecond": limits.requests_per_second,
                "picturePixels": limits.picture_megapixels * 1_000_000,
            },
            profiles=self.profiles,
            targets=self._targets,
            compat={
                "previewKey": compat.preview_key,
                "scannerSettingsName": compat.scanner_settings_name,
                "idNumAsNumber": compat.id_num_as_number,
                "proseNames": compat.prose_names,
            },
        )


def _entry(
    name: str, served: Collection[str], unavailable: Mapping[str, GaopaiError], language: Language
) -> messages.FunctionEntry:
    error = unavailable.get(name)
    if error is None:
        return messages.FunctionEntry(name=name, available=name in served)
    return messages.FunctionEntry(name=name, available=False, reason=error.message(language))
