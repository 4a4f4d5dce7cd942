"""Connections from accept to their first request, and between requests: bounded in number and time.

Who is at the other end is asked right after accept, so that a user who is not let in costs one answer, and
neither a parser nor an encrypted handshake. Nothing of this is left on a connection that became a WebSocket.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, cast

from aiohttp import web

from server.access.peer import Peer, peer_at_once, peer_of
from server.access.sock_diag import SockDiagUnavailable
from server.runtime.background import supervise

log = logging.getLogger(__name__)

HEADER_SECONDS = 10.0
"""Time from accept to the end of the first request's headers, an encrypted handshake included."""
IDLE_SECONDS = 15.0
"""Time from the end of an answer to the end of the next request's headers."""
REFUSED_SECONDS = 2.0
"""Time for a refused client to take its answer."""
REFUSED_BYTES = 65_536
"""Limit of the bytes that are read from a refused client while it takes its answer."""
WAITING = 1024
"""Limit of connections without a request in work, those of all peers together."""
WAITING_OF_ONE = 512
"""Limit of one peer's connections without a request in work; its tabs may all reload at once."""
REFUSED = 64
"""Limit of connections that are being refused, those of all peers together."""
REFUSED_OF_ONE = 16
"""Limit of one peer's connections that are being refused."""
FORBIDDEN = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n"
)
HANDSHAKES: web.AppKey[Handshakes] = web.AppKey("handshakes")
"""Key of an application's handshakes, through which its connections are accepted."""

Refuse = Callable[[Peer], str | None]
"""Returns the text for a peer that is not let in, or None."""
Change = Callable[[asyncio.Transport], None]


class Abortable(Protocol):
    """Connection that can be aborted: a transport, or what stands for one."""

    def abort(self) -> None:
        """End the connection at once."""


class WaitingConnections:
    """Connections that wait, each until a deadline; the oldest of a peer with too many gives way.

    Parameters
    ----------
    most, most_of_one
        Limits of all peers together, and of one.
    """

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._count = 0
        self._by_peer: dict[Peer | None, dict[Abortable, asyncio.TimerHandle]] = {}

    def __len__(self) -> int:
        return self._count

    def is_full(self, peer: Peer) -> bool:
        """Return whether one more of this peer would be too many."""
        return len(self._by_peer.get(peer, ())) >= self._most_of_one or self._count >= self._most

    def add(self, line: Abortable, peer: Peer | None, deadline: float) -> None:
        """Let a connection wait until a time of the loop's clock, at which it is aborted."""
        timer = asyncio.get_running_loop().call_at(deadline, self._abort, line, peer)
        own = self._by_peer.setdefault(peer, {})
        own[line] = timer
        self._count += 1
        if len(own) > self._most_of_one:
            self._abort(next(iter(own)), peer)
        elif self._count > self._most:
            self.abort_oldest()

    def remove(self, line: Abortable, peer: Peer | None) -> None:
        """Let a connection, if it waits, wait no longer."""
        own = self._by_peer.get(peer, {})
        timer = own.pop(line, None)
        if timer is None:
            return
        timer.cancel()
        self._count -= 1
        if not own:
            del self._by_peer[peer]

    def abort_oldest(self) -> None:
        """Abort the oldest connection of the peer that has the most."""
        if self._by_peer:
            crowded = max(self._by_peer, key=lambda each: len(self._by_peer[each]))
            self._abort(next(iter(self._by_peer[crowded])), crowded)

    def abort(self) -> None:
        """Abort all."""
        for peer, own in list(self._by_peer.items()):
            for line in list(own):
                self._abort(line, peer)

    def _abort(self, line: Abortable, peer: Peer | None) -> None:
        self.remove(line, peer)
        line.abort()


class Handshakes:
    """Accepts connections, and knows their peers until they are closed.

    Parameters
    ----------
    refuse
        Judges a peer as soon as its connection is accepted.
    """

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self._peers: dict[asyncio.BaseTransport, Peer] = {}
        self._waiting = WaitingConnections(WAITING, WAITING_OF_ONE)
        self._refused = WaitingConnections(REFUSED, REFUSED_OF_ONE)

    @property
    def waiting(self) -> int:
        """Number of connections without a request in work."""
        return len(self._waiting)

    def accept(self, listener: socket.socket, server: web.Server, context: ssl.SSLContext | None) -> Acceptor:
        """Accept connections of a listening socket, until the acceptor is closed.

        Parameters
        ----------
        context
            TLS context of an encrypted listener.
        """

        def accepted(line: socket.socket) -> None:
            if not self._is_flood(line):
                supervise("accept", lambda: self._admit(line, server, context), restart=False)

        return Acceptor(listener, accepted, self._waiting.abort_oldest)

    async def peer(self, transport: asyncio.BaseTransport) -> Peer | None:
        """Return the peer of a connection; None if it is closed already."""
        known = self._peers.get(transport)
        ends = [transport.get_extra_info(name) for name in ("peername", "sockname")]
        return known or (await peer_of(ends[0][:2], ends[1][:2]) if all(ends) else None)

    @contextmanager
    def serving(self, transport: asyncio.Transport | None) -> Iterator[None]:
        """Let a connection not wait while a request of it is in work."""
        peer = None if transport is None else self._peers.get(transport)
        if transport is None or peer is None:  # gone
            yield
            return
        self._waiting.remove(transport, peer)
        try:
            yield
        finally:
            if transport in self._peers and not transport.is_closing():
                self._waiting.add(transport, peer, _now() + IDLE_SECONDS)

    def close(self) -> None:
        """Abort what waits."""
        self._waiting.abort()
        self._refused.abort()

    def _is_flood(self, line: socket.socket) -> bool:
        """Close a connection, and return True, if its peer is refused and has been told so often enough."""
        try:
            peer = peer_at_once(line.getpeername()[:2], line.getsockname()[:2])
        except (SockDiagUnavailable, OSError):  # which is found out later
            return False
        if not self._refused.is_full(peer) or self._refuse(peer) is None:
            return False
        line.close()
        return True

    async def _admit(self, line: socket.socket, server: web.Server, context: ssl.SSLContext | None) -> None:
        """Take a connection from accept to where its first request is read."""
        deadline = _now() + HEADER_SECONDS
        try:
            with self._accepting(None, deadline):
                peer = await peer_of(line.getpeername()[:2], line.getsockname()[:2])
            refusal = self._refuse(peer)
            if refusal is None:
                with self._accepting(peer, deadline):
                    await self._hand_over(line, peer, server, context, deadline)
            elif context is None:
                await self._answer(line, peer, refusal)
            else:
                line.close()
        except (OSError, asyncio.CancelledError) as exc:
            # The client is gone, speaks no TLS, refuses the certificate, or was late.
            log.debug("a connection ended before its first request: %s", type(exc).__name__)
            line.close()

    @contextmanager
    def _accepting(self, peer: Peer | None, deadline: float) -> Iterator[None]:
        """Let a connection wait that has no transport yet: its task is cancelled in the end."""
        task = _Task(asyncio.current_task())
        self._waiting.add(task, peer, deadline)
        try:
            yield
        finally:
            self._waiting.remove(task, peer)

    async def _hand_over(
        self,
        line: socket.socket,
        peer: Peer,
        server: web.Server,
        context: ssl.SSLContext | None,
        deadline: float,
    ) -> None:
        def made(transport: asyncio.Transport) -> None:
            self._peers[transport] = peer
            self._waiting.add(transport, peer, deadline)

        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(lambda: _Handler(server, made, self._forget), line, ssl=context)

    async def _answer(self, line: socket.socket, peer: Peer, text: str) -> None:
        """Refuse a connection with an answer to whatever it asks for."""
        body = text.encode()
        answer = FORBIDDEN % len(body) + body
        deadline = _now() + REFUSED_SECONDS

        def made(transport: asyncio.Transport) -> None:
            self._refused.add(transport, peer, deadline)

        def lost(transport: asyncio.Transport) -> None:
            self._refused.remove(transport, peer)

        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(lambda: _Refused(answer, made, lost), line)

    def _forget(self, transport: asyncio.Transport) -> None:
        self._waiting.remove(transport, self._peers.pop(transport, None))


class _Task:
    """Task of a connection that has no transport yet."""

    def __init__(self, task: asyncio.Task[Any] | None) -> None:
        self._task = task

    def abort(self) -> None:
        if self._task is not None:
            self._task.cancel()


class _Refused(asyncio.Protocol):
    """Protocol of a connection that is refused: one answer to whatever comes first."""

    _transport: asyncio.Transport

    def __init__(self, answer: bytes, made: Change, lost: Change) -> None:
        self._answer = answer
        self._made = made
        self._lost = lost
        self._received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._made(self._transport)

    def data_received(self, data: bytes) -> None:
        if not self._received:
            self._transport.write(self._answer)
            self._transport.write_eof()
        self._received += len(data)
        # To close at once would reset the connection, and with it the answer that is under way.
        if self._received > REFUSED_BYTES:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost(self._transport)


class _Handler(web.RequestHandler):
    """Handler of the requests of a connection, which tells when it is opened and closed."""

    __slots__ = ("_lost", "_made")

    def __init__(self, server: web.Server, made: Change, lost: Change) -> None:
        # aiohttp would decompress a body before anybody has judged its request.
        terms: dict[str, Any] = {"access_log": None, "auto_decompress": False}
        super().__init__(server, loop=asyncio.get_running_loop(), **terms)
        self._made = made
        self._lost = lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._made(cast(asyncio.Transport, transport))  # uvloop's is none by name

    def connection_lost(self, exc: BaseException | None) -> None:
        transport = self.transport
        super().connection_lost(exc)
        if transport is not None:
            self._lost(transport)


def _now() -> float:
    return asyncio.get_running_loop().time()


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
