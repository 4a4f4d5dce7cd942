"""Run benchmarks by name, or all: ``python -m benchmarks [NAME...] [--quick]``.

A benchmark is a module or package of this one with a ``main(arguments)`` that measures and
writes its section of ``docs/benchmarks.md``; options are handed to each. ``--quick`` alone takes three
minutes for all of them, and says what it left out; ``--help`` alone lists them.

Beside the benchmarks: ``gate`` measures a fixed choice and fails where a figure fell, ``compare A B`` shows
what a commit won and lost, ``list`` tells what is stale, ``page`` renders ``docs/benchmarks.md``.
``quality --only A,B`` is ``gate A B``.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
import sys
from collections.abc import Callable, Sequence

import benchmarks
from benchmarks import quick

Main = Callable[[Sequence[str]], int]


COMMANDS = {
    "gate": "benchmarks.gate.command",
    "compare": "benchmarks.gate.comparing",
    "list": "benchmarks.ledger.listing",
    "page": "benchmarks.ledger.rendering",
}
"""Commands over the ledger, by the module whose ``main`` does it."""


def benchmarks_here() -> dict[str, Main]:
    """All benchmarks there are, by name."""
    names = [found.name for found in pkgutil.iter_modules(benchmarks.__path__) if found.name != "__main__"]
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in names}
    return {name: module.main for name, module in modules.items() if hasattr(module, "main")}


def run(arguments: Sequence[str]) -> int:
    """Run what is named; the exit code is 1 if one of them failed."""
    if arguments[:1] == ["quality"]:
        arguments = ["gate", *_stages(arguments[1:])]
    if arguments and arguments[0] in COMMANDS:
        command: Main = importlib.import_module(COMMANDS[arguments[0]]).main
        return command(arguments[1:])
    known = benchmarks_here()
    wanted = list(itertools.takewhile(lambda argument: not argument.startswith("-"), arguments))
    if unknown := set(wanted) - set(known):
        print(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    options = arguments[len(wanted) :]
    if {"-h", "--help"} & set(options) and not wanted:
        print(__doc__, *map(_line, known), sep="\n")
        return 0
    if options == ["--quick"] and not wanted:
        return quick.run(list(known))
    codes = [known[name](options) for name in wanted or known]
    return int(any(codes))


def _stages(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of ``gate`` for those of ``quality``."""
    return [
        stage
        for argument in arguments
        if argument not in ("--only", "--quick")
        for stage in argument.removeprefix("--only=").split(",")
    ]


def _line(name: str) -> str:
    """Return a benchmark's name with the first sentence of its module."""
    says = inspect.getdoc(importlib.import_module(f"benchmarks.{name}")) or ""
    return f"  {name:<12}{says.partition(chr(10))[0]}"


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
