"""Error rates and times of fingerprint matching, beside NBIS."""

from benchmarks.fingerprint.bench import main

__all__ = ["main"]
