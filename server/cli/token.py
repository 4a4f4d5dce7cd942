"""``gaopai token``: generation of the token that clients have to present."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from server import config as configuration
from server.access.token import new_token
from server.config import Config
from server.storage.atomic import write_private

SUMMARY = "Make the token that clients have to know."
FILE = "token"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("new", help="make a token, in place of the one before, and print it")
    new.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")
    new.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to keep it")


def run(arguments: argparse.Namespace) -> int:
    """Write a new token to a private file; return 2 on failure."""
    config = configuration.load(arguments.config)
    path = _path(config, arguments.output)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        token = new_token()
        write_private(path, f"{token}\n".encode())
    except OSError as exc:
        print(f"gaopai: {path}: cannot be written ({exc.strerror})", file=sys.stderr)
        return 2
    print(token)
    if config.access.token_file == "":
        print(f'gaopai: put it to use: [access] token_file = "{path}"', file=sys.stderr)
    print("gaopai: the service knows it after a restart or a reload", file=sys.stderr)
    return 0


def _path(config: Config, output: Path | None) -> Path:
    if output is not None:
        return output.absolute()
    if config.access.token_file:
        return Path(config.access.token_file).expanduser().absolute()
    return configuration.access_folder(config.access) / FILE
