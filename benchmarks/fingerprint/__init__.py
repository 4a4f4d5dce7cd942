"""How surely fingers are told apart, and how fast, beside NBIS."""

from benchmarks.fingerprint.bench import main

__all__ = ["main"]
