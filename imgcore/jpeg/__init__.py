"""JPEG in the compressed domain: indexed, drawn on and rotated without decoding it to pixels."""

from imgcore.jpeg.drawing import Pen, draw_lines, strokes_of
from imgcore.jpeg.layout import UnsupportedJpeg
from imgcore.jpeg.rotation import rotate_jpeg
from imgcore.jpeg.scan import JpegScan, scan_jpeg, scan_top
from imgcore.jpeg.workspace import Workspace

__all__ = [
    "JpegScan",
    "Pen",
    "UnsupportedJpeg",
    "Workspace",
    "draw_lines",
    "rotate_jpeg",
    "scan_jpeg",
    "scan_top",
    "strokes_of",
]
