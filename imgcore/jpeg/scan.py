"""One entropy pass over a JPEG: a thumbnail, and where every MCU is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imgcore.jpeg.layout import Layout, split, understand
from imgcore.jpeg.workspace import Workspace
from imgcore.kernels import jpeg_scan
from imgcore.types import Image


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """What one pass over a frame found out; valid until its workspace is used again.

    Attributes
    ----------
    thumbnail
        uint8 grey ``(ceil(rows / 8), ceil(cols / 8))``: the mean of each luma block, the same
        to the bit as libjpeg's decoding at an eighth.
    intervals
        How many restart intervals there are.
    complete
        Whether all MCUs and the end marker were there. Cameras do send cut-off frames.
    """

    layout: Layout
    thumbnail: Image
    intervals: int
    complete: bool
    workspace: Workspace
    frame: int


def scan_jpeg(data: bytes, workspace: Workspace) -> Scan:
    """Pass over a JPEG once, without decoding it to pixels.

    Parameters
    ----------
    data
        A baseline JPEG. Bytes after EOI are passed over, missing Huffman tables are the
        standard ones.

    Raises
    ------
    UnusualJpeg
        It has to be worked on as pixels.

    Notes
    -----
    Where a code is broken or data are missing, the thumbnail is grey from there on and
    `complete` is false.
    """
    start = split(data)
    layout = understand(data[:start])
    intervals, ended = workspace.load(data, start, layout)
    thumbnail, read = _walked(layout, intervals, workspace)
    visible = thumbnail[: -(-layout.height // 8), : -(-layout.width // 8)]
    complete = ended and read == layout.count
    return Scan(layout, np.ascontiguousarray(visible), intervals, complete, workspace, workspace.frame)


def scan_top(data: bytes, share: float, workspace: Workspace) -> Image:
    """The upper part of a JPEG's thumbnail, at that part of the cost.

    Parameters
    ----------
    share
        How much of the coded data is read, 0..1.

    Returns
    -------
    Image
        As `Scan.thumbnail`, without the rows that were not read to their end; perhaps none.

    Raises
    ------
    UnusualJpeg
        It has to be worked on as pixels.
    """
    start = split(data)
    layout = understand(data[:start])
    part = data[: start + round((len(data) - start) * share)]
    intervals, _ = workspace.load(part, start, layout)
    thumbnail, read = _walked(layout, intervals, workspace)
    rows = min(read // layout.mcus[0] * layout.components[0].v, -(-layout.height // 8))
    return np.ascontiguousarray(thumbnail[:rows, : -(-layout.width // 8)])


def _walked(layout: Layout, intervals: int, workspace: Workspace) -> tuple[Image, int]:
    """The means of all luma blocks, grey where none were read, and how many MCUs were whole."""
    across, down = layout.mcus
    luma = layout.components[0]
    thumbnail = np.full((down * luma.v, across * luma.h), 128, np.uint8)
    ends = workspace.ends[:intervals]
    return thumbnail, jpeg_scan(workspace.clean, ends, layout, thumbnail, workspace.bits, workspace.dcs)
