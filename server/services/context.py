"""Context of a request, and the binding of handlers to functions of the protocol."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

from server.access.client import Client
from server.errors import GaopaiError, InternalError, Language, NotAvailableYet, forget_frames
from server.protocol.catalogue import CATALOGUE
from server.protocol.codec import Call, Head
from server.protocol.messages.base import Answer
from server.protocol.messages.files import ProgressPush
from server.streaming.painter import FrameSink, PreviewPicture
from server.telemetry import incident


class RequestContext(Protocol):
    """Protocol for the context of one request of one connection."""

    client: Client
    head: Head
    """Function and number of the request, as the answer repeats them."""

    @property
    def language(self) -> Language:
        """Language of errors and reasons."""

    def set_language(self, language: Language) -> None:
        """Answer in this language from now on, unless the configuration has fixed one."""

    @property
    def binary(self) -> bool:
        """True if the client takes preview frames as binary messages."""

    def download_url(self, ticket: str) -> str:
        """Return the address at which a ticket is taken, on the host that the client is connected to."""

    def signing_url(self, ticket: str) -> str:
        """Return the address at which a signer presents a ticket, which stands where no browser sends it."""

    async def answer(self, answer: Answer, func: str | None = None) -> None:
        """Send one of several answers, under the name `func` if given; the handler then returns None."""

    async def refuse(self, error: GaopaiError, answer: Answer, func: str | None = None) -> None:
        """Send an error with the fields of `answer`, under the name `func` if given."""

    def notify(self, notice: Answer, func: str = "Notify") -> None:
        """Send a small notice that carries the request's number; never waits."""

    def frames(self, key: str, encode: FrameEncoder, last: Answer) -> FrameSink:
        """Begin the stream `key`, in place of an older one of that key.

        Parameters
        ----------
        encode
            Makes the message of a picture.
        last
            The fields beside the error code in the message that ends the stream.
        """


PROGRESS_SECONDS = 0.25
"""Least time between two notices of progress, in seconds."""


def progress_reporter(
    context: RequestContext, kind: Literal["merge", "upload"]
) -> Callable[[int, int], None]:
    """Return a function that tells the page of progress, the end of it in any case; for any thread."""
    loop = asyncio.get_running_loop()
    told_at = -PROGRESS_SECONDS

    def report(done: int, total: int) -> None:
        nonlocal told_at
        now = time.monotonic()
        if now - told_at >= PROGRESS_SECONDS or done == total:
            told_at = now
            notice = ProgressPush(event="OnProgress", kind=kind, done=done, total=total)
            loop.call_soon_threadsafe(context.notify, notice)

    return report


FrameEncoder = Callable[[PreviewPicture], Sequence[bytes]]
"""Makes the message of a preview picture, in pieces."""

Handler = Callable[[RequestContext, Any], Awaitable[Answer | None]]
"""Serves one function; returns its answer, or None when answers were sent or will follow."""

M = TypeVar("M", bound=Callable[..., Any])
T = TypeVar("T")
_FUNCTIONS = "__protocol_functions__"
_HERALDED = "__heralded_functions__"


def handles(*functions: str) -> Callable[[M], M]:
    """Bind a method to the functions of the protocol that it serves."""
    unknown = [name for name in functions if name not in CATALOGUE]
    if unknown:
        raise ValueError(f"no function of the protocol: {', '.join(unknown)}")

    def bind(method: M) -> M:
        setattr(method, _FUNCTIONS, functions)
        return method

    return bind


Herald = Callable[[Client, Any, bool], None]
"""Hears of a request as soon as it arrives, and whether that has to wait; it never waits itself."""


def heralds(*functions: str) -> Callable[[M], M]:
    """Bind a method to functions whose requests it hears of before their turn."""

    def bind(method: M) -> M:
        setattr(method, _HERALDED, functions)
        return method

    return bind


def bound_heralds(*owners: object) -> dict[str, Herald]:
    """Return the methods of `owners` that hear of requests before their turn, by function name."""
    methods = [method for owner in owners for _, method in inspect.getmembers(owner, inspect.ismethod)]
    return {name: method for method in methods for name in getattr(method, _HERALDED, ())}


def bound_handlers(*owners: object) -> dict[str, Handler]:
    """Return the handlers that methods of `owners` were bound to, by function name.

    Raises
    ------
    ValueError
        Two methods serve one function.
    """
    handlers: dict[str, Handler] = {}
    for owner in owners:
        for name, method in inspect.getmembers(owner, inspect.ismethod):
            for function in getattr(method, _FUNCTIONS, ()):
                if function in handlers:
                    raise ValueError(
                        f"{function} has two handlers; the second is {type(owner).__name__}.{name}"
                    )
                handlers[function] = method
    return handlers


class DomainServices:
    """Handlers of a domain, and as attributes its services, each of one domain alone."""

    def __init__(self, *handlers: object) -> None:
        self.handlers = handlers


log = logging.getLogger(__name__)


class Dispatcher:
    """Calls handlers by function name.

    Parameters
    ----------
    heralds
        Hear of requests before their turn, by function name.
    completed
        Returns an answer with further names for its results; None for answers as they are.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        heralds: Mapping[str, Herald] | None = None,
        completed: Callable[[Answer], Answer] | None = None,
    ) -> None:
        self._handlers = handlers
        self._heralds = heralds or {}
        self._completed = completed

    def is_heralded(self, call: Call) -> bool:
        """Return whether something hears of `call` before its turn."""
        return call.function.name in self._heralds

    def herald(self, call: Call, client: Client, waits: bool) -> None:
        """Tell of a call that has arrived."""
        self._heralds[call.function.name](client, call.request, waits)

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
        return await translated(call.function.name, handler(context, call.request))

    def complete(self, answer: Answer) -> Answer:
        """Return an answer with all the names of its results."""
        return self._completed(answer) if self._completed else answer


async def translated(func: str, work: Awaitable[T]) -> T:
    """Return the result of a function, of whose failure nothing stays but the error.

    Raises
    ------
    GaopaiError
        Every failure; an unexpected one is logged and becomes `InternalError`.
    """
    try:
        return await work
    except GaopaiError as error:
        forget_frames(error)
        raise
    except Exception as exc:
        raise _internal_error(func, exc) from exc


def _internal_error(func: str, exc: Exception) -> InternalError:
    """Log an unexpected exception in a function, and return the error that the page gets."""
    number = incident()
    # The text of an unknown exception may quote a picture or a name: only its kind and place are kept.
    place = "".join(traceback.format_tb(exc.__traceback__))
    log.error("incident %s in %s: %s\n%s", number, func, type(exc).__name__, place)
    forget_frames(exc)
    return InternalError(incident=number)
