"""``gaopai serve``: run the service until interrupted."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop
from aiohttp import web

from server import config as configuration
from server import telemetry
from server.app import create_app
from server.config import Config, ConfigError
from server.errors import GaopaiError
from server.finders import all_finders
from server.origins import BadOrigin
from server.session.consent import Ask
from server.session.desktop import desktop_prompt
from server.session.listening import Listener, addresses, listen_all, serve

SUMMARY = "Run the service."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--demo", action="store_true", help="list demo devices, which need no hardware")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8082)")
    parser.add_argument("--root", metavar="DIR", help="folder below which pictures are kept")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let pages of this origin connect, as https://oa.example.cn (may be repeated)",
    )
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))


def run(arguments: argparse.Namespace) -> int:
    """Serve; 2 when the arguments, the configuration or the address do not work."""
    telemetry.set_up(arguments.log_level)
    try:
        config = settle(arguments)
        addresses(config)
        app = create_app(config, all_finders(config, arguments.demo), ask=_prompt(config))
        listeners = listen_all(config, None)
    except (ConfigError, BadOrigin, GaopaiError, OSError) as exc:
        print(f"gaopai: {exc}", file=sys.stderr)
        return 2
    for listener in listeners:
        print(f"gaopai: open {listener.address} in a browser", flush=True)
    # uvloop keeps what a socket does not take at once where it is; asyncio of Python 3.11 copies it, again
    # and again for a picture of a megabyte.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(app, listeners))
    return 0


def _prompt(config: Config) -> Ask | None:
    spoken = config.server.language
    return desktop_prompt(os.environ, None if spoken == "auto" else spoken, config.access.ask_seconds)


def settle(arguments: argparse.Namespace) -> Config:
    """The configuration file with the command line's words over it.

    Raises
    ------
    ConfigError
    """
    config = configuration.load(arguments.config) if arguments.config else Config()
    given = {"host": arguments.host, "port": arguments.port}
    server = configuration.replace(
        config.server, **{key: value for key, value in given.items() if value is not None}
    )
    storage = config.storage
    if arguments.root is not None:
        storage = configuration.replace(storage, root=arguments.root)
    origins = (*config.access.origins, *arguments.allow_origin)
    access = configuration.replace(config.access, origins=origins)
    return configuration.replace(config, server=server, storage=storage, access=access)


async def _serve(app: web.Application, listeners: Sequence[Listener]) -> None:
    """Serve until a signal asks to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(app, listeners, stop.wait)
