"""A JPEG at a half, a quarter or an eighth of its size, decoded no further than that."""

from __future__ import annotations

import numpy as np

from imgcore.jpeg.layout import ZIGZAG, CutOffJpeg, header_length, parse_layout
from imgcore.jpeg.scan import scan_jpeg, visible
from imgcore.jpeg.workspace import Workspace, most_mcus
from imgcore.kernels import jpeg_reduce
from imgcore.types import Planes, Reduction

REDUCTIONS: tuple[Reduction, ...] = (1, 2, 4, 8)
"""Factors by which a JPEG can be reduced; 1 leaves its size."""


def reduce_jpeg(data: bytes, factor: Reduction, workspace: Workspace) -> Planes:
    """Decode a JPEG at a fraction of its size.

    Parameters
    ----------
    data
        A whole baseline JPEG.
    factor
        2, 4 or 8: the divisor of its width and height, rounded up.
    workspace
        Scratch memory, which is used anew.

    Returns
    -------
    tuple of uint8 arrays
        Luma, and blue and red difference, smaller by the subsampling; luma alone of a grey picture.

    Raises
    ------
    UnsupportedJpeg
        It has to be decoded as pixels; a `CutOffJpeg` is not whole.
    """
    if factor == 8:
        scan = scan_jpeg(data, workspace)
        if not scan.complete:
            raise CutOffJpeg("it is cut off")
        return scan.thumbnail, *scan.chroma
    start = header_length(data)
    layout = parse_layout(data[:start])
    intervals, ended = workspace.load(data, start, layout)
    if not ended or most_mcus(len(data) - start, layout) < layout.count:
        raise CutOffJpeg("it is cut off")
    across, down = layout.mcus
    side = 8 // factor
    planes = tuple(np.empty((down * c.v * side, across * c.h * side), np.uint8) for c in layout.components)
    read = jpeg_reduce(workspace.clean, workspace.ends[:intervals], layout, ZIGZAG, side, planes)
    if read < layout.count:
        raise CutOffJpeg("a code is broken")
    return tuple(visible(layout, number, plane, factor) for number, plane in enumerate(planes))
