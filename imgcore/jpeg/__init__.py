"""JPEG in the compressed domain: indexed, drawn on, rotated and reduced without decoding it whole."""

from imgcore.jpeg.drawing import Pen, draw_lines, strokes_of
from imgcore.jpeg.layout import CutOffJpeg, UnsupportedJpeg
from imgcore.jpeg.reduction import REDUCTIONS, reduce_jpeg
from imgcore.jpeg.rotation import rotate_jpeg
from imgcore.jpeg.scan import JpegScan, scan_jpeg, scan_top
from imgcore.jpeg.workspace import Workspace

__all__ = [
    "REDUCTIONS",
    "CutOffJpeg",
    "JpegScan",
    "Pen",
    "UnsupportedJpeg",
    "Workspace",
    "draw_lines",
    "reduce_jpeg",
    "rotate_jpeg",
    "scan_jpeg",
    "scan_top",
    "strokes_of",
]
