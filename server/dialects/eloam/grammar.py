"""Requests of Eloam pages: the command is the path, with ``=`` and ``&`` in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from server.dialects.json_text import Fields
from server.dialects.page_session import PageSession

MOST_PARAMETERS = 64
"""Limit of the parameters that are looked at, in the path and in the query each."""


@dataclass(frozen=True, slots=True)
class EloamRequest:
    """Command and parameters of a request's address.

    Attributes
    ----------
    name
        ``video=stream``, or a single word of the Linux control; in lower case.
    """

    name: str
    parameters: Mapping[str, str]


def command_of(path: str, query: str) -> EloamRequest:
    """Parse the address of a request.

    Parameters
    ----------
    path, query
        As in the address, percent-decoded or not.

    Examples
    --------
    >>> command_of("/video=stream&camidx=1", "1700000000")
    EloamRequest(name='video=stream', parameters={'camidx': '1'})
    >>> command_of("/", "video=stream&camidx=0").name
    'video=stream'
    """
    first, *rest = unquote(path).strip("/ ").split("&", MOST_PARAMETERS)
    asked = unquote(query).split("&", MOST_PARAMETERS)
    if not first:
        first, *asked = asked
    name = first.partition("?")[0].strip().lower()
    pairs = (pair.partition("=") for pair in (*rest, *asked))
    # Pages put a time behind the last value, to defeat caches.
    return EloamRequest(
        name, {key: value.partition("?")[0].strip() for key, mark, value in pairs if key and mark}
    )


Members = Mapping[str, object]
"""Members of an answer beside code and message; their values are texts."""
Command = Callable[[PageSession, Fields], Awaitable[Members | None]]
Commands = Mapping[str, Command]
