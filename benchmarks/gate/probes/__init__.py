"""The probes of all stages, real pictures first.

Each module here has ``PROBES``. One that cannot be imported, as it may be against the picture core of another
commit, is left out and named.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from benchmarks.gate.probe import Probe

MODULES = (
    "desks",
    "outline",
    "detect",
    "preview",
    "films",
    "curve",
    "pairs",
    "pages",
    "words",
    "colour",
    "fingers",
    "holes",
    "ink",
    "skew",
    "text",
    "papers",
    "codes",
    "faces",
    "prints",
    "whole_pages",
    "time",
)
"""Modules of this package, in the order of the tables."""


def load_probes(modules: Sequence[str] = MODULES) -> tuple[list[Probe], dict[str, str]]:
    """Return the probes of some modules, and the reasons for which others could not be imported."""
    probes: list[Probe] = []
    missing: dict[str, str] = {}
    for name in modules:
        try:
            probes += importlib.import_module(f"{__name__}.{name}").PROBES
        except (ImportError, AttributeError) as exc:
            missing[name] = str(exc)
    return probes, missing
