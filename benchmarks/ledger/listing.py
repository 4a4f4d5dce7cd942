"""``script/bench list``: what is stale, how long each command takes, and what it needs."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence

from benchmarks.gate.command import command_of
from benchmarks.gate.probes import standing_probes
from benchmarks.ledger import page
from benchmarks.ledger.looks import looks
from benchmarks.ledger.rows import read_rows
from benchmarks.ledger.sections import BENCHMARKS, read_sections

_HEAD = ("", "last measured", "seconds", "command", "needs")


def main(arguments: Sequence[str]) -> int:
    """Print every probe and section; with ``--stale`` those alone whose sources have changed."""
    parser = argparse.ArgumentParser(prog="script/bench list", description=__doc__)
    parser.add_argument("--stale", action="store_true", help="only what is stale")
    options = parser.parse_args(arguments)
    stale = set(page.stale_names())
    lines = [line for line in (*_probes(stale), *_sections(stale)) if not options.stale or line[0]]
    widths = [max(len(line[at]) for line in (*lines, _HEAD)) for at in range(len(_HEAD) - 1)]
    for line in (_HEAD, *lines):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, (*widths, 0), strict=True)).rstrip())
    for half, count in looks().items():
        print(f"kept half {half}: measured {count} times")
    print(f"{len(stale)} of {len(standing_probes()) + len(BENCHMARKS)} are stale")
    return 0


def _probes(stale: set[str]) -> Iterable[tuple[str, ...]]:
    rows = {row.probe: row for row in read_rows()}
    for probe in standing_probes():
        known = rows.get(probe.key)
        date, seconds = (
            (known.provenance.date, f"{known.provenance.seconds:.0f}") if known else ("never", "?")
        )
        yield (_mark(probe.key, stale), date, seconds, command_of(probe), probe.needs)


def _sections(stale: set[str]) -> Iterable[tuple[str, ...]]:
    sections = read_sections()
    for name, benchmark in BENCHMARKS.items():
        known = sections.get(name)
        date, seconds = (
            (known.provenance.date, f"{known.provenance.seconds:.0f}") if known else ("never", "?")
        )
        yield (_mark(name, stale), date, seconds, benchmark.command, benchmark.needs)


def _mark(name: str, stale: set[str]) -> str:
    return "stale" if name in stale else ""
