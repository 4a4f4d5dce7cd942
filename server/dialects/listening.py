"""Listeners of the enabled dialects, on loopback only, beside each other and the service."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from functools import partial
from typing import cast

from aiohttp import web

from server.access.control import AccessControl
from server.access.handshakes import Acceptor
from server.access.listeners import opened_at
from server.access.origins import Origins
from server.config import Config, ConfigError
from server.config.dialects import DIALECTS, DialectConfig, ports_of
from server.dialects.camsdk.camsdk import FirstMessageConversation
from server.dialects.doccamera.conversation import DoccameraConversation
from server.dialects.eloam.dialect import EloamDialect
from server.dialects.gate import Gate
from server.dialects.http import HttpDialect, HttpListener, runner_of
from server.dialects.services import CommandLog, DialectServices
from server.dialects.sockets import SocketListener
from server.dialects.synjones import SynjonesDialect
from server.dialects.zkteco import ZktecoDialect

log = logging.getLogger(__name__)

EXCLUSIVE = (
    "[dialects] and a token for pages exclude each other: pages of other makers' services know none. "
    "Enable no dialect, or set [access] pages_need_token = false"
)


DialectListener = HttpListener | SocketListener


def listener_of(name: str, config: Config, gate: Gate, services: DialectServices) -> DialectListener:
    """Return the listener of a dialect."""
    command_log = CommandLog(name, services.context.activity)
    dialects = config.dialects
    match name:
        case "doccamera":
            converse = partial(DoccameraConversation, command_log, dialects.doccamera)
            return SocketListener(converse, gate, services)
        case "camsdk":
            return SocketListener(partial(FirstMessageConversation, command_log), gate, services)
        case "eloam":
            dialect: HttpDialect = EloamDialect(services.context, command_log, config.server.language)
        case "zkteco":
            dialect = ZktecoDialect(command_log, dialects.zkteco)
        case _:
            dialect = SynjonesDialect(command_log)
    return HttpListener(dialect, gate, services)


class Dialects:
    """Enabled dialects of a configuration.

    Raises
    ------
    ConfigError
        The configuration asks for a token, which pages of other services do not know.
    BadOrigin
        An origin of a dialect is not one that browsers send.
    """

    def __init__(self, config: Config, access: AccessControl, services: DialectServices) -> None:
        if config.access.token_file and config.access.pages_need_token:
            raise ConfigError(EXCLUSIVE)
        self._listeners: dict[str, tuple[DialectConfig, DialectListener]] = {}
        self._runners: list[web.AppRunner] = []
        self._acceptors: list[Acceptor] = []
        self._handshakes = access.handshakes
        for name, section in enabled(config):
            gate = Gate(access, None if section.origins is None else Origins.parse(section.origins))
            self._listeners[name] = (section, listener_of(name, config, gate, services))
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
