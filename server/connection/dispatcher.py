"""Dispatch of requests to handlers, with every exception mapped to an answer."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping

from server.errors import GaopaiError, InternalError, NotAvailableYet
from server.handlers.context import Handler, RequestContext
from server.protocol.codec import Call
from server.protocol.messages.base import Answer
from server.telemetry import incident

log = logging.getLogger(__name__)


class Dispatcher:
    """Calls handlers by function name."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    async def serve(self, call: Call, context: RequestContext) -> Answer | None:
        """Return the answer to `call`, or None when its handler sent the answers itself.

        Raises
        ------
        GaopaiError
            Every failure; an unexpected one is logged and becomes `InternalError`.
        """
        handler = self._handlers.get(call.function.name)
        if handler is None:
            raise NotAvailableYet(feature=call.function.name)
        try:
            return await handler(context, call.request)
        except GaopaiError:
            raise
        except Exception as exc:
            raise internal_error(call.function.name, exc) from exc


def internal_error(func: str, exc: Exception) -> InternalError:
    """Log an unexpected exception in a function, and return the error that the page gets."""
    number = incident()
    # The text of an unknown exception may quote a picture or a name: only its kind and place are kept.
    place = "".join(traceback.format_tb(exc.__traceback__))
    log.error("incident %s in %s: %s\n%s", number, func, type(exc).__name__, place)
    return InternalError(incident=number)
