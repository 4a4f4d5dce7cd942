"""``gaopai audit verify``: check of an audit trail's hash chain."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from server import config as configuration
from server.config import ConfigError
from server.telemetry.chain import ChainReport, follow
from server.telemetry.trail_files import trail_files

SUMMARY = "Check the audit trail."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    says = "Follow the chain of hashes through all files of an audit trail."
    verify = actions.add_parser("verify", help=says, description=says)
    verify.add_argument("folder", type=Path, nargs="?", metavar="DIR", help="where it lies")
    verify.add_argument("--config", type=Path, metavar="FILE", help="configuration that says where it lies")
    verify.add_argument(
        "--expect", metavar="HASH", help="a hash noted before: it must be that of a line, or before the first"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return 1 for a broken trail, 2 if there is none, 3 if lines were lost."""
    try:
        config = configuration.load(arguments.config)
        files = trail_files(arguments.folder or configuration.audit_folder(config.audit))
        report = follow(files, arguments.expect)
    except (ConfigError, OSError) as exc:
        print(f"gaopai: {exc}", file=sys.stderr)
        return 2
    if report.broken is not None:
        name, line = report.broken
        print(f"broken at {name} line {line}: it is not what was written after the line before")
        return 1
    if arguments.expect and not report.met:
        print(f"broken: no line has the hash {arguments.expect}; lines were replaced or cut off")
        return 1
    start = "from its beginning" if not report.first else f"from {report.first} on (older files are gone)"
    print(f"{report.lines} lines hang together, {start}")
    print(f"newest hash {report.last}")
    return _tell_gaps(report)


def _tell_gaps(report: ChainReport) -> int:
    for gap in report.gaps:
        name, line = gap.position
        print(f"lost before {name} line {line}: {gap.lines} lines, from {gap.since} to {gap.until}")
    return 3 if report.gaps else 0
