"""Load held, faults survived, inputs tried and attacks, for ``docs/reliability.md``; see also `soak`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks import report
from benchmarks.reliability import faults, inputs, load, under_attack
from benchmarks.reliability.attacks import ATTACKS
from benchmarks.reliability.record import PACKAGES, publish
from server.errors import LocalizedText


def main(arguments: Sequence[str] = ()) -> int:
    """Measure, print the tables and put them into both pages; 1 if something was not survived."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reliability")
    parser.add_argument("--quick", action="store_true", help="some of all, briefly, and nothing is written")
    parser.add_argument(
        "--attacks", nargs="*", choices=[*ATTACKS], help="these attacks alone, or all; nothing is written"
    )
    given = parser.parse_args(arguments)
    if given.attacks is not None:
        return int(_attacked(given.quick, False, given.attacks))
    return int(_all(given.quick))


def _all(quick: bool) -> bool:
    survived, broken = faults.section(quick)
    tried, wrong = inputs.section(quick)
    _put("load", LocalizedText("承受的负载", "Load held"), load.section(quick), not quick)
    _put("faults", LocalizedText("承受的故障", "Faults survived"), survived, not quick)
    _put("inputs", LocalizedText("试过的输入", "Inputs tried"), tried, not quick)
    ended = _attacked(quick, not quick)
    return broken or wrong or ended


def _attacked(quick: bool, written: bool, names: Sequence[str] = ()) -> bool:
    costs, ended = under_attack.section(quick, names)
    _put("attacks", LocalizedText("攻击下的正常网页", "Attacks beside an honest page"), costs, written)
    return ended


def _put(name: str, title: LocalizedText, body: LocalizedText, written: bool) -> None:
    print(f"{title.en}\n\n{body.en}\n")
    if written:
        machine = report.machine(PACKAGES)
        publish(name, title, LocalizedText(f"{body.zh}\n\n{machine}", f"{body.en}\n\n{machine}"))
