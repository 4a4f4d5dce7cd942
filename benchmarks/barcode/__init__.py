"""Barcode reading rates and times, beside the readers that pages use today."""

from benchmarks.barcode.bench import main

__all__ = ["main"]
