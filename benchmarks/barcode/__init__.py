"""Which codes are read, and how fast, beside the readers that pages use today."""

from benchmarks.barcode.bench import main

__all__ = ["main"]
