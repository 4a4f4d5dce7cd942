"""Load held, faults survived and inputs tried, written to ``docs/reliability.md``; see also `soak`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks import report
from benchmarks.reliability import faults, inputs, load
from benchmarks.reliability.record import PACKAGES, publish
from server.errors import LocalizedText


def main(arguments: Sequence[str] = ()) -> int:
    """Measure, print the tables and put them into both pages; 1 if something was not survived."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reliability")
    parser.add_argument("--quick", action="store_true", help="some of all, briefly, and nothing is written")
    quick = parser.parse_args(arguments).quick
    survived, broken = faults.section(quick)
    tried, wrong = inputs.section(quick)
    _put("load", LocalizedText("承受的负载", "Load held"), load.section(quick), quick)
    _put("faults", LocalizedText("承受的故障", "Faults survived"), survived, quick)
    _put("inputs", LocalizedText("试过的输入", "Inputs tried"), tried, quick)
    return int(broken or wrong)


def _put(name: str, title: LocalizedText, body: LocalizedText, quick: bool) -> None:
    print(f"{title.en}\n\n{body.en}\n")
    if not quick:
        machine = report.machine(PACKAGES)
        publish(name, title, LocalizedText(f"{body.zh}\n\n{machine}", f"{body.en}\n\n{machine}"))
