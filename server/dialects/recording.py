"""Commands of dialects in the audit trail, the metrics and the log, like functions of our own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from server.access.activity import ActivityRecorder
from server.access.client import Client
from server.errors import Cancelled, GaopaiError
from server.services.context import translated

T = TypeVar("T")

POLLS = frozenset({"getframe"})
"""Commands that pages repeat as fast as they are answered: they would fill the audit trail."""


class CommandRecorder:
    """Records the commands of one dialect."""

    def __init__(self, dialect: str, activity: ActivityRecorder) -> None:
        self._dialect = dialect
        self._activity = activity

    async def run(self, client: Client, number: int, command: str, work: Awaitable[T]) -> T:
        """Return the result of a command.

        Parameters
        ----------
        number
            Number of the request within its session.
        command
            Name of a command that the dialect knows, never text of the page.

        Raises
        ------
        GaopaiError
            Every failure; an unexpected one is logged and becomes `server.errors.InternalError`.
        """
        name = f"{self._dialect} {command}"
        if command in POLLS:
            return await translated(name, work)
        with self._activity.request(client, name, number) as entry:
            try:
                return await translated(name, work)
            except GaopaiError as error:
                entry.result = error.code
                raise
            except asyncio.CancelledError:
                entry.result = Cancelled.code
                raise
