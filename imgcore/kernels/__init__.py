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
    "mrf_binarization",
    "bar_columns",
    "bent_sheet",
    "bilinear",
    "cell_measures",
    "cubic_warp",
    "structure_tensor",
    "edge_quads",
    "jpeg_entropy",
    "jpeg_draw",
    "jpeg_reduce",
    "jpeg_rotate",
    "pair_lookup",
    "projection_profile",
    "relight",
    "ridge_growth",
    "ridge_response",
    "edge_support",
    "hough",
)
"""Names of all kernels; the compiled module of each has an underscore before its name."""
COMPILED = all(find_spec(f"imgcore.kernels._{name}") for name in _NAMES)
"""True if the compiled kernels are used."""

if TYPE_CHECKING or not COMPILED:
    from imgcore.kernels.bar_columns import detail_moments, gradient_moments, sample_columns
    from imgcore.kernels.bent_sheet import bend_sheets
    from imgcore.kernels.bilinear import sample_bilinear
    from imgcore.kernels.cell_measures import cell_greys, cell_rectangle, component_statistics
    from imgcore.kernels.cubic_warp import warp_cubic
    from imgcore.kernels.edge_quads import dividing_support, edge_quads
    from imgcore.kernels.edge_support import edge_support
    from imgcore.kernels.hough import hough_votes
    from imgcore.kernels.jpeg_draw import jpeg_draw, jpeg_mark
    from imgcore.kernels.jpeg_entropy import jpeg_scan, jpeg_stuff, jpeg_unstuff
    from imgcore.kernels.jpeg_reduce import jpeg_reduce
    from imgcore.kernels.jpeg_rotate import jpeg_rotate
    from imgcore.kernels.mrf_binarization import binarize_mrf, double_where_sharp
    from imgcore.kernels.pair_lookup import pair_lookup
    from imgcore.kernels.projection_profile import projection_scores
    from imgcore.kernels.relight import relight
    from imgcore.kernels.ridge_growth import grow_ridges
    from imgcore.kernels.ridge_response import filter_ridges
    from imgcore.kernels.structure_tensor import structure_tensors
else:
    # A module that is loaded later would take its function's place here: some have the same name.
    for _name in _NAMES:
        import_module(f"imgcore.kernels.{_name}")
    from imgcore.kernels._bar_columns import detail_moments, gradient_moments, sample_columns
    from imgcore.kernels._bent_sheet import bend_sheets
    from imgcore.kernels._bilinear import sample_bilinear
    from imgcore.kernels._cell_measures import cell_greys, cell_rectangle, component_statistics
    from imgcore.kernels._cubic_warp import warp_cubic
    from imgcore.kernels._edge_quads import dividing_support, edge_quads
    from imgcore.kernels._edge_support import edge_support
    from imgcore.kernels._hough import hough_votes
    from imgcore.kernels._jpeg_draw import jpeg_draw, jpeg_mark
    from imgcore.kernels._jpeg_entropy import jpeg_scan, jpeg_stuff, jpeg_unstuff
    from imgcore.kernels._jpeg_reduce import jpeg_reduce
    from imgcore.kernels._jpeg_rotate import jpeg_rotate
    from imgcore.kernels._mrf_binarization import binarize_mrf, double_where_sharp
    from imgcore.kernels._pair_lookup import pair_lookup
    from imgcore.kernels._projection_profile import projection_scores
    from imgcore.kernels._relight import relight
    from imgcore.kernels._ridge_growth import grow_ridges
    from imgcore.kernels._ridge_response import filter_ridges
    from imgcore.kernels._structure_tensor import structure_tensors

__all__ = [
    "COMPILED",
    "bend_sheets",
    "binarize_mrf",
    "cell_greys",
    "cell_rectangle",
    "component_statistics",
    "detail_moments",
    "dividing_support",
    "double_where_sharp",
    "edge_quads",
    "edge_support",
    "filter_ridges",
    "gradient_moments",
    "grow_ridges",
    "hough_votes",
    "jpeg_draw",
    "jpeg_mark",
    "jpeg_reduce",
    "jpeg_rotate",
    "jpeg_scan",
    "jpeg_stuff",
    "jpeg_unstuff",
    "pair_lookup",
    "projection_scores",
    "relight",
    "sample_bilinear",
    "sample_columns",
    "structure_tensors",
    "warp_cubic",
]
