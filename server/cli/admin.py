"""``gaopai admin``: address of the settings view of the running service, good once and for two minutes."""

from __future__ import annotations

import argparse
import contextlib
import os
import pwd
import sys
from pathlib import Path

from server import config as configuration
from server.access import socket_table
from server.access.listeners import ListenAddress, addresses, is_loopback
from server.admin.sessions import SECONDS, TicketFile
from server.children.account import user_name
from server.cli.guidance import terminal_language
from server.config import Config
from server.errors import Language, LocalizedText

MAPPED = 65534
"""User ID that owns a service's folders as seen from outside of the service, where systemd maps them."""
ACCOUNT = "gaopai"
"""Name of the account that owns a service's folders as seen from within the service."""
SUMMARY = "Print the address of the settings view, for the account that runs the service."
NOT_RUNNING = LocalizedText(
    "{address} 没有服务；请执行 systemctl --user start gaopai.service，或用 --port 指定端口",
    "no service is at {address}; run: systemctl --user start gaopai.service, or name its --port",
)
ANOTHERS = LocalizedText(
    "{address} 的程序属于 {user}，不属于服务的账户 {own}",
    "what listens at {address} belongs to {user}, not to {own}, the service's account",
)
OFF = LocalizedText(
    "设置页已关闭：[admin] enabled = false", "the settings view is off: [admin] enabled = false"
)
UNTOLD = LocalizedText(
    "本机无法看出 {address} 的程序属于谁", "this machine does not tell whose program is at {address}"
)
UNWRITABLE = LocalizedText("{folder} 不能使用（{reason}）", "{folder} cannot be used ({reason})")
HOW_LONG = LocalizedText(
    "请在 {minutes} 分钟内用本机的浏览器打开，只能使用一次",
    "open it in a browser of this computer within {minutes} minutes; it works once",
)


class _Refusal(Exception):
    """Reason why no address is given."""

    def __init__(self, text: LocalizedText) -> None:
        super().__init__(text.en)
        self.text = text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration of the service in TOML")
    parser.add_argument("--port", type=int, help="port of the service, if it was started with --port")
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="folder of decisions of another account's service, for root: /var/lib/gaopai-access",
    )
    parser.add_argument("--language", choices=("en", "zh"), help="default: that of the terminal")


def run(arguments: argparse.Namespace) -> int:
    """Print the address; return 1 if there is no service to open, 2 for an invalid configuration."""
    language: Language = arguments.language or terminal_language(os.environ)
    try:
        config = configuration.load(arguments.config)
        if arguments.port is not None:
            config = configuration.replace(
                config, server=configuration.replace(config.server, port=arguments.port)
            )
        folder = (arguments.folder or configuration.access_folder(config.access)).absolute()
        print(_address(config, folder))
    except _Refusal as refusal:
        print(f"gaopai: {refusal.text.fill(language, {})}", file=sys.stderr)
        return 1
    print(f"gaopai: {HOW_LONG.fill(language, {'minutes': round(SECONDS / 60)})}", file=sys.stderr)
    return 0


def _address(config: Config, folder: Path) -> str:
    """Return the address of the settings view, with a token behind ``#``, which no browser sends.

    It is printed and never handed to a program: other accounts may read command lines.
    """
    if not config.admin.enabled:
        raise _Refusal(OFF)
    local = next(each for each in addresses(config) if is_loopback(each.host))
    try:
        _check_holder(local, folder)
        token = TicketFile(folder).issue()
    except OSError as exc:
        raise _Refusal(UNWRITABLE.filled(folder=folder, reason=exc.strerror)) from exc
    return f"{local}admin#token={token}"


def _account_of(folder: Path) -> int:
    """Return the account of the service that a folder belongs to."""
    owner = folder.stat().st_uid if folder.exists() else os.geteuid()
    if owner == MAPPED:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(ACCOUNT).pw_uid
    return owner


def _check_holder(address: ListenAddress, folder: Path) -> None:
    """Refuse an address at which another account's program would be told the token."""
    try:
        found = socket_table.listening(address.host, address.port)
    except socket_table.SocketTableUnavailable as exc:
        raise _Refusal(UNTOLD.filled(address=address)) from exc
    if found is None:
        raise _Refusal(NOT_RUNNING.filled(address=address))
    own = _account_of(folder)
    if found.user != own:
        raise _Refusal(ANOTHERS.filled(address=address, user=user_name(found.user), own=user_name(own)))
