"""``gaopai allow``: decisions about origins beside the allow-list of the configuration."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from server import config as configuration
from server.access.grants import GrantFile
from server.access.origins import canonical
from server.config import ConfigError

SUMMARY = "Let pages of an origin connect, list what was decided, or take it back."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("origin", nargs="?", metavar="ORIGIN", help="as https://oa.example.cn, in full")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="print what was decided")
    what.add_argument("--revoke", metavar="ORIGIN", help="forget what was decided; open connections end")
    what.add_argument("--deny", metavar="ORIGIN", help="refuse it without asking again; open connections end")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return 1 if there was nothing to revoke, 2 for an invalid origin or file."""
    config = configuration.load(arguments.config)
    return _act(GrantFile(configuration.access_folder(config.access)), arguments)


def _act(file: GrantFile, arguments: argparse.Namespace) -> int:
    if arguments.origin is not None and (arguments.list or arguments.revoke or arguments.deny):
        raise ConfigError("one thing at a time: an origin, --list, --revoke or --deny")
    if arguments.revoke is not None:
        return _revoke(file, canonical(arguments.revoke))
    if arguments.deny is not None:
        return _decide(file, canonical(arguments.deny), allowed=False)
    if arguments.origin is not None:
        return _decide(file, canonical(arguments.origin), allowed=True)
    return _list(file)


def _decide(file: GrantFile, origin: str, *, allowed: bool) -> int:
    file.decide(origin, allowed, "command")
    print(f"{'allowed' if allowed else 'denied'} {origin}")
    return 0


def _revoke(file: GrantFile, origin: str) -> int:
    if file.revoke(origin):
        print(f"revoked {origin}")
        return 0
    print(
        f"gaopai: nothing was decided about {origin}; what the configuration allows is taken back there",
        file=sys.stderr,
    )
    return 1


def _list(file: GrantFile) -> int:
    for origin, decision in sorted(file.read().items()):
        word = "allowed" if decision.allowed else "denied"
        print(f"{word:8}{decision.when:%Y-%m-%d %H:%M} UTC  {decision.by:8}{origin}")
    return 0
