"""Benchmark of reading text."""

from benchmarks.text.bench import main

__all__ = ["main"]
