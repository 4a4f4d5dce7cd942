"""JPEG in the compressed domain: read, drawn on and turned without decoding it to pixels."""

from imgcore.jpeg.layout import UnusualJpeg
from imgcore.jpeg.scan import Scan, scan_jpeg, scan_top
from imgcore.jpeg.splice import Pen, draw_lines, strokes_of
from imgcore.jpeg.turn import turn_jpeg
from imgcore.jpeg.workspace import Workspace

__all__ = [
    "Pen",
    "Scan",
    "UnusualJpeg",
    "Workspace",
    "draw_lines",
    "scan_jpeg",
    "scan_top",
    "strokes_of",
    "turn_jpeg",
]
