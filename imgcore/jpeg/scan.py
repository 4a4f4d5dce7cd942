"""One entropy pass over a JPEG, for a thumbnail and an index of its MCUs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imgcore.jpeg.layout import JpegLayout, header_length, parse_layout
from imgcore.jpeg.workspace import Workspace
from imgcore.kernels import jpeg_scan
from imgcore.types import Image, Planes


@dataclass(frozen=True, slots=True, eq=False)
class JpegScan:
    """Result of one pass over a frame; valid until its workspace is used again.

    Attributes
    ----------
    thumbnail
        uint8 grey ``(ceil(rows / 8), ceil(cols / 8))``: the mean of each luma block, the same
        to the bit as libjpeg's decoding at an eighth.
    chroma
        Blue and red difference likewise, smaller by the subsampling; empty for a grey picture.
    intervals
        Number of restart intervals.
    complete
        True if all MCUs and the end marker were there. Cameras do send cut-off frames.
    """

    layout: JpegLayout
    thumbnail: Image
    chroma: Planes
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
    planes, read = _walked(layout, intervals, workspace, 3 if len(layout.components) == 3 else 1)
    thumbnail, *chroma = (visible(layout, number, plane) for number, plane in enumerate(planes))
    complete = ended and read == layout.count
    return JpegScan(layout, thumbnail, tuple(chroma), intervals, complete, workspace, workspace.frame)


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
    (luma,), read = _walked(layout, intervals, workspace, 1)
    return np.ascontiguousarray(visible(layout, 0, luma)[: read // layout.mcus[0] * layout.components[0].v])


def _walked(layout: JpegLayout, intervals: int, workspace: Workspace, count: int) -> tuple[Planes, int]:
    """Means of the first components' blocks, 128 where none were read, and the number of complete MCUs."""
    across, down = layout.mcus
    planes = tuple(np.full((down * c.v, across * c.h), 128, np.uint8) for c in layout.components[:count])
    ends = workspace.ends[:intervals]
    return planes, jpeg_scan(workspace.clean, ends, layout, planes, workspace.bits, workspace.dcs)


def visible(layout: JpegLayout, number: int, plane: Image, factor: int = 8) -> Image:
    """Cut off what only fills the last MCUs of a component's plane, which is smaller by `factor`."""
    width, height = (size // 8 * factor for size in layout.mcu)
    component = layout.components[number]
    rows = -(-layout.height * component.v // height)
    cols = -(-layout.width * component.h // width)
    return np.ascontiguousarray(plane[:rows, :cols])
