"""Verdicts on made pages, against the errors of text recognition on them."""

from benchmarks.verdict.bench import main

__all__ = ["main"]
