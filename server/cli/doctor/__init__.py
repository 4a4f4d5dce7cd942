"""``gaopai doctor``: checks of this machine, with a remedy for each problem."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from server import config as configuration
from server.cli.doctor import access, devices, fix, libraries, machine, report, running, scanners, steps
from server.cli.doctor.check import Check, same
from server.cli.guidance import terminal_language
from server.config import Config, ConfigError
from server.equipment import camera_options
from server.errors import LocalizedText
from server.telemetry.printable import json_line

SUMMARY = "Check this machine, say what is missing, and put it right where that is agreed to."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    instead.add_argument("--fix", action="store_true", help="do what packages do when installed; asks first")
    instead.add_argument("--undo", action="store_true", help="take out again what --fix put in; asks first")
    parser.add_argument(
        "--strict", action="store_true", help="exit code 1 also for what the service runs without"
    )
    parser.add_argument("--yes", action="store_true", help="ask nothing before --fix or --undo")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")
    parser.add_argument("--language", choices=("en", "zh"), help="default: that of the terminal")


def run(arguments: argparse.Namespace) -> int:
    """Print every check; return 1 if one failed that is not optional, or a step was not taken."""
    language = arguments.language or terminal_language(os.environ)
    taken = True
    if arguments.fix or arguments.undo:
        found = steps.to_take() if arguments.fix else steps.to_undo()
        taken = fix.carry_out(list(found), language, arguments.yes)
        print()
    checks = list(examine(arguments.config))
    if arguments.json:
        print(json_line({"checks": [check.as_json() for check in checks]}))
    else:
        report.show(checks, language, coloured=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    missing = any(not check.ok and not check.optional for check in checks)
    without = any(not check.ok and check.optional for check in checks)
    return int(not taken or missing or (arguments.strict and without))


def examine(path: Path | None) -> Iterator[Check]:
    """Run all checks, the cheapest first."""
    yield from libraries.examine()
    try:
        config = configuration.load(path)
        camera_options(config)
    except ConfigError as exc:
        remedy = LocalizedText("请修改该文件", "correct the file")
        yield Check("configuration", False, LocalizedText(exc.zh, str(exc)), remedy)
        config = Config()
    else:
        defaults = LocalizedText("没有，使用默认值", "none, the defaults hold")
        yield Check("configuration", True, same(str(path)) if path else defaults)
    yield machine.clock()
    yield machine.storage(config)
    yield from machine.ports(config)
    yield machine.open_files(config)
    yield from running.examine(config)
    yield from access.examine(config)
    yield machine.desktop()
    yield machine.confinement()
    yield from devices.examine(config)
    yield from scanners.examine(config)
    yield from libraries.face_models(config)
    yield libraries.text_models()
    yield libraries.tesseract()
