"""The capture station in Chromium: pictures a second, processor time, and the wait for a capture."""

from benchmarks.browser.bench import main

__all__ = ["main"]
