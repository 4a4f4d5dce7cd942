"""``gaopai share status``: what is shared with programs that scan, and how they find it."""

from __future__ import annotations

import argparse
import http.client
from pathlib import Path

from server import config as configuration
from server.access.listeners import V4, is_loopback
from server.cli.doctor.running import fetch
from server.telemetry.printable import printable_lines

SUMMARY = "Show what is shared with programs that scan."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    says = "Show the shared devices of the service that runs, and their addresses."
    status = actions.add_parser("status", help=says, description=says)
    status.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")
    status.add_argument("--share-port", type=int, metavar="N", help="port, where the service was given one")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return 1 where nothing is shared, 2 for an invalid configuration."""
    share = configuration.load(arguments.config).share
    port = arguments.share_port or share.port
    remote = not is_loopback(share.host)
    host = V4 if share.host in (V4, "localhost", "0.0.0.0", "::") else share.host  # noqa: S104 - asked, not bound
    try:
        listing = fetch(host, port, remote, "/").decode(errors="replace")
    except (OSError, http.client.HTTPException):
        print(f"nothing is shared at port {port}: [share] enabled = true, or gaopai serve --share")
        return 1
    print(printable_lines(listing), end="")
    address = f"{'https' if remote else 'http'}://{host}:{port}/eSCL"
    print(f'for sane-airscan, in [devices] of /etc/sane.d/airscan.conf: "gaopai" = {address}, eSCL')
    print(f"may scan: programs of this account{''.join(f', {each}' for each in share.allow)}")
    return 0
