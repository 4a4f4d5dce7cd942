"""What a page costs between the scanner's driver and the web page; see `bench`."""

from benchmarks.scanning.bench import main

__all__ = ["main"]
