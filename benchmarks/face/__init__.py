"""How surely faces are found, told apart and judged for life, and how fast."""

from benchmarks.face.bench import main

__all__ = ["main"]
