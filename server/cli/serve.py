"""``gaopai serve``: run the service until interrupted."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import uvloop
from aiohttp import web

from server import config as configuration
from server import telemetry
from server.access.consent import Ask, desktop_prompt
from server.access.limits import files_needed
from server.access.listeners import Listener, addresses, listen_all, serve
from server.access.origins import BadOrigin, OwnOrigins
from server.admin.administration import AdminSources
from server.admin.config_file import ConfigFile
from server.app import RELOADER, check_start, create_app
from server.children.confinement import enforcement
from server.config import Config, ConfigError, LimitsConfig
from server.config.dialects import DIALECTS
from server.equipment import all_finders, camera_options
from server.errors import GaopaiError
from server.runtime import systemd
from server.runtime.background import supervise
from server.runtime.process import files_allowed, keep_memory_private, raise_file_limit, trim_memory
from server.telemetry.logs import RecentLines
from server.tls.context import TlsContext
from server.tls.store import CertificateUnusable

log = logging.getLogger(__name__)
S = TypeVar("S", bound=msgspec.Struct)

SUMMARY = "Run the service."


def port(word: str) -> int:
    """Return a port that can be listened on; argparse says what is wrong with another."""
    if not word.isdecimal() or int(word) >= 1 << 16:
        raise argparse.ArgumentTypeError(f"{word} is no port; those are 1 to 65535")
    return int(word)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--demo", action="store_true", help="list demo devices, which need no hardware")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=port, help="port to listen on (default 8082)")
    parser.add_argument("--root", metavar="DIR", help="folder below which pictures are kept")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let pages of this origin connect, as https://oa.example.cn (may be repeated)",
    )
    parser.add_argument(
        "--other-users",
        action="store_true",
        help="let other users of this computer connect: their pages, and programs that know the token",
    )
    parser.add_argument(
        "--dialect",
        action="append",
        default=[],
        choices=DIALECTS,
        help="also serve the pages of another maker's service, on its port (may be repeated)",
    )
    parser.add_argument(
        "--share", action="store_true", help="share cameras and scanners with programs that scan (eSCL)"
    )
    parser.add_argument("--share-port", type=int, metavar="N", help="port that they scan at (default 8090)")
    parser.add_argument(
        "--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"), help="least level that is logged"
    )
    parser.add_argument("--log-format", choices=("text", "json"), help="form of the log's lines")


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; return 2 for invalid arguments, configuration or addresses."""
    telemetry.set_up()
    listeners: list[Listener] = []
    try:
        config = read_config(arguments)
        telemetry.set_up(config.log.level, config.log.format)
        secure_process()
        _allow_connections(config.limits)
        tls = TlsContext.from_config(config) if config.server.tls else None
        listeners += listen_all(config, tls.context if tls else None)
        own = OwnOrigins.of(listener.address for listener in listeners)
        finders = all_finders(config, arguments.demo)
        sources = admin_sources(arguments)
        app = create_app(config, finders, ask=_prompt(config), own=own, sources=sources)
    except (ConfigError, BadOrigin, CertificateUnusable, GaopaiError, OSError) as exc:
        print(f"gaopai: {exc}", file=sys.stderr)
        for listener in listeners:
            listener.socket.close()
        return 2
    # It presses the demo's button. Where there is none it would end the process.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    reload_on_hangup(app)
    trim_memory(app)
    systemd.supervise(app)  # the last, as systemd may reload the service once it is ready
    for address in addresses(config):
        if not address.companion:
            print(f"gaopai: open {address} in a browser", flush=True)
    if arguments.demo:
        print(f"gaopai: kill -USR1 {os.getpid()} presses the demo camera's button", flush=True)
    # uvloop does not copy data that a socket does not accept at once; asyncio of Python 3.11 does, repeatedly
    # for a picture of a megabyte.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(app, listeners, tls))
    return 0


def _prompt(config: Config) -> Ask | None:
    language = config.server.language
    return desktop_prompt(os.environ, None if language == "auto" else language, config.access.ask_seconds)


def secure_process() -> None:
    """Keep the memory to this process, and warn where its children will not be confined."""
    # A core dump would contain the last card or picture.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    keep_memory_private()
    if lacking := enforcement.lacking():
        log.warning("children are not confined by %s; gaopai doctor says what holds", " and ".join(lacking))


def _allow_connections(limits: LimitsConfig) -> None:
    """Raise the limit of open files, and warn if all the connections that are allowed are too many for it."""
    raise_file_limit()
    allowed = files_allowed()
    needed = files_needed(limits)
    if allowed < needed:
        log.warning("only %d files may be open, and [limits] connections may need %d", allowed, needed)


def admin_sources(arguments: argparse.Namespace) -> AdminSources:
    """Return the sources of the settings view, which keeps the newest lines of the log from now on."""
    lines = RecentLines()
    logging.getLogger().addHandler(lines)

    def parse(text: str) -> Config:
        config = with_arguments(configuration.parse(text), arguments)
        check_start(config)
        return config

    return AdminSources(ConfigFile(arguments.config, lambda: read_config(arguments), parse), lines)


def reload_on_hangup(app: web.Application) -> None:
    """Reload the configuration at SIGHUP, which ``systemctl reload`` sends."""

    async def listening(app: web.Application) -> AsyncIterator[None]:
        reloader = app[RELOADER]
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(
            signal.SIGHUP, lambda: supervise("reload of the configuration", reloader.reload, restart=False)
        )
        yield
        loop.remove_signal_handler(signal.SIGHUP)

    app.cleanup_ctx.append(listening)


def read_config(arguments: argparse.Namespace) -> Config:
    """Return the configuration of the file, with the arguments of the command line over it."""
    return with_arguments(configuration.load(arguments.config), arguments)


def with_arguments(config: Config, arguments: argparse.Namespace) -> Config:
    """Return a configuration with the arguments of the command line over it, once all of it is checked."""
    camera_options(config)
    server = _given(config.server, host=arguments.host, port=arguments.port)
    storage = _given(config.storage, root=arguments.root)
    origins = (*config.access.origins, *arguments.allow_origin)
    users = config.access.other_users or arguments.other_users
    access = configuration.replace(config.access, origins=origins, other_users=users)
    addresses(configuration.replace(config, server=server, access=access))
    log = _given(config.log, level=arguments.log_level, format=arguments.log_format)
    spoken = {
        name: configuration.replace(getattr(config.dialects, name), enabled=True)
        for name in arguments.dialect
    }
    dialects = configuration.replace(config.dialects, **spoken)
    share = _given(config.share, enabled=arguments.share or None, port=arguments.share_port or None)
    return configuration.replace(
        config, server=server, storage=storage, access=access, log=log, dialects=dialects, share=share
    )


def _given(section: S, **values: object) -> S:
    """Return a section with those values that the command line has."""
    return configuration.replace(
        section, **{key: value for key, value in values.items() if value is not None}
    )


async def _serve(app: web.Application, listeners: Sequence[Listener], tls: TlsContext | None) -> None:
    """Serve until SIGINT or SIGTERM."""
    if tls is not None:
        app.cleanup_ctx.append(tls.lifetime)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(app, listeners, stop.wait)
