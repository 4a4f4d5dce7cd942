"""Command ``gaopai``: one module per subcommand, each declaring its own arguments."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from server import __version__
from server.cli import guidance
from server.cli.terminal import guarded
from server.errors import GaopaiError
from server.runtime import lazy_imports

COMMANDS = (
    "serve",
    "install",
    "admin",
    "allow",
    "token",
    "tls",
    "devices",
    "calibrate",
    "share",
    "doctor",
    "detect",
    "enhance",
    "merge",
    "barcode",
    "read",
    "text",
    "form",
    "finger",
    "face",
    "models",
    "sign",
    "verify",
    "audit",
    "mcp",
    "deliver",
    "protocol",
    "completion",
)
"""Modules of this package with ``SUMMARY``, ``add_arguments(parser)`` and ``run(arguments) -> int``."""
AT_HOME = ("admin", "allow", "calibrate", "form", "install", "token", "tls", "models", "sign")
"""Commands that write below the home folder, or change what browsers trust."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        Exit code: 0 success, 1 partial success or problems found, 2 wrong arguments or configuration.
    """
    # asyncssh names the keys of DSA, and cryptography 51 would tell so on every terminal.
    warnings.filterwarnings("ignore", "DSA is deprecated", UserWarning)
    with guarded():
        return _run(list(sys.argv[1:] if argv is None else argv))


def _run(words: Sequence[str]) -> int:
    parser = guidance.CommandParser(
        prog="gaopai",
        description=guidance.summary("", "The open document-camera service of a counter PC."),
        epilog=guidance.examples(""),
        formatter_class=guidance.HelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"gaopai {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    lazy_imports.install()
    # Importing every subcommand would cost each of them the start-up time of all.
    named = next((word for word in words if not word.startswith("-")), None)
    for name in COMMANDS if named not in COMMANDS else (named,):
        _declare(commands, name)
    guidance.speak(parser)
    arguments = parser.parse_args(words)
    if arguments.command in AT_HOME and not _home_is_ours():
        print(
            "gaopai: the home folder belongs to another account; with sudo: sudo -H gaopai", file=sys.stderr
        )
        return 2
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        return 130
    except FileNotFoundError:
        if _current_folder_exists():
            raise
        print("gaopai: the current folder is gone; go to another one first", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of a pipe may close it, as in `gaopai detect ... | head`.
        sys.stderr.close()
        return 0
    except Exception as error:
        code = getattr(error, "exit_code", None)
        if code is None:
            raise
        told = (
            error.message(guidance.terminal_language(os.environ)) if isinstance(error, GaopaiError) else error
        )
        print(f"gaopai: {told}", file=sys.stderr)
        return int(code)


def _declare(commands: argparse._SubParsersAction[guidance.CommandParser], name: str) -> None:
    module = _imported(name)
    said = guidance.summary(name, module.SUMMARY)
    sub = commands.add_parser(
        name,
        help=said,
        description=said,
        epilog=guidance.examples(name),
        formatter_class=guidance.HelpFormatter,
    )
    module.add_arguments(sub)
    guidance.speak(sub)
    sub.set_defaults(run=module.run)


def parsers() -> dict[str, guidance.CommandParser]:
    """Return the parser of each command."""
    commands = guidance.CommandParser().add_subparsers()
    for name in COMMANDS:
        _declare(commands, name)
    return dict(commands.choices)


def _imported(name: str) -> ModuleType:
    # Imported modules stay, so looking for cycles in them, a tenth of the start, finds nothing.
    gc.disable()
    try:
        return import_module(f"server.cli.{name}")
    finally:
        gc.enable()


def _current_folder_exists() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _home_is_ours() -> bool:
    """Return whether the home folder is this account's or root's: another's may lead root anywhere."""
    home = Path.home()
    nearest = next(path for path in (home, *home.parents) if path.exists())
    return nearest.stat().st_uid in (0, os.geteuid())
