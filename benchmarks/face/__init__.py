"""Error rates and times of face detection, verification and liveness detection."""

from benchmarks.face.bench import main

__all__ = ["main"]
