"""The probes of all stages, real pictures first.

Each module here has ``PROBES``. One that cannot be imported, as it may be against the picture core of another
commit, is left out and named.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from benchmarks.gate.probe import Probe
from lab.collected import KEPT

MODULES = (
    "desks",
    "outline",
    "formats",
    "detect",
    "preview",
    "films",
    "curve",
    "pairs",
    "pages",
    "words",
    "colour",
    "tints",
    "fingers",
    "holes",
    "ink",
    "show_through",
    "burst",
    "skew",
    "text",
    "papers",
    "forms",
    "codes",
    "faces",
    "prints",
    "whole_pages",
    "stamps",
    "small_files",
    "border",
    "proportions",
    "document_starts",
    "next_page",
    "verdict",
    "private_copies",
    "time",
)
"""Modules of this package, in the order of the tables."""
PEERS = ("peers.ink", "peers.skew", "peers.text", "peers.codes", "peers.curve")
"""Modules that judge other programs at the same stages."""


def standing_probes() -> list[Probe]:
    """Return the probes whose rows stand on the page: all but those of kept halves."""
    return [probe for probe in load_probes((*MODULES, *PEERS))[0] if probe.set not in KEPT]


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
