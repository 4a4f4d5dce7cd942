"""Listeners of the enabled dialects, on loopback only, beside each other and the service."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from aiohttp import web

from server.access.control import AccessControl
from server.access.handshakes import Acceptor
from server.access.listeners import opened_at
from server.access.origins import Origins
from server.config import Config, ConfigError
from server.config.dialects import DIALECTS, DialectConfig, ports_of
from server.connection.context import ServerContext
from server.dialects.camsdk.camsdk import FirstMessageConversation
from server.dialects.doccamera.conversation import DoccameraConversation
from server.dialects.eloam.dialect import EloamDialect
from server.dialects.gate import Gate
from server.dialects.http import HttpDialect, HttpListener, runner_of
from server.dialects.page_session import PageSessions
from server.dialects.services import CommandLog, DialectServices
from server.dialects.sockets import Converse, SocketListener
from server.dialects.synjones import SynjonesDialect
from server.dialects.zkteco import ZktecoDialect

log = logging.getLogger(__name__)

EXCLUSIVE = (
    "[dialects] and a token for pages exclude each other: pages of other makers' services know none. "
    "Enable no dialect, or set [access] pages_need_token = false"
)


class DialectListener(Protocol):
    """Protocol for the listener of one dialect."""

    def application(self) -> web.Application:
        """Return the aiohttp application; the caller manages its lifetime."""

    async def recheck(self) -> None:
        """End what belongs to pages that are no longer allowed."""

    async def close(self) -> None:
        """End all that belongs to pages."""


@dataclass(frozen=True, slots=True)
class DialectContext:
    """Objects that a dialect is made of, beside its own configuration."""

    config: Config
    gate: Gate
    context: ServerContext
    services: DialectServices

    def over_http(self, dialect: HttpDialect) -> DialectListener:
        """Return a listener of a dialect over HTTP."""
        sessions = PageSessions(self.services, self.context.bytes_in_work)
        return HttpListener(dialect, self.gate, self.context, sessions)

    def over_sockets(self, converse: Converse) -> DialectListener:
        """Return a listener of a dialect over WebSocket."""
        return SocketListener(converse, self.gate, self.context, self.services)

    def command_log(self, name: str) -> CommandLog:
        """Return a log of the commands of a dialect."""
        return CommandLog(name, self.context.activity)


def _eloam(around: DialectContext) -> DialectListener:
    return around.over_http(EloamDialect(around.context, around.config.server.language))


def _doccamera(around: DialectContext) -> DialectListener:
    command_log, section = around.command_log("doccamera"), around.config.dialects.doccamera
    return around.over_sockets(
        lambda session, outbox: DoccameraConversation(session, outbox, command_log, section)
    )


def _camsdk(around: DialectContext) -> DialectListener:
    command_log = around.command_log("camsdk")
    return around.over_sockets(lambda session, outbox: FirstMessageConversation(session, outbox, command_log))


def _zkteco(around: DialectContext) -> DialectListener:
    return around.over_http(ZktecoDialect(around.command_log("zkteco"), around.config.dialects.zkteco))


def _synjones(around: DialectContext) -> DialectListener:
    return around.over_http(SynjonesDialect(around.command_log("synjones")))


MAKERS: Mapping[str, Callable[[DialectContext], DialectListener]] = {
    "eloam": _eloam,
    "doccamera": _doccamera,
    "camsdk": _camsdk,
    "zkteco": _zkteco,
    "synjones": _synjones,
}


class Dialects:
    """Enabled dialects of a configuration.

    Raises
    ------
    ConfigError
        The configuration asks for a token, which pages of other services do not know.
    BadOrigin
        An origin of a dialect is not one that browsers send.
    """

    def __init__(
        self, config: Config, access: AccessControl, context: ServerContext, services: DialectServices
    ) -> None:
        if config.access.token_file and config.access.pages_need_token:
            raise ConfigError(EXCLUSIVE)
        self._listeners: dict[str, tuple[DialectConfig, DialectListener]] = {}
        self._runners: list[web.AppRunner] = []
        self._acceptors: list[Acceptor] = []
        self._handshakes = access.handshakes
        for name, section in enabled(config):
            gate = Gate(access, None if section.origins is None else Origins.parse(section.origins))
            around = DialectContext(config, gate, context, services)
            self._listeners[name] = (section, MAKERS[name](around))
        access.listen(self.recheck)

    async def start(self) -> None:
        """Listen on every port that is free; one that another program holds is logged."""
        for name, (section, listener) in self._listeners.items():
            runner = await runner_of(listener.application())
            self._runners.append(runner)
            server = cast(web.Server, runner.server)
            # In a thread, as who holds a port that is taken is looked for.
            opened = await asyncio.to_thread(opened_at, f"dialect {name}", ports_of(section))
            self._acceptors += [self._handshakes.accept(each, server, None) for each in opened]

    async def recheck(self) -> None:
        """End what belongs to pages that are no longer allowed."""
        await asyncio.gather(*(listener.recheck() for _, listener in self._listeners.values()))

    async def close(self) -> None:
        """End all pages and stop listening."""
        for acceptor in self._acceptors:
            acceptor.close()
        await asyncio.gather(*(listener.close() for _, listener in self._listeners.values()))
        await asyncio.gather(*(runner.cleanup() for runner in self._runners))


def enabled(config: Config) -> Iterator[tuple[str, DialectConfig]]:
    """Yield names and sections of the enabled dialects."""
    for name in DIALECTS:
        section: DialectConfig = getattr(config.dialects, name)
        if section.enabled:
            yield name, section
