"""Soak test at full load: ``script/bench soak [--hours H | --seconds S] [--seed S]``; see `reliability`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from benchmarks.reliability.record import write_soak
from benchmarks.reliability.soak import print_summary, soak


def main(arguments: Sequence[str]) -> int:
    """Soak the service, and write the figures to ``docs/reliability.md``; 1 if something is not flat."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks soak")
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, help="in place of hours")
    parser.add_argument("--seed", default="1", help="another one is another day")
    parser.add_argument("--quick", action="store_true", help="a minute, and nothing is kept")
    options = parser.parse_args(arguments)
    seconds = 60.0 if options.quick else options.seconds or 3600 * options.hours
    found = asyncio.run(soak(seconds, options.seed))
    print_summary(found)
    complaints = found.complaints()
    print("\n".join(complaints) or "all is flat", file=sys.stderr)
    if not options.quick and not complaints:
        write_soak(found)
    return int(bool(complaints))
