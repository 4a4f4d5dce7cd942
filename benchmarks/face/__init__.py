"""Sets of faces, how pairs of them are judged, and the time that they take."""

from benchmarks.face.bench import main

__all__ = ["main"]
