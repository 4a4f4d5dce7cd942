"""Inner loops for which OpenCV has no function.

Each comes twice, of one name and signature: compiled (``_profile``) and in NumPy
(``profile``), which is the specification, the oracle of the tests and what runs where the
compiled one is missing. Callers import from here and never see the difference.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

_NAMES = (
    "agreement",
    "bent_sheet",
    "coherence",
    "frames",
    "jpeg_entropy",
    "jpeg_splice",
    "jpeg_turn",
    "pair_lookup",
    "profile",
    "ridge_growth",
    "ridge_response",
    "support",
    "votes",
)
COMPILED = all(find_spec(f"imgcore.kernels._{name}") for name in _NAMES)
"""Whether the compiled kernels are used."""

if TYPE_CHECKING or not COMPILED:
    from imgcore.kernels.agreement import agreement
    from imgcore.kernels.bent_sheet import bend_sheets
    from imgcore.kernels.coherence import structure_tensors
    from imgcore.kernels.frames import edge_across, edge_frames
    from imgcore.kernels.jpeg_entropy import jpeg_scan, jpeg_stuff, jpeg_unstuff
    from imgcore.kernels.jpeg_splice import jpeg_splice, jpeg_touch
    from imgcore.kernels.jpeg_turn import jpeg_turn
    from imgcore.kernels.pair_lookup import pair_lookup
    from imgcore.kernels.profile import profile_scores
    from imgcore.kernels.ridge_growth import grow_ridges
    from imgcore.kernels.ridge_response import filter_ridges
    from imgcore.kernels.support import edge_support
    from imgcore.kernels.votes import line_votes
else:
    # A module that is loaded later would take its function's place here: some have the same name.
    for _name in _NAMES:
        import_module(f"imgcore.kernels.{_name}")
    from imgcore.kernels._agreement import agreement
    from imgcore.kernels._bent_sheet import bend_sheets
    from imgcore.kernels._coherence import structure_tensors
    from imgcore.kernels._frames import edge_across, edge_frames
    from imgcore.kernels._jpeg_entropy import jpeg_scan, jpeg_stuff, jpeg_unstuff
    from imgcore.kernels._jpeg_splice import jpeg_splice, jpeg_touch
    from imgcore.kernels._jpeg_turn import jpeg_turn
    from imgcore.kernels._pair_lookup import pair_lookup
    from imgcore.kernels._profile import profile_scores
    from imgcore.kernels._ridge_growth import grow_ridges
    from imgcore.kernels._ridge_response import filter_ridges
    from imgcore.kernels._support import edge_support
    from imgcore.kernels._votes import line_votes

__all__ = [
    "COMPILED",
    "agreement",
    "bend_sheets",
    "edge_across",
    "edge_frames",
    "edge_support",
    "filter_ridges",
    "grow_ridges",
    "jpeg_scan",
    "jpeg_splice",
    "jpeg_stuff",
    "jpeg_touch",
    "jpeg_turn",
    "jpeg_unstuff",
    "line_votes",
    "pair_lookup",
    "profile_scores",
    "structure_tensors",
]
