"""Listening sockets: on loopback only, unless three settings together allow remote access.

A browser takes ``localhost`` for 127.0.0.1 and for ::1. Both are listened on, so that no other account of
this computer can answer at that name.
"""

from __future__ import annotations

import ipaddress
import itertools
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from aiohttp import web

from server.access.handshakes import HANDSHAKES
from server.access.socket_table import holder_of
from server.config import Config, ConfigError

log = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 5.0
"""Time limit for open connections to end when the service stops, in seconds."""
BACKLOG = 1024
"""Queue of connections to be accepted, long enough for many tabs that reload at once."""
V4 = "127.0.0.1"
V6 = "::1"
V6_ADDRESSES = Path("/proc/net/if_inet6")


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Address to listen on.

    Attributes
    ----------
    companion
        True for the other loopback address, without which the service runs as well.
    """

    host: str
    port: int
    tls: bool = False
    companion: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}/"


@dataclass(frozen=True, slots=True)
class Listener:
    """Listening socket, and the TLS context of an encrypted one."""

    socket: socket.socket
    context: ssl.SSLContext | None = None

    @property
    def address(self) -> ListenAddress:
        """Address of the socket."""
        host, port = self.socket.getsockname()[:2]
        return ListenAddress(host, port, self.context is not None)


def addresses(config: Config) -> list[ListenAddress]:
    """Return the addresses to listen on, the main one first.

    Raises
    ------
    ConfigError
        Other machines could reach the devices without TLS and a token.
    """
    server = config.server
    if not is_loopback(server.host):
        _check_remote(config)
        # An address that other machines can reach always has TLS.
        return [*_loopback(V4, server.port), ListenAddress(server.host, server.tls_port, tls=True)]
    plain = _loopback(server.host, server.port)
    return [*plain, *_loopback(server.host, server.tls_port, tls=True)] if server.tls else [*plain]


def _loopback(host: str, port: int, tls: bool = False) -> Iterator[ListenAddress]:
    """Yield a loopback address and, unless it is another than ``localhost`` stands for, its companion."""
    host = V4 if host == "localhost" else host
    yield ListenAddress(host, port, tls)
    if host == V6 or (host == V4 and has_v6()):
        yield ListenAddress(V4 if host == V6 else V6, port, tls, companion=True)


def has_v6(table: Path = V6_ADDRESSES) -> bool:
    """Return whether ::1 is there for any program, even if a sandbox keeps it from this one.

    Parameters
    ----------
    table
        IPv6 addresses of this machine; missing from a kernel that runs without IPv6.
    """
    try:
        addresses = table.read_text(encoding="ascii").split()
    except FileNotFoundError:
        return not table.with_name("tcp").exists()  # a sandbox without these tables does not tell
    except OSError:
        return True
    return f"{1:032x}" in addresses


def is_loopback(host: str) -> bool:
    """Return whether an address is reachable from this computer only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_remote(config: Config) -> None:
    server = config.server
    if not server.allow_remote:
        raise ConfigError(
            f"host {server.host!r} is not a loopback address; others must not reach a counter's camera. "
            "Use 127.0.0.1 or ::1, or see allow_remote in the guide to the configuration",
            f"地址 {server.host!r} 不是本机回环地址，其他电脑不得使用柜台的摄像头；"
            "请用 127.0.0.1 或 ::1，或查看配置说明中的 allow_remote",
        )
    missing = {
        "[server] tls = true": not server.tls,
        "[server] certificate and key": not (server.certificate and server.key),
        "[access] token_file": not config.access.token_file,
        "[access] pages_need_token = true": not config.access.pages_need_token,
    }
    if any(missing.values()):
        names = ", ".join(name for name, is_missing in missing.items() if is_missing)
        raise ConfigError(
            f"host {server.host!r} lets other machines reach this counter's camera; that needs, too: {names}",
            f"地址 {server.host!r} 使其他电脑可以使用柜台的摄像头，因此还需要：{names}",
        )


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises
    ------
    ConfigError
        The address is in use or invalid.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as exc:
        raise ConfigError(f"cannot listen on {host}: {exc.strerror}") from exc
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        # From here on connections queue, so that the printed address can be used at once.
        listener.listen(BACKLOG)
    except OSError as exc:
        listener.close()
        raise ConfigError(
            f"cannot listen on {host} port {port} ({exc.strerror}); {holder_of(host, port).en} may be there: "
            "end it, or choose another with --port"
        ) from exc
    return listener


def opened_at(name: str, ports: Iterable[int]) -> list[socket.socket]:
    """Return listening sockets of `name` on loopback, for each port that no other program holds; blocks."""
    opened = []
    # Programs say 127.0.0.1 or localhost, which may be ::1 first.
    for port, host in itertools.product(ports, (V4, V6)):
        try:
            listener = listen(host, port)
        except ConfigError:
            # A machine may have no IPv6; without the other address, programs cannot do.
            level = logging.ERROR if host == V4 else logging.INFO
            log.log(level, "%s: %s port %d is taken; gaopai doctor says by what", name, host, port)
            continue
        log.info("%s listens on %s port %d", name, host, port)
        opened.append(listener)
    return opened


def listen_all(config: Config, context: ssl.SSLContext | None) -> list[Listener]:
    """Open all listeners of a configuration but companions that cannot be had, or none.

    Parameters
    ----------
    context
        TLS context of encrypted listeners.
    """
    opened: list[Listener] = []
    try:
        for each in addresses(config):
            if (opened_socket := _listen(each)) is not None:
                opened.append(Listener(opened_socket, context if each.tls else None))
    except ConfigError:
        for listener in opened:
            listener.socket.close()
        raise
    return opened


def _listen(address: ListenAddress) -> socket.socket | None:
    """Return a listening socket; None for a companion that cannot be had."""
    try:
        return listen(address.host, address.port)
    except ConfigError as exc:
        if not address.companion:
            raise
        log.warning("localhost is not taken for this service's own page: %s", exc)
        return None


@asynccontextmanager
async def serving(app: web.Application, listeners: Sequence[Listener]) -> AsyncIterator[None]:
    """Serve during the ``async with`` block, then close all connections."""
    runner = web.AppRunner(
        app,
        access_log=None,
        # Bodies stay compressed: no budget is charged for what they grow to.
        auto_decompress=False,
        # A handler is cancelled when its client leaves.
        handler_cancellation=True,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
    await runner.setup()
    server = cast(web.Server, runner.server)
    handshakes = app[HANDSHAKES]
    acceptors = [handshakes.accept(listener.socket, server, listener.context) for listener in listeners]
    try:
        yield
    finally:
        for acceptor in acceptors:
            acceptor.close()
        handshakes.close()
        await runner.cleanup()


async def serve(
    app: web.Application, listeners: Sequence[Listener], until: Callable[[], Awaitable[object]]
) -> None:
    """Serve until `until` returns, then close all connections."""
    async with serving(app, listeners):
        await until()
