"""Time of a page between the scanner's driver and the web page; see `bench`."""

from benchmarks.scanning.bench import main

__all__ = ["main"]
