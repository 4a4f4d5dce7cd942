"""One entropy pass over a JPEG, for a thumbnail and an index of its MCUs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imgcore.jpeg.layout import JpegLayout, header_length, parse_layout
from imgcore.jpeg.workspace import Workspace
from imgcore.kernels import jpeg_scan
from imgcore.types import Image


@dataclass(frozen=True, slots=True, eq=False)
class JpegScan:
    """Result of one pass over a frame; valid until its workspace is used again.

    Attributes
    ----------
    thumbnail
        uint8 grey ``(ceil(rows / 8), ceil(cols / 8))``: the mean of each luma block, the same
        to the bit as libjpeg's decoding at an eighth.
    intervals
        Number of restart intervals.
    complete
        True if all MCUs and the end marker were there. Cameras do send cut-off frames.
    """

    layout: JpegLayout
    thumbnail: Image
    intervals: int
    complete: bool
    workspace: Workspace
    frame: int


def scan_jpeg(data: bytes, workspace: Workspace) -> JpegScan:
    """Scan a JPEG once, without decoding it to pixels.

    Parameters
    ----------
    data
        A baseline JPEG. Bytes after EOI are ignored, missing Huffman tables are the
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
    start = header_length(data)
    layout = parse_layout(data[:start])
    intervals, ended = workspace.load(data, start, layout)
    thumbnail, read = _walked(layout, intervals, workspace)
    visible = thumbnail[: -(-layout.height // 8), : -(-layout.width // 8)]
    complete = ended and read == layout.count
    return JpegScan(layout, np.ascontiguousarray(visible), intervals, complete, workspace, workspace.frame)


def scan_top(data: bytes, share: float, workspace: Workspace) -> Image:
    """Scan the upper part of a JPEG's thumbnail, at that part of the cost.

    Parameters
    ----------
    share
        Share of the coded data that is read, 0..1.

    Returns
    -------
    Image
        As `JpegScan.thumbnail`, without the rows that were not read to their end; perhaps none.

    Raises
    ------
    UnusualJpeg
        It has to be worked on as pixels.
    """
    start = header_length(data)
    layout = parse_layout(data[:start])
    part = data[: start + round((len(data) - start) * share)]
    intervals, _ = workspace.load(part, start, layout)
    thumbnail, read = _walked(layout, intervals, workspace)
    rows = min(read // layout.mcus[0] * layout.components[0].v, -(-layout.height // 8))
    return np.ascontiguousarray(thumbnail[:rows, : -(-layout.width // 8)])


def _walked(layout: JpegLayout, intervals: int, workspace: Workspace) -> tuple[Image, int]:
    """Means of all luma blocks, grey where none were read, and the number of complete MCUs."""
    across, down = layout.mcus
    luma = layout.components[0]
    thumbnail = np.full((down * luma.v, across * luma.h), 128, np.uint8)
    ends = workspace.ends[:intervals]
    return thumbnail, jpeg_scan(workspace.clean, ends, layout, thumbnail, workspace.bits, workspace.dcs)
