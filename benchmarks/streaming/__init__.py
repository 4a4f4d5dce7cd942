"""Preview streams: gaopai against the server that everybody writes first."""

from benchmarks.streaming.bench import main

__all__ = ["main"]
