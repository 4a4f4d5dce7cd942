"""``gaopai serve``: run the service until interrupted."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import uvloop
from aiohttp import web

from server import config as configuration
from server import systemd, telemetry
from server.app import APPLY, create_app
from server.config import Config, ConfigError
from server.errors import GaopaiError
from server.finders import all_finders
from server.origins import BadOrigin
from server.reload import Reloader

SUMMARY = "Run the service."
BACKLOG = 1024
"""Connections that may wait to be accepted: a room of tabs that reload at once loses none."""
FILES = 8192
"""Descriptors, of which a connection takes one; distributions allow 1024."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--demo", action="store_true", help="list demo devices, which need no hardware")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1; loopback only)")
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
    parser.add_argument("--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    parser.add_argument("--log-format", choices=("text", "json"))


def run(arguments: argparse.Namespace) -> int:
    """Serve; 2 when the arguments, the configuration or the address do not work."""
    telemetry.set_up()
    try:
        config = settle(arguments)
        telemetry.set_up(config.log.level, config.log.format)
        secure_process()
        app = create_app(config, all_finders(config, arguments.demo))
        listener = listen(config.server.host, config.server.port)
    except (ConfigError, BadOrigin, GaopaiError, OSError) as exc:
        print(f"gaopai: {exc}", file=sys.stderr)
        return 2
    systemd.supervise(app)
    reload_on_hangup(app, config, lambda: settle(arguments))
    host, port = listener.getsockname()[:2]
    print(f"gaopai: open http://{f'[{host}]' if ':' in host else host}:{port}/ in a browser", flush=True)
    # uvloop keeps what a socket does not take at once where it is; asyncio of Python 3.11 copies it, again
    # and again for a picture of a megabyte.
    loop = uvloop.new_event_loop()
    web.run_app(
        app,
        sock=listener,
        print=None,
        access_log=None,
        shutdown_timeout=5.0,
        loop=loop,
        backlog=BACKLOG,
    )
    return 0


def secure_process() -> None:
    """Settle what the process may do: no memory on the disk when it crashes, files enough for a burst."""
    # A core would hold whatever card or picture was read last.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < FILES:
        most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def reload_on_hangup(app: web.Application, config: Config, read: Callable[[], Config]) -> None:
    """Read the configuration again at SIGHUP, which ``systemctl reload`` sends."""

    async def listening(app: web.Application) -> AsyncIterator[None]:
        reloader = Reloader(config, read, app[APPLY])
        loop, running = asyncio.get_running_loop(), set[asyncio.Task[bool]]()

        def begin() -> None:
            task = loop.create_task(reloader.reload(), name="reload")
            running.add(task)
            task.add_done_callback(running.discard)

        loop.add_signal_handler(signal.SIGHUP, begin)
        yield
        loop.remove_signal_handler(signal.SIGHUP)

    app.cleanup_ctx.append(listening)


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
    must_be_loopback(server.host)
    spoken = {"level": arguments.log_level, "format": arguments.log_format}
    log = configuration.replace(config.log, **{key: value for key, value in spoken.items() if value})
    return configuration.replace(config, server=server, storage=storage, access=access, log=log)


def must_be_loopback(host: str) -> None:
    """Refuse to listen where other machines could reach a camera.

    Raises
    ------
    ConfigError
    """
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ConfigError(
            f"host {host!r} is not a loopback address; other machines must not reach a counter's camera. "
            "Use 127.0.0.1 or ::1"
        )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises
    ------
    ConfigError
        The address is taken or cannot be used.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # From here on connections wait: who reads the printed address may use it at once.
        listener.listen(BACKLOG)
    except OSError as exc:
        listener.close()
        raise ConfigError(
            f"cannot listen on {host} port {port} ({exc.strerror}); another service may run there, "
            "choose another with --port"
        ) from exc
    return listener
