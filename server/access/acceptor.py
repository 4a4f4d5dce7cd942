"""Acceptor: takes connections of a listening socket, without reading anything of them."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

log = logging.getLogger(__name__)

AT_ONCE = 32
"""Connections that are accepted before the loop does other work."""
PAUSE_SECONDS = 0.2
"""Pause where the process has no descriptor left, or the kernel no memory."""
_GONE = (BlockingIOError, InterruptedError, ConnectionAbortedError)


class Acceptor:
    """Accepts connections while the loop runs.

    Parameters
    ----------
    listener
        Listening socket, which is closed in the end.
    accepted
        Called with each connection, which is not blocking.
    exhausted
        Called when there is no descriptor for one more.
    """

    def __init__(
        self,
        listener: socket.socket,
        accepted: Callable[[socket.socket], object],
        exhausted: Callable[[], object],
    ) -> None:
        self._listener = listener
        self._accepted = accepted
        self._exhausted = exhausted
        self._loop = asyncio.get_running_loop()
        self._pause: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        self._listen()

    def close(self) -> None:
        """Accept no more."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listener)
        self._listener.close()

    def _listen(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            try:
                connection, _ = self._listener.accept()
            except _GONE:
                return
            except OSError as exc:
                # The socket stays readable: without a pause the loop would do nothing else.
                log.warning("no connection can be accepted for a moment: %s", exc.strerror)
                self._loop.remove_reader(self._listener)
                self._pause = self._loop.call_later(PAUSE_SECONDS, self._listen)
                self._exhausted()
                return
            connection.setblocking(False)
            self._accepted(connection)
