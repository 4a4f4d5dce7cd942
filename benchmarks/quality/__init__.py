"""Quality of the image core, stage by stage: ``python -m benchmarks quality [--only NAME] [--quick]``.

Each module here with a ``main(arguments)`` measures one stage of the image core and writes its
own section of ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence

STAGES = (
    *("desks", "desk_memory", "real_pages", "outline", "preview", "whole_pages", "scans", "several"),
    *("proportions", "deskew", "upright", "curve", "two_photographs"),
    *("fingers", "holes", "show_through", "border", "document_starts"),
    *("binarize", "colour", "stamps", "receipts", "shutter", "burst"),
    "auto_capture",
    *("documents", "private_copy"),
)


def main(arguments: Sequence[str]) -> int:
    """Measure all stages, or one; the exit code is 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="quality", description="Quality of the image core.")
    parser.add_argument("--only", choices=STAGES)
    options, rest = parser.parse_known_args(arguments)
    names = [options.only] if options.only else STAGES
    # Loaded here, so that listing the benchmarks does not load the image core; all run, though one fails.
    codes = [importlib.import_module(f"{__name__}.{name}").main(rest) for name in names]
    return int(any(codes))
